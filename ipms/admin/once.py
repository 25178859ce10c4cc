"""A form that is sent twice takes effect once.

Each form carries a token made when its page was drawn. The first answer is kept under the token, in the
transaction of the effect; whoever sends the same form again (a double click, a reload, the back button) gets
that answer and nothing is done.
"""

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from ipms.admin import carried
from ipms.errors import DomainError
from ipms.models import IdempotencyRecord

#: Name of the hidden field.
FIELD = "_once"
_NOT_CONTENT = {FIELD, carried.SHOWN_TO, carried.KEPT, "csrfmiddlewaretoken"}
#: Tells the script which of the drafts it keeps was carried out; see static/ipms/drafts.js.
COOKIE = "ipms_sent"
_COOKIE_SECONDS = 600
_OUTCOME = "once_outcome"


class AlreadySent(DomainError):
    """The form was sent before, with other content: its page is an old one."""

    code = "ALREADY_SENT"


def new_token() -> str:
    return uuid.uuid4().hex


def token_of(request: HttpRequest) -> str | None:
    """Return the token that came with the form; None where there is none or it is not one of ours."""
    try:
        return uuid.UUID(request.POST.get(FIELD, "")).hex
    except ValueError:
        return None


def once(
    request: HttpRequest, purpose: str, act: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], bool]:
    """Call `act` in a transaction and return its answer (what JSON holds) and whether it is a repeated one.

    `purpose` names the document and the act, so that a token serves one of them only. A refusal raised by
    `act` keeps nothing: the person corrects the form and sends it again. A request without a token runs
    unguarded.

    Raises `AlreadySent` where the token came before with other content.
    """
    token = token_of(request)
    if token is None:
        with transaction.atomic():
            return act(), False
    try:
        found = _once(request, purpose, token, act)
    except AlreadySent:
        setattr(request, _OUTCOME, f"{token}.old")
        raise
    setattr(request, _OUTCOME, token)
    return found


class SentMiddleware:
    """Tell the browser, by a cookie, whose form was carried out: what it kept of that form may go."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if outcome := getattr(request, _OUTCOME, None):
            response.set_cookie(
                COOKIE,
                outcome,
                max_age=_COOKIE_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return response


def _once(
    request: HttpRequest, purpose: str, token: str, act: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], bool]:
    with transaction.atomic():
        scope, key = f"admin:{request.user.pk}", f"{purpose}:{token}"
        _lock(f"{scope} {key}")
        fingerprint = _fingerprint(request)
        if record := IdempotencyRecord.objects.filter(scope=scope, key=key).first():
            if record.fingerprint != fingerprint:
                raise AlreadySent(
                    _("This form was sent before with other values. Nothing was done; open it again.")
                )
            return json.loads(record.body), True
        answer = act()
        IdempotencyRecord.objects.create(
            scope=scope, key=key, fingerprint=fingerprint, status=200, body=json.dumps(answer)
        )
        return answer, False


def _lock(name: str) -> None:
    # The second of two simultaneous requests waits here until the first has kept its answer.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _fingerprint(request: HttpRequest) -> str:
    content = sorted((name, values) for name, values in request.POST.lists() if name not in _NOT_CONTENT)
    files = sorted((name, file.name, file.size) for name, file in request.FILES.items())
    # Keyed: a form may hold a password, which must not be found by trying.
    return salted_hmac("ipms.admin.once", repr((content, files)), algorithm="sha256").hexdigest()
