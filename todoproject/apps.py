from django.apps import AppConfig
from django.contrib.admin import apps as admin


class TodoProjectConfig(AppConfig):
    name = "todoproject"
    default = True


class AdminConfig(admin.AdminConfig):
    default = False
    default_site = "todoproject.admin.site.Site"
