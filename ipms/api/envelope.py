"""The shape of every answer: what went well, what did not, and when."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from rest_framework.renderers import JSONRenderer

from ipms.api.exceptions import Refusal


def timestamp() -> str:
    """Return this moment as the API writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def success(message: str, data: Any) -> dict[str, Any]:
    return {"message": message, "data": data, "timestamp": timestamp()}


def failure(refusal: Refusal) -> dict[str, Any]:
    answer = {"error": refusal.message, "code": refusal.code, "timestamp": timestamp()}
    if refusal.details:
        answer["details"] = refusal.details
    return answer


def failure_response(refusal: Refusal) -> HttpResponse:
    """Return the answer to a request that reached no view of the API."""
    return json_response(failure(refusal), status=refusal.status, headers=refusal.headers)


def json_response(body: Any, *, status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(
        JSONRenderer().render(body), status=status, headers=headers, content_type="application/json"
    )
