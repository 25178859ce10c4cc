"""Sessions, one's own profile, and the administration of users."""

from typing import Any, ClassVar

from django.contrib.auth.models import Group, Permission
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_view

from accounts import sessions, users
from accounts.api import examples, serializers
from accounts.api.authentication import TokenAuthentication
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
    documented_errors: ClassVar = {"401": "InvalidCredentials", "423": "AccountLocked"}

    @extend_schema(
        request=serializers.LoginSerializer, responses=serializers.TokensSerializer, examples=examples.LOGIN
    )
    def post(self, request):
        """Log in.

        After too many failures with one email address from one network address both are refused together for
        a while (423); the right password does not open it meanwhile.
        """
        try:
            tokens = sessions.login(request._request, **self.command(serializers.LoginSerializer))
        except (InvalidCredentials, AccountLocked) as error:
            return self.refused(error)  # the failure counts: it must not be rolled back
        return self.done(_("Logged in."), _shown(tokens), headers=_PRIVATE)


class RefreshView(ApiView):
    authentication_classes = ()
    permission_classes = ()
    documented_errors: ClassVar = {"401": "TokenInvalid"}

    @extend_schema(
        request=serializers.TokenSerializer, responses=serializers.TokensSerializer, examples=examples.REFRESH
    )
    def post(self, request):
        """Continue a session.

        A refresh token works once. When a used one comes back, every token of that login dies.
        """
        try:
            tokens = sessions.refresh(self.command(serializers.TokenSerializer)["refresh"])
        except TokenInvalid as error:
            return self.refused(error)  # the end of a family must not be rolled back
        return self.done(_("Session continued."), _shown(tokens), headers=_PRIVATE)


class LogoutView(ApiView):
    def get_authenticators(self):
        # So that a logout whose answer was lost can be sent again.
        return [TokenAuthentication(even_logged_out=True)]

    @extend_schema(request=serializers.TokenSerializer, responses={200: None}, examples=examples.LOGOUT)
    def post(self, request):
        """Log out: every token of this login dies."""
        token = self.command(serializers.TokenSerializer)["refresh"]
        sessions.logout(request._request, by=request.user, token=token)
        return self.done(_("Logged out."))


class MeView(ApiView):
    @extend_schema(responses=serializers.UserSerializer, examples=examples.ME)
    def get(self, request):
        """Read who you are and what you may do."""
        return self.done(_("OK"), serializers.UserSerializer(request.user).data)


class ProfileView(ApiView):
    @extend_schema(
        request=serializers.ProfileSerializer(partial=True),
        responses=serializers.UserSerializer,
        examples=examples.PROFILE,
    )
    def put(self, request):
        """Change your own profile."""
        fields = self.command(
            serializers.ProfileSerializer,
            instance=request.user,
            partial=True,
            ignored_fields=serializers.UserSerializer().fields,
        )
        users.update_profile(request.user, **fields)
        return self.done(_("Profile saved."), serializers.UserSerializer(request.user).data)

    @extend_schema(
        request=serializers.ProfileSerializer(partial=True),
        responses=serializers.UserSerializer,
        examples=examples.PROFILE,
    )
    def patch(self, request):
        """Change your own profile."""
        return self.put(request)


class ChangePasswordView(ApiView):
    @extend_schema(
        request=serializers.ChangePasswordSerializer,
        responses=serializers.TokensSerializer,
        examples=examples.CHANGE_PASSWORD,
    )
    def post(self, request):
        """Change your password.

        Every older token of yours is dead afterwards; the answer gives new ones.
        """
        users.change_password(request.user, **self.command(serializers.ChangePasswordSerializer))
        # Every older token is dead: this device goes on with new ones.
        message = _("Password changed; other devices have to log in again.")
        return self.done(message, _shown(sessions.start(request.user)), headers=_PRIVATE)


@extend_schema_view(
    list=extend_schema(examples=examples.USER),
    retrieve=extend_schema(examples=examples.USER),
    create=extend_schema(examples=examples.REGISTER),
    update=extend_schema(examples=examples.CHANGE_USER),
    partial_update=extend_schema(examples=examples.CHANGE_USER),
)
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

    @extend_schema(responses={200: serializers.UserSerializer}, examples=examples.DEACTIVATE)
    def destroy(self, request, *args, **kwargs):
        """Deactivate a user: the row stays, every token is dead."""
        user = self.get_object()
        users.deactivate(user, by=request.user)
        return self.done(self.deleted_message, user)
