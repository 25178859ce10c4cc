"""Sessions, one's own profile, and the administration of users."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import sessions, users
from accounts.api import serializers
from accounts.api.authentication import LogoutAuthentication
from accounts.api.filters import UserFilter
from accounts.errors import AccountLocked, InvalidCredentials, TokenInvalid
from accounts.models import User
from ipms.api.throttling import AnonymousThrottle, LoginThrottle
from ipms.api.views import ApiView, Changes, Creates, Deletes

_PRIVATE = {"Cache-Control": "no-store"}


def _with_permissions() -> Any:
    permissions = Permission.objects.select_related("content_type")
    groups = Group.objects.prefetch_related(Prefetch("permissions", permissions))
    return User.objects.prefetch_related(
        Prefetch("user_permissions", permissions), Prefetch("groups", groups)
    )


def _shown(tokens: sessions.Tokens) -> dict[str, Any]:
    return {
        "access": tokens.access,
        "refresh": tokens.refresh,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "user": serializers.UserSerializer(tokens.user).data,
    }


class LoginView(ApiView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (LoginThrottle, AnonymousThrottle)

    def post(self, request):
        try:
            tokens = sessions.login(request._request, **self.command(serializers.LoginSerializer))
        except (InvalidCredentials, AccountLocked) as error:
            return self.refused(error)  # the failure counts: it must not be rolled back
        return self.done(_("Logged in."), _shown(tokens), headers=_PRIVATE)


class RefreshView(ApiView):
    authentication_classes = ()
    permission_classes = ()

    def post(self, request):
        try:
            tokens = sessions.refresh(self.command(serializers.TokenSerializer)["refresh"])
        except TokenInvalid as error:
            return self.refused(error)  # the end of a family must not be rolled back
        return self.done(_("Session continued."), _shown(tokens), headers=_PRIVATE)


class LogoutView(ApiView):
    authentication_classes = (LogoutAuthentication,)

    def post(self, request):
        token = self.command(serializers.TokenSerializer)["refresh"]
        sessions.logout(request._request, by=request.user, token=token)
        return self.done(_("Logged out."))


class MeView(ApiView):
    def get(self, request):
        return self.done(_("OK"), serializers.UserSerializer(request.user).data)


class ProfileView(ApiView):
    def put(self, request):
        fields = self.command(
            serializers.ProfileSerializer,
            instance=request.user,
            partial=True,
            ignored_fields=serializers.UserSerializer().fields,
        )
        users.update_profile(request.user, **fields)
        return self.done(_("Profile saved."), serializers.UserSerializer(request.user).data)

    def patch(self, request):
        return self.put(request)


class ChangePasswordView(ApiView):
    def post(self, request):
        users.change_password(request.user, **self.command(serializers.ChangePasswordSerializer))
        # Every older token is dead: this device goes on with new ones.
        message = _("Password changed; other devices have to log in again.")
        return self.done(message, _shown(sessions.start(request.user)), headers=_PRIVATE)


class UserViewSet(Creates, Changes, Deletes):
    queryset = _with_permissions()
    serializer_class = serializers.UserSerializer
    create_serializer_class = serializers.RegisterSerializer
    change_serializer_class = serializers.ChangeUserSerializer
    filterset_class = UserFilter
    search_fields = ("username", "email", "first_name", "last_name")
    ordering_fields = (
        "id",
        "username",
        "email",
        "first_name",
        "last_name",
        "role",
        "last_login",
        "created_at",
    )
    created_message = gettext_lazy("User created.")
    changed_message = gettext_lazy("User changed.")
    deleted_message = gettext_lazy("User deactivated.")

    def lock(self, pk):
        users.lock(pk)

    def make(self, **fields):
        return users.register(**fields)

    def change(self, record, **fields):
        users.change(record, by=self.request.user, **fields)

    def destroy(self, request, *args, **kwargs):
        user = self.get_object()
        users.deactivate(user, by=request.user)
        return self.done(self.deleted_message, user)
