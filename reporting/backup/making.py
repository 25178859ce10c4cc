"""Making a backup: one snapshot of the database and the uploaded files, in one file."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

import ipms
from reporting.backup import archive, container, rotation, tables, verifying
from reporting.backup.archive import Manifest
from reporting.backup.errors import BackupError
from reporting.backup.stores import Kept, Store
from reporting.backup.tables import Figures

#: Whoever holds one of these is logged in. They stay out: a backup lets nobody in, and after a restore
#: everybody logs in anew.
LOGINS = (
    "accounts_tokenfamily",
    "django_session",
    "token_blacklist_blacklistedtoken",
    "token_blacklist_outstandingtoken",
)
_BLOCK = 1 << 18


def make(
    store: Store,
    *,
    passphrase: str = "",
    verify: bool = False,
    at: datetime | None = None,
    seconds: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Kept:
    """Make a backup and keep it in `store`, which then forgets what is beyond the numbers to keep.

    It is encrypted where a passphrase is given. With `verify` it is restored into a database of its own
    first, and kept only if that has the same figures. It is there whole or not at all. No step takes longer
    than `seconds`, where they are given. Raises `BackupError`.
    """
    try:
        with store.draft() as draft:
            with draft.open("wb") as file:
                write(file, passphrase=passphrase, seconds=seconds, progress=progress)
                file.flush()
                os.fsync(file.fileno())
            if verify:
                verifying.verify(draft, passphrase=passphrase, seconds=seconds)
            kept = store.keep(draft, _free_name(store, at or timezone.now()))
        rotation.rotate(store)
    except OSError as error:
        sentence = _("The backup cannot be kept in %(place)s: %(reason)s.")
        raise BackupError(sentence % {"place": store.place, "reason": error.strerror or error}) from error
    return kept


def write(
    file: IO[bytes],
    *,
    passphrase: str,
    with_logins: bool = False,
    seconds: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Figures:
    """Write the database of this process, as it is at one moment, and the uploaded files."""
    with tables.connect(tables.own_database(), seconds=seconds) as session, session.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        copied = tables.find_tables(cursor, without=() if with_logins else LOGINS)
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        manifest = Manifest(
            version=ipms.VERSION,
            created_at=timezone.now().isoformat(),
            migrations=cursor.fetchall(),
            tables=copied,
            sequences=tables.find_sequences(cursor),
        )
        stream = container.Writer(file, passphrase=passphrase, header={"version": manifest.version})
        into = archive.Writer(stream.write)
        into.manifest(manifest)
        rows, digests = {}, {}
        for number, table in enumerate(copied):
            rows[table.name], digests[table.name] = into.table(table, tables.copy_out(cursor, table))
            progress(number + 1, len(copied))
        for name in uploads():
            into.file(name, _blocks(Path(settings.MEDIA_ROOT) / name))
        figures = tables.figures(cursor, rows=rows, digests=digests)
        into.figures(figures)
        stream.close()
        cursor.execute("COMMIT")
    return figures


def uploads() -> Iterator[str]:
    """Yield the names of the uploaded files, relative to MEDIA_ROOT."""
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(root).as_posix()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _free_name(store: Store, at: datetime) -> str:
    taken = {kept.name for kept in store.kept()}
    while (name := rotation.name_of(at)) in taken:
        at += timedelta(seconds=1)
    return name
