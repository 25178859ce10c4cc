"""The backup that nobody watches: verified, and told where it fails."""

from collections.abc import Callable

from django.conf import settings

from ipms import outbox
from reporting.backup import making
from reporting.backup.stores import Kept, store_of


def run(*, seconds: int, progress: Callable[[int, int], None]) -> Kept:
    """Make a backup in BACKUP_TO, verified; where it fails, `backup.failed` is told to the outbox."""
    try:
        return making.make(
            store_of(),
            passphrase=settings.BACKUP_PASSPHRASE,
            verify=settings.BACKUP_VERIFY,
            seconds=seconds,
            progress=progress,
        )
    except Exception as error:
        outbox.record("backup.failed", error=str(error))
        raise
