"""Which backups are kept: the newest of each of the last days, weeks and months."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from django.conf import settings

from reporting.backup.stores import Store

_NAME = re.compile(r"ipms-(\d{8}T\d{6})Z\.backup")


def name_of(at: datetime) -> str:
    """Return the name of the backup made at a moment."""
    return f"ipms-{at.astimezone(UTC):%Y%m%dT%H%M%S}Z.backup"


def moment_of(name: str) -> datetime | None:
    """Return when a backup was made, None where this is the name of something else."""
    found = _NAME.fullmatch(name)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None


def rotate(store: Store) -> list[str]:
    """Delete the backups that are beyond the numbers to keep; return their names. Other files stay."""
    names = [kept.name for kept in store.kept()]
    surplus = beyond(
        names,
        daily=settings.BACKUP_KEEP_DAILY,
        weekly=settings.BACKUP_KEEP_WEEKLY,
        monthly=settings.BACKUP_KEEP_MONTHLY,
    )
    for name in surplus:
        store.delete(name)
    return surplus


def beyond(names: Iterable[str], *, daily: int, weekly: int, monthly: int) -> list[str]:
    """Return which of these backups are not kept. The newest always is."""
    made = sorted(((at, name) for name in names if (at := moment_of(name))), reverse=True)
    kept = {name for _at, name in made[:1]}
    periods: list[tuple[int, Callable[[datetime], tuple[int, ...]]]] = [
        (daily, lambda at: (at.toordinal(),)),
        (weekly, lambda at: at.isocalendar()[:2]),
        (monthly, lambda at: (at.year, at.month)),
    ]
    for count, period_of in periods:
        newest: dict[tuple[int, ...], str] = {}
        for at, name in made:
            newest.setdefault(period_of(at), name)
        kept |= set(list(newest.values())[:count])
    return sorted(name for _at, name in made if name not in kept)
