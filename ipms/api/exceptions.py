"""Which status and code a refusal has. Nothing else knows the HTTP statuses of the domain's codes."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as drf
from rest_framework.response import Response

from ipms.api import constraints
from ipms.errors import DomainError

logger = logging.getLogger(__name__)

#: Statuses of the domain's codes; a refusal without a line here is a conflict.
STATUSES = {
    "VALIDATION_ERROR": 400,
    "TOKEN_INVALID": 401,
    "INVALID_CREDENTIALS": 401,
    "PERMISSION_DENIED": 403,
    "SELF_APPROVAL": 403,
    "APPROVAL_LIMIT": 403,
    "NOT_FOUND": 404,
    "PRECONDITION_FAILED": 412,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "ACCOUNT_LOCKED": 423,
}
_CONFLICT = 409
#: What a 401 says about how to log in.
CHALLENGE = 'Bearer realm="api"'

#: Codes and sentences where only the status is known.
BY_STATUS = {
    400: ("PARSE_ERROR", _("The request is malformed.")),
    401: ("NOT_AUTHENTICATED", _("Please log in.")),
    403: ("PERMISSION_DENIED", _("You do not have permission to do this.")),
    404: ("NOT_FOUND", _("There is nothing at this address.")),
    405: ("METHOD_NOT_ALLOWED", _("This method is not allowed here.")),
    406: ("NOT_ACCEPTABLE", _("The answer exists as application/json only.")),
    412: ("PRECONDITION_FAILED", _("The record has changed since you read it: read it again.")),
    413: ("PAYLOAD_TOO_LARGE", _("The request is too large.")),
    415: ("UNSUPPORTED_MEDIA_TYPE", _("Send the body as application/json.")),
    429: ("RATE_LIMITED", _("Too many requests: try again later.")),
    500: ("SERVER_ERROR", _("Something went wrong on our side; it has been logged.")),
    503: ("UNAVAILABLE", _("The service is not available at the moment: try again shortly.")),
}
_CORRECT_WHAT_IS_MARKED = _("Please correct what is marked.")
_OUT_OF_RANGE = _("A value is out of the range that can be stored.")
_IN_USE = _("Other records depend on this one.")

#: What a handler may raise to refuse a request for good: a retry would be refused for the same reason.
REFUSALS = (
    DomainError,
    drf.ValidationError,
    drf.ParseError,
    drf.PermissionDenied,
    drf.NotFound,
    drf.MethodNotAllowed,
    drf.UnsupportedMediaType,
    ValidationError,
    PermissionDenied,
    Http404,
    SuspiciousOperation,
    IntegrityError,
    DataError,
)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    status: int
    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class PreconditionFailed(DomainError):
    """The `If-Match` of a request no longer holds."""

    code: ClassVar[str] = "PRECONDITION_FAILED"


def by_status(status: int, **more: Any) -> Refusal:
    """Return the refusal that an HTTP status stands for, where nothing more is known."""
    known = status if status in BY_STATUS else 500 if status >= 500 else 400
    code, message = BY_STATUS[known]
    return Refusal(**{"status": status, "code": code, "message": message, **more})


def describe(error: Exception) -> Refusal | None:
    """Return what to answer to `error`; None where it is unforeseen, and so a fault of ours."""
    match error:
        case DomainError():
            return _of_domain(error)
        case ValidationError():
            return _validation(_details(error))
        case drf.ValidationError():
            return _validation(error.detail)
        case drf.APIException():
            return _of_framework(error)
        case Http404():
            return by_status(404)
        case PermissionDenied():
            return by_status(403)
        case RequestDataTooBig():
            return by_status(413)
        case SuspiciousOperation() | UnreadablePostError():
            return by_status(400)
        case DatabaseError() | InterfaceError():
            return _of_database(error)
    return None


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception of a view; one that is unforeseen goes on to Django, which logs it."""
    refusal = describe(error)
    return None if refusal is None else response(refusal)


def response(refusal: Refusal) -> Response:
    from ipms.api import envelope

    return Response(envelope.failure(refusal), status=refusal.status, headers=dict(refusal.headers))


def _of_domain(error: DomainError) -> Refusal:
    if error.code == "VALIDATION_ERROR":
        return _validation(error.details, error.message)
    status = STATUSES.get(error.code, _CONFLICT)
    return Refusal(
        status=status,
        code=error.code,
        message=error.message,
        details=error.details,
        headers={"WWW-Authenticate": CHALLENGE} if status == 401 else {},
    )


def _of_framework(error: drf.APIException) -> Refusal:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, int(wait)))
    refusal = by_status(error.status_code, headers=headers)
    if isinstance(error, drf.AuthenticationFailed):
        return Refusal(status=401, code="TOKEN_INVALID", message=str(error.detail), headers=headers)
    if isinstance(error, drf.ParseError | drf.PermissionDenied) and str(error.detail) != str(
        error.default_detail
    ):
        return Refusal(status=refusal.status, code=refusal.code, message=str(error.detail), headers=headers)
    return refusal


def _of_database(error: DatabaseError | InterfaceError) -> Refusal | None:
    match error:
        case ProtectedError() | RestrictedError():
            return Refusal(status=409, code="IN_USE", message=_IN_USE)
        case IntegrityError() if constraints.is_foreign_key(error):
            return Refusal(status=409, code="IN_USE", message=_IN_USE)
        case IntegrityError() if broken := constraints.broken(error):
            # The domain asks first: what arrives here lost a race, or a check is missing.
            logger.warning("constraint %s refused a write", broken.name, exc_info=error)
            return _validation({broken.field or "non_field_errors": [broken.message]})
        case DataError():
            logger.warning("the database could not take a value", exc_info=error)
            return _validation({"non_field_errors": [_OUT_OF_RANGE]})
        case OperationalError() | InterfaceError():
            # Away, restarting, out of connections, or a deadlock that it ended: trying again helps.
            logger.error("the database is not available", exc_info=error)
            return by_status(503, headers={"Retry-After": "2"})
    return None


def _validation(details: Any, message: Any = None) -> Refusal:
    if not isinstance(details, Mapping):
        details = {"non_field_errors": details}
    if message is None:
        alone = details.get("non_field_errors", ()) if len(details) == 1 else ()
        message = alone[0] if len(alone) == 1 and isinstance(alone, list) else _CORRECT_WHAT_IS_MARKED
    return Refusal(status=400, code="VALIDATION_ERROR", message=message, details=details)


def _details(error: ValidationError) -> Mapping[str, Any]:
    if not hasattr(error, "error_dict"):
        return {"non_field_errors": error.messages}
    return {
        "non_field_errors" if name == "__all__" else name: sentences
        for name, sentences in error.message_dict.items()
    }
