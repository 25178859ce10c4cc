"""Middleware that knows nothing of the API: what each request cost, who is asking, probes."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware import gzip
from django.middleware.locale import LocaleMiddleware
from django.urls import resolve
from django.utils import timezone
from django.utils.functional import LazyObject, empty

from ipms import context, logs, metrics, queries

access = logging.getLogger("ipms.access")

GetResponse = Callable[[HttpRequest], HttpResponse]
#: Asked by what does not know the site's name: a container's health check, a scraper by address.
_PROBES = {"/healthz", "/readyz", "/metrics"}
#: How the types of what is compressed already begin.
_COMPRESSED = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.",
    "application/zip",
    "application/gzip",
    "font/woff",
    "image/jpeg",
    "image/png",
)


class WatchMiddleware:
    """Write a line for each request and count it. Stands first, right after the request's id."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        seen = _Seen(request)
        with logs.about(request_id=seen.request_id), queries.counted(seen.tally):
            response: HttpResponseBase = self.get_response(request)
            if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
                response.streaming_content = seen.streamed(response, response.streaming_content)
            else:
                seen.answered(response, sent=_length(response))
        return response


class _Seen:
    """One request while it runs."""

    def __init__(self, request: HttpRequest) -> None:
        self.tally = queries.Tally()
        self.request_id: str = getattr(request, "request_id", "")
        self._request = request
        self._began = time.perf_counter()
        self._method = request.method
        # Later middleware may change what it reads of the address.
        self._path = request.path
        self._address = context.client_ip(request)

    def streamed(self, response: HttpResponseBase, content: Any) -> Iterator[bytes]:
        """Hand a stream on; what it costs while it is read counts too."""
        sent = 0
        chunks = iter(content)
        try:
            while True:
                # Between two chunks this thread may serve somebody else.
                with logs.about(request_id=self.request_id), queries.counted(self.tally):
                    chunk = next(chunks, None)
                if chunk is None:
                    break
                sent += len(chunk)
                yield chunk
        finally:
            with logs.about(request_id=self.request_id):
                self.answered(response, sent=sent)

    def answered(self, response: HttpResponseBase, *, sent: int) -> None:
        """Tell of the request, now that its answer is known."""
        seconds = time.perf_counter() - self._began
        metrics.count_request(
            self._request,
            response.status_code,
            seconds=seconds,
            queries=self.tally.count,
            database_seconds=self.tally.seconds,
        )
        access.info(
            "%s %s %d",
            self._method,
            self._path,
            response.status_code,
            extra={
                "method": self._method,
                "path": self._path,
                "status": response.status_code,
                "user": _user(self._request),
                "ms": round(seconds * 1000, 1),
                "queries": self.tally.count,
                "database_ms": round(self.tally.seconds * 1000, 1),
                "bytes": sent,
                "address": self._address,
            },
        )


class ProbeMiddleware:
    """Answer probes whatever name or address they used, and without sending them to HTTPS."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in _PROBES:
            return self.get_response(request)
        request.resolver_match = match = resolve(request.path_info, getattr(request, "urlconf", None))
        return match.func(request)


class ForwardedMiddleware:
    """Believe that a request came by HTTPS only where a trusted proxy says so."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        header, _value = settings.SECURE_PROXY_SSL_HEADER or ("", "")
        if header in request.META and not context.is_trusted(request.META.get("REMOTE_ADDR", "")):
            del request.META[header]
        return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """Begin in the language that the browser asks for and by the site's clock; who asks is known later.

    Stands before everything that may refuse a request in a sentence.
    """

    def process_request(self, request: HttpRequest) -> None:
        # This thread may have served somebody with a clock of their own before.
        timezone.deactivate()
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        # A file is the same in each language, and caches shall know.
        if request.path_info.startswith(settings.STATIC_URL):
            return response
        return super().process_response(request, response)


class GZipMiddleware(gzip.GZipMiddleware):
    """Compress what is not compressed yet: a workbook would only lose its length, and time."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.get("Content-Type", "").partition(";")[0]
        if kind.startswith(_COMPRESSED):
            return response
        return super().process_response(request, response)


class RequestContextMiddleware:
    """Keep the actor, address, user agent and request id of the running request at hand."""

    def __init__(self, get_response: GetResponse) -> None:
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


def _user(request: HttpRequest) -> Any:
    """Return the key of who asked, if anybody wanted to know: a log line is worth no query."""
    user = vars(request).get("user")
    if isinstance(user, LazyObject) and user._wrapped is empty:
        return None
    return getattr(user, "pk", None)


def _length(response: HttpResponseBase) -> int:
    if declared := response.get("Content-Length"):
        return int(declared)
    return len(response.content) if isinstance(response, HttpResponse) else 0
