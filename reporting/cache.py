"""Answers that took work to compute, kept for a minute at most and dropped when stock or orders change.

An answer is kept with a mark of the database as it was: the newest movement, the newest event of the outbox
and the newest entry of the audit trail, three index look-ups. So it follows an event at once, not when a
worker delivers it. Where the mark has moved on, the answer is computed anew, by one request at a time:
those that come meanwhile get the older one, never more than a minute old, or wait for the new one where
there is none. Without Redis nothing is kept and every answer is computed.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.cache import cache
from django.db import connection, models, transaction
from django.utils.translation import get_language

Answer = TypeVar("Answer")

#: The contract lets no answer be older.
MOST_SECONDS = 60
#: How long one request may keep others from computing the same answer: they show the older one meanwhile.
_COMPUTING_SECONDS = 30
#: How long the others wait for an answer that nobody has yet, before they compute it themselves.
_WAITING_SECONDS = 10


def remember(
    name: str, params: Mapping[str, Any], build: Callable[[], Answer], *, seconds: int = MOST_SECONDS
) -> Answer:
    """Return what `build()` gives for `params`, at most `seconds` old.

    `build` runs in one snapshot of the database, so that the parts of an answer fit each other; it must
    not write. What it gives must be picklable. Two requests share an answer where name, parameters and
    language are the same.
    """
    key = _key(name, params)
    mark = _mark()
    kept = cache.get(key)
    if kept is not None and kept[0] == mark:
        return kept[1]
    is_first = cache.add(f"{key}.computing", True, _COMPUTING_SECONDS)
    if not is_first and (kept := kept or _awaited(key)) is not None:
        return kept[1]
    began = time.monotonic()
    try:
        with one_snapshot():
            answer = build()
        # It is as old as its beginning.
        cache.set(key, (mark, answer), min(seconds, MOST_SECONDS) - (time.monotonic() - began))
    finally:
        cache.delete(f"{key}.computing")
    return answer


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Let all queries of the block see the database at one moment.

    Inside a transaction that has begun already it does nothing.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _awaited(key: str) -> Any:
    """Return what the request that computes the answer keeps soon; None if it takes too long."""
    give_up = time.monotonic() + _WAITING_SECONDS
    while time.monotonic() < give_up:
        time.sleep(0.05)
        if (kept := cache.get(key)) is not None:
            return kept
        if not cache.has_key(f"{key}.computing"):
            return None
    return None


def _mark() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT max(id) FROM inventory_stockmovement),
                (SELECT max(id) FROM ipms_outboxevent),
                (SELECT max(id) FROM accounts_auditentry)
            """
        )
        return cursor.fetchone()


def _key(name: str, params: Mapping[str, Any]) -> str:
    text = repr([get_language(), *((key, _plain(params[key])) for key in sorted(params))])
    return f"report.{name}.{hashlib.sha256(text.encode()).hexdigest()}"


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value._meta.label, value.pk
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if value is None or isinstance(value, bool | int) else str(value)
