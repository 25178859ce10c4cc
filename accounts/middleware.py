"""Pages speak the language of who is logged in, and tell the time by that person's clock."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts import languages

GetResponse = Callable[[HttpRequest], HttpResponse]


class ReaderMiddleware:
    """Stands behind the login. The API knows who asks only later: see `accounts.api.authentication`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/") or not request.user.is_authenticated:
            return self.get_response(request)
        languages.speak_to(request.user)
        response = self.get_response(request)
        if request.user.is_authenticated:
            _remember(request, response)
        return response


def _remember(request: HttpRequest, response: HttpResponse) -> None:
    """Let the login page be in this language too when the session is over."""
    language = request.user.language
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != language:
        set_cookie(response, language)
    if languages.CHOSEN_COOKIE in request.COOKIES:
        response.delete_cookie(languages.CHOSEN_COOKIE, samesite="Lax")


def set_cookie(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        secure=settings.SESSION_COOKIE_SECURE,
    )
