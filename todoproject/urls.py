from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from .api import api
from .monitoring import views
from .rest.problems import no_such_address

urlpatterns = [
    path("livez", views.livez),
    path("api/v1/", api.urls),
    path("api/<path:rest>", no_such_address),
    path("health", views.health, name="health"),
    path("health/db", views.health_db),
    path("readyz", views.readyz),
    path("admin/", admin.site.urls),
    # What people type: nothing else is redirected, since a redirect turns a client's POST into a GET
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("", RedirectView.as_view(pattern_name="api-1.0.0:openapi-view")),
]

handler400 = "todoproject.pages.bad_request"
handler403 = "todoproject.pages.permission_denied"
handler404 = "todoproject.pages.page_not_found"
handler500 = "todoproject.pages.server_error"
