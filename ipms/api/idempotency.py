"""One effect for each `Idempotency-Key`, whatever the client, the network or a killed server does.

The answer is kept in the transaction of the effect: after a crash either both are there or neither.
While a request runs, an advisory lock on its key keeps a second one out; the lock dies with its connection.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer

from ipms import context
from ipms.api import envelope, exceptions, parsers
from ipms.errors import DomainError, InvalidInput
from ipms.models import IdempotencyRecord

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_VISIBLE = re.compile(r"[!-~]{1,255}")
#: Headers that belong to an answer as much as its body.
_KEPT_HEADERS = ("ETag", "Location", "Content-Location", "Allow", "Cache-Control", "WWW-Authenticate")


class IdempotencyInProgress(DomainError):
    """The first request with this key is still running."""

    code: ClassVar[str] = "IDEMPOTENCY_IN_PROGRESS"

    def __init__(self) -> None:
        super().__init__(_("A request with this Idempotency-Key is still running: try again shortly."))


class IdempotencyKeyReused(DomainError):
    """The key was used for another request."""

    code: ClassVar[str] = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__(_("This Idempotency-Key was used for another request: use a new one."))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A status with its body, rendered: a retry gets the same bytes."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False

    @property
    def data(self) -> Any:
        return json.loads(self.body) if self.body else None


class _NotKept(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def once(scope: str, key: str, *, fingerprint: str, run: Callable[[], Answer]) -> Answer:
    """Run `run` in one transaction with the record of its answer, or return the answer of its first run.

    `scope` says whose key it is (see `scope_of`), `fingerprint` what was asked (see `fingerprint_of`). A
    refusal that `run` raises undoes what it did and is an answer as any other; one that it returns undoes
    nothing. An answer of 500 and above undoes everything and is not kept; any other exception goes through.

    Raises `InvalidInput` for a malformed key, `IdempotencyInProgress` while the first run has not ended,
    and `IdempotencyKeyReused` where the key stands for something else.
    """
    if not _VISIBLE.fullmatch(key):
        raise InvalidInput({HEADER: [_("Use 1 to 255 visible ASCII characters without spaces.")]})
    try:
        with transaction.atomic():
            if not _lock(scope, key):
                raise IdempotencyInProgress
            if first := _find(scope, key):
                if first.fingerprint != fingerprint:
                    raise IdempotencyKeyReused
                return Answer(status=first.status, body=first.body, headers=first.headers, replayed=True)
            answer = _run(run)
            if answer.status >= 500:
                raise _NotKept(answer)
            IdempotencyRecord.objects.create(
                scope=scope,
                key=key,
                fingerprint=fingerprint,
                status=answer.status,
                headers=dict(answer.headers),
                body=answer.body,
            )
            return answer
    except _NotKept as unkept:
        return unkept.answer


def answer(status: int, data: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """Render `data` as the body of an answer."""
    kept = {name: value for name, value in (headers or {}).items() if name in _KEPT_HEADERS}
    return Answer(status=status, body=JSONRenderer().render(data).decode(), headers=kept)


def scope_of(request: Any) -> str:
    """Return whose keys a request's are: its user's, before a login those of its address."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"address:{context.client_ip(request)}"


def fingerprint_of(*parts: str | bytes) -> str:
    """Return a digest of what is asked; keyed, so that nobody can guess a password from it.

    A part that is JSON counts by its meaning: the order of its names and its spacing do not matter.
    """
    digest = hashlib.sha256()
    for part in parts:
        canonical = _canonical(part) if isinstance(part, bytes) else part.encode()
        digest.update(len(canonical).to_bytes(8, "big") + canonical)
    return salted_hmac("ipms.idempotency", digest.digest(), algorithm="sha256").hexdigest()


def fingerprint_of_request(request: HttpRequest) -> str:
    return fingerprint_of(request.method or "", request.get_full_path(), request.body)


def forget_old(*, batch: int = 10_000) -> int:
    """Delete the records that are older than their keys are kept; return how many they were.

    In batches, each its own transaction: no lock is held for long.
    """
    before = timezone.now() - settings.IDEMPOTENCY_KEEP
    total = 0
    while True:
        old = IdempotencyRecord.objects.filter(created_at__lt=before).order_by("created_at")
        count = IdempotencyRecord.objects.filter(pk__in=old.values("pk")[:batch])._raw_delete("default")
        total += count
        if count < batch:
            return total


def _run(run: Callable[[], Answer]) -> Answer:
    try:
        with transaction.atomic():
            return run()
    except exceptions.REFUSALS as error:
        refusal = exceptions.describe(error)
        if refusal is None:
            raise
        return answer(refusal.status, envelope.failure(refusal), refusal.headers)


def _lock(scope: str, key: str) -> bool:
    number = int.from_bytes(hashlib.sha256(f"{scope}\0{key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return cursor.fetchone()[0]


def _find(scope: str, key: str) -> IdempotencyRecord | None:
    record = IdempotencyRecord.objects.filter(scope=scope, key=key).first()
    if record and record.created_at < timezone.now() - settings.IDEMPOTENCY_KEEP:
        record.delete()
        return None
    return record


def _canonical(body: bytes) -> bytes:
    if not body:
        return body
    try:
        document = parsers.loads(body)
    except APIException:
        return body
    return json.dumps(document, sort_keys=True, separators=(",", ":"), default=str).encode()
