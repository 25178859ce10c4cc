from django.urls import include, path

urlpatterns = [
    path("api/", include("ipms.api.urls")),
    path("api/auth/", include("accounts.api.urls")),
    path("", include("ipms.api.health_urls")),
]
