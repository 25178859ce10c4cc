from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("api/", include("ipms.api.urls")),
    path("api/auth/", include("accounts.api.urls")),
    path("api/", include("accounts.api.audit_urls")),
    path("api/", include("accounts.api.notification_urls")),
    path("api/inventory/", include("inventory.api.urls")),
    path("api/", include("suppliers.api.urls")),
    path("api/", include("procurement.api.urls")),
    path("api/", include("reporting.api.urls")),
    path("", include("ipms.api.health_urls")),
    path("admin/", admin.site.urls),
]
