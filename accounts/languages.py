"""In which language, and by which clock, a person is spoken to."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from accounts.models import User

#: Says for some minutes that a stranger chose a language; who logs in with it keeps it.
CHOSEN_COOKIE = "ipms_language_chosen"
CHOSEN_SECONDS = 600


def speak_to(user: User) -> None:
    """Let the rest of the request be in the user's language and by the user's clock."""
    translation.activate(user.language)
    timezone.activate(user.timezone)


def answer(user: User, request: HttpRequest) -> None:
    """Let the sentences of an answer of the API be in the language that its client asks for, else the user's.

    Only the client knows in which language its own screens are. Its dates and times are nobody's: UTC.
    """
    translation.activate(_asked_for(request) or user.language)


def remember(user: User, request: HttpRequest, response: HttpResponse) -> None:
    """Let the login page be in the user's language too when the session is over."""
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != user.language:
        put_cookie(response, user.language)
    if CHOSEN_COOKIE in request.COOKIES:
        response.delete_cookie(CHOSEN_COOKIE, samesite="Lax")


def put_cookie(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def is_known(language: str) -> bool:
    return language in dict(settings.LANGUAGES)


def keep(user: User, language: str) -> None:
    """Let `language` be the user's from now on; one that we do not speak changes nothing."""
    if is_known(language) and language != user.language:
        user.language = language
        user.save(update_fields=["language"])


def _asked_for(request: HttpRequest) -> str | None:
    for code, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code == "*":
            break
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return None
