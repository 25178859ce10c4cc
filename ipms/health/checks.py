"""What the service stands on, each part asked whether it is there."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import connection

from ipms.health import signs

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """Something that is asked whether it is there; without what is `needed` no request can be served."""

    name: str
    is_there: Callable[[], bool]
    needed: bool


def database_is_there() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("the database does not answer: %s", error)
        return False
    return True


def cache_is_there() -> bool:
    # The cache forgives: what was put there must come back.
    sign = uuid.uuid4().hex
    cache.set(f"readyz:{sign}", sign, timeout=10)
    return cache.get(f"readyz:{sign}") == sign


def worker_is_there() -> bool:
    """Tell whether a worker carried out a task in the last minute, which also takes beat and the queue."""
    return signs.is_fresh("tasks")


def beat_is_there() -> bool:
    return signs.is_fresh("beat")


READINESS = (
    Check("database", database_is_there, needed=True),
    Check("cache", cache_is_there, needed=False),
    Check("worker", worker_is_there, needed=False),
)
