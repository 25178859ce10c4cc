"""Pages speak the language of who is logged in, and tell the time by that person's clock."""

from collections.abc import Callable

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
            languages.remember(request.user, request, response)
        return response
