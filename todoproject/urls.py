from django.contrib import admin
from django.urls import path

from . import health
from .api import api

urlpatterns = [
    path("livez", health.livez),
    path("api/v1/", api.urls),
    path("health", health.health),
    path("health/db", health.health_db),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
]
