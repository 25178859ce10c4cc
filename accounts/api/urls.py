from django.urls import path, re_path

from accounts.api import views

_list = {"get": "list"}
_detail = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("login", views.LoginView.as_view(), name="login"),
    path("refresh", views.RefreshView.as_view(), name="refresh"),
    path("logout", views.LogoutView.as_view(), name="logout"),
    path("me", views.MeView.as_view(), name="me"),
    path("profile", views.ProfileView.as_view(), name="profile"),
    path("change-password", views.ChangePasswordView.as_view(), name="change-password"),
    path("register", views.UserViewSet.as_view({"post": "create"}), name="register"),
    path("users", views.UserViewSet.as_view(_list), name="user-list"),
    re_path(r"^users/(?P<pk>[0-9]+)$", views.UserViewSet.as_view(_detail), name="user-detail"),
]
