"""Signs of life: each part that works gives one every few seconds, in the cache and in a file.

The cache tells the whole site; the file tells a container or a machine of its own part, without Redis, the
database or Django (`python -m ipms.health`).
"""

import socket
import time
from pathlib import Path
from typing import Literal

Part = Literal["beat", "worker", "tasks"]

#: A part that missed some signs is away.
FRESH_SECONDS = 60
_EVERY_SECONDS = 5
_KEPT_SECONDS = 24 * 3600

_given: dict[str, float] = {}


def give(part: Part) -> None:
    """Say that a part is alive: beat hands out tasks, a worker listens, a task was carried out."""
    from django.conf import settings
    from django.core.cache import cache

    cache.set(_key(part), time.time(), timeout=_KEPT_SECONDS)
    file = path(settings.VAR, part)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def give_now_and_then(part: Part) -> None:
    """Give a sign unless this process gave one just now."""
    if time.monotonic() - _given.get(part, float("-inf")) >= _EVERY_SECONDS:
        _given[part] = time.monotonic()
        give(part)


def age(part: Part) -> float | None:
    """Return how many seconds ago any process of the site gave the sign; None where none is known."""
    from django.core.cache import cache

    given = cache.get(_key(part))
    return None if given is None else max(0.0, time.time() - given)


def is_fresh(part: Part) -> bool:
    """Tell whether the part is there."""
    seconds = age(part)
    return seconds is not None and seconds < FRESH_SECONDS


def age_here(var: Path, part: Part) -> float | None:
    """Return how many seconds ago a process of this machine or container gave the sign."""
    try:
        return max(0.0, time.time() - path(var, part).stat().st_mtime)
    except FileNotFoundError:
        return None


def path(var: Path, part: Part) -> Path:
    """Return the file of a part; containers may share `var`."""
    return var / "signs" / f"{part}-{socket.gethostname()}"


def _key(part: Part) -> str:
    return f"sign-of-life:{part}"
