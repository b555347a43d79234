from django.apps import AppConfig


class TodoProjectConfig(AppConfig):
    name = "todoproject"
