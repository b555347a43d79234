from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from .api import api
from .monitoring import health

urlpatterns = [
    path("livez", health.livez),
    path("api/v1/", api.urls),
    path("health", health.health),
    path("health/db", health.health_db),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
    # What people type: nothing else is redirected, since a redirect turns a client's POST into a GET
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("", RedirectView.as_view(url="/api/v1/docs")),
]
