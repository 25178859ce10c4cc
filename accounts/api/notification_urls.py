from django.urls import path

from accounts.api.notifications import NotificationViewSet, PreferencesView
from ipms.api.routers import Router

router = Router()
router.register("notifications", NotificationViewSet, basename="notification")

urlpatterns = [
    path("notifications/preferences", PreferencesView.as_view(), name="notification-preferences"),
    *router.urls,
]
