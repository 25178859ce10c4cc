"""A clock that can be set back, so that a year of work is entered with the days on which it was done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Let Django's clock stand at `moment` inside the block, for the whole process.

    The database keeps its own: `posted_at` of a movement and the audit trail say when it was really entered.
    """
    running = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = running
