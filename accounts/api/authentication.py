"""Who asks, by the Bearer token of the request."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts import languages, sessions
from accounts.errors import TokenInvalid
from ipms.api.exceptions import CHALLENGE


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; no cookie and no session ever counts here.

    With `even_logged_out` a token serves although its session was ended by its owner.
    """

    def __init__(self, *, even_logged_out: bool = False) -> None:
        self.even_logged_out = even_logged_out

    def authenticate(self, request):
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            user = sessions.user_of(token.strip(), even_logged_out=self.even_logged_out)
        except TokenInvalid as error:
            raise AuthenticationFailed(_("The access token is expired or not valid.")) from error
        languages.answer(user, request)
        return user, token

    def authenticate_header(self, request):
        return CHALLENGE


class TokenScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names these tokens."""

    target_class = TokenAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
