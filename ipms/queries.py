"""Every statement to the database is timed: counted for its request or job, and told where it was slow."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from ipms import metrics

logger = logging.getLogger(__name__)

#: Values that stand in a statement itself; parameters are never looked at.
_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
_LONGEST_SHAPE = 2000


@dataclass
class Tally:
    """What the statements of one request or job have cost so far."""

    count: int = 0
    seconds: float = 0.0


_tally: ContextVar[Tally | None] = ContextVar("query_tally", default=None)


@contextmanager
def counted(tally: Tally | None = None) -> Iterator[Tally]:
    """Count the statements of the block into `tally`, a new one by default."""
    tally = tally or Tally()
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)


def watch_new(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Time what goes over a connection that was just made."""
    if _timed not in connection.execute_wrappers:
        # First, so that a wrapper that comes and goes takes itself away, not this one.
        connection.execute_wrappers.insert(0, _timed)


def _timed(execute: Callable[..., Any], statement: Any, params: Any, many: bool, context: Any) -> Any:
    began = time.perf_counter()
    try:
        return execute(statement, params, many, context)
    finally:
        seconds = time.perf_counter() - began
        if tally := _tally.get():
            tally.count += 1
            tally.seconds += seconds
        if 0 < settings.SLOW_QUERY_MS <= seconds * 1000:
            metrics.SLOW_QUERIES.inc()
            logger.warning(
                "slow query: %d ms",
                seconds * 1000,
                extra={"ms": round(seconds * 1000), "sql": shape(statement)},
            )


def shape(statement: Any) -> str:
    """Return a statement without the values in it, which may be private, on one line."""
    text = statement.as_string(None) if isinstance(statement, sql.Composable) else str(statement)
    return _LITERAL.sub("?", " ".join(text.split()))[:_LONGEST_SHAPE]
