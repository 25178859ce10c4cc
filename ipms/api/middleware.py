"""What holds for every request, whether it reaches a view of the API or not."""

import io
import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ipms.api import envelope, exceptions

_SANE_ID = re.compile(r"[A-Za-z0-9._:@/+=-]{1,128}", re.ASCII)
_MAY_HAVE_A_BODY = {"POST", "PUT", "PATCH", "DELETE"}
#: Headers that speak of the body; the others keep their meaning when the body of an error is replaced.
_OF_THE_BODY = {"content-type", "content-length", "content-encoding", "etag"}

#: How much of a body that is too large is read before the connection is given up: 64 MiB.
_CHUNK_BYTES, _DRAINED_CHUNKS = 1024 * 1024, 64

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Give each request a name that its answer, the audit trail and the logs share."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "")
        request.request_id = sent if _SANE_ID.fullmatch(sent) else str(uuid.uuid4())
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id
        return response


class ApiEnvelopeMiddleware:
    """Let everything under /api answer as the API does, whoever made the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_api(request):
            return self.get_response(request)
        if refusal := _refusal(request) or _take_in_body(request):
            return envelope.failure_response(refusal)
        if request.path_info.endswith("/"):
            request.path_info = request.path_info[:-1]
            request.path = request.path[:-1]
        response = self.get_response(request)
        if response.status_code >= 400 and not response.get("Content-Type", "").startswith(
            "application/json"
        ):
            kept = {name: value for name, value in response.items() if name.lower() not in _OF_THE_BODY}
            return envelope.failure_response(exceptions.by_status(response.status_code, headers=kept))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what a view did not; the unforeseen goes on to Django, which logs it."""
        if not _is_api(request):
            return None
        refusal = exceptions.describe(exception)
        return refusal and envelope.failure_response(refusal)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info == "/api" or request.path_info.startswith("/api/")


def _drain(request: HttpRequest) -> None:
    """Read and forget a body that is too large: a client that still sends would not see our answer."""
    for _chunk in range(_DRAINED_CHUNKS):
        if not request.read(_CHUNK_BYTES):
            return


def _refusal(request: HttpRequest) -> exceptions.Refusal | None:
    """Refuse, before anything is read, what no view could take."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_BODY_BYTES:
        _drain(request)
        return exceptions.by_status(413)
    if "%00" in request.META.get("QUERY_STRING", ""):
        message = _("The address contains a character that cannot be meant.")
        return exceptions.Refusal(status=400, code="VALIDATION_ERROR", message=message)
    return None


def _take_in_body(request: HttpRequest) -> exceptions.Refusal | None:
    """Read a body that comes without its length (chunked), which Django would take for an empty one."""
    if request.META.get("CONTENT_LENGTH") or request.method not in _MAY_HAVE_A_BODY:
        return None
    if not request.META.get("wsgi.input_terminated"):
        is_chunked = "Transfer-Encoding" in request.headers
        message = _("Send the body with its Content-Length.")
        return exceptions.by_status(400, message=message) if is_chunked else None
    body = request.META["wsgi.input"].read(settings.MAX_BODY_BYTES + 1)
    if len(body) > settings.MAX_BODY_BYTES:
        return exceptions.by_status(413)
    request.META["CONTENT_LENGTH"] = str(len(body))
    request._stream = io.BytesIO(body)
    return None
