"""Who asks, by the Bearer token of the request."""

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts import sessions
from accounts.errors import TokenInvalid
from ipms.api.exceptions import CHALLENGE


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; no cookie and no session ever counts here."""

    even_logged_out = False

    def authenticate(self, request):
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            return sessions.user_of(token.strip(), even_logged_out=self.even_logged_out), token
        except TokenInvalid as error:
            raise AuthenticationFailed(_("The access token is expired or not valid.")) from error

    def authenticate_header(self, request):
        return CHALLENGE


class LogoutAuthentication(TokenAuthentication):
    """Knows the user after the logout too, so that a logout whose answer was lost can be sent again."""

    even_logged_out = True
