"""Middleware that knows nothing of the API: who is asking."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from ipms import context


class RequestContextMiddleware:
    """Keep the actor, address, user agent and request id of the running request at hand."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        current = context.RequestContext(
            # The API sets `request.user` once it has read the token, later than this line.
            actor=lambda: getattr(request, "user", None),
            ip_address=context.client_ip(request),
            user_agent=request.headers.get("User-Agent", "")[:400],
            request_id=getattr(request, "request_id", ""),
        )
        with context.use(current):
            return self.get_response(request)
