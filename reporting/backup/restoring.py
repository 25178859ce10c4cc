"""Putting a backup back: examined from end to end first, then all of it in one transaction.

Until the transaction ends, everybody sees the old database; where anything fails, it stays. The process
must work as the owner of the tables.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.utils import OperationalError
from django.utils.translation import gettext as _
from psycopg import sql
from psycopg.errors import LockNotAvailable

from ipms.append_only import ALLOW_TRUNCATE
from reporting.backup import archive, schema, tables
from reporting.backup.archive import Content, Manifest, Part
from reporting.backup.errors import BackupError, DamagedBackup

Say = Callable[[str], None]


def restore(
    path: Path,
    *,
    passphrase: str = "",
    replace: bool = False,
    database_only: bool = False,
    say: Say = lambda sentence: None,
) -> Content:
    """Make this process's database what the backup holds, and prove it by the backup's figures.

    With `database_only` neither the uploaded files nor the cache are touched. Nothing is changed before
    the whole file was found sound. Raises `DamagedBackup` where it is not, `BackupError` where it is of a
    newer version, where the database holds something and `replace` was not said, or the figures differ.
    """
    with path.open("rb") as file:
        say(_("Examining the backup"))
        content = archive.examine(file, passphrase=passphrase)
        schema.require_known(content.manifest.migrations)
        with connection.cursor() as cursor:
            is_empty = tables.is_empty(cursor)
        if not (replace or is_empty):
            raise BackupError(_("The database is not empty: say --yes to replace all of it."))
        with tempfile.TemporaryDirectory(prefix="ipms-restore-") as folder:
            uploads = Path(folder)
            try:
                with transaction.atomic():
                    _load(file, content, passphrase=passphrase, uploads=uploads, say=say)
            except OperationalError as error:
                if isinstance(error.__cause__, LockNotAvailable):
                    raise BackupError(_("The database is in use: stop IPMS first.")) from error
                raise
            if not database_only:
                _place(uploads)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    if not database_only:
        cache.clear()  # it knows the old database
    return content


def _load(file: IO[bytes], content: Content, *, passphrase: str, uploads: Path, say: Say) -> None:
    manifest = content.manifest
    with connection.cursor() as cursor:
        tables.prepare(cursor)
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        cursor.execute(f"SET LOCAL {ALLOW_TRUNCATE} = 'on'")
        say(_("Making the tables"))
        schema.drop_all(cursor)
        schema.build(manifest.migrations)
        existing = tables.find_tables(cursor)
        _require_same_tables(manifest, {table.name: table for table in existing})
        names = sql.SQL(", ").join(sql.Identifier(table.name) for table in existing)
        cursor.execute(sql.SQL("TRUNCATE {}").format(names))
        for table in existing:
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table.name)))
        # Checked in bulk afterwards: row by row takes twice as long, and the server's memory.
        foreign_keys = schema.drop_foreign_keys(cursor)
        say(_("Copying the rows"))
        by_name = {table.name: table for table in manifest.tables}
        for part in archive.Reader(file, passphrase=passphrase).parts():
            if part.kind == "table":
                tables.copy_in(cursor, by_name[part.name], part.blocks)
            else:
                _unpack(part, uploads)
        say(_("Proving the copy"))
        for foreign_key in foreign_keys:
            cursor.execute(foreign_key)
        for table in existing:
            cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table.name)))
        for sequence in manifest.sequences:
            cursor.execute(
                "SELECT setval(%s::regclass, %s, %s)",
                [f'public."{sequence.name}"', sequence.value, sequence.is_called],
            )
        if differing := content.figures.differences(tables.measure(cursor, manifest.tables)):
            sentence = _("What was restored differs from the backup: %(differences)s.")
            raise BackupError(sentence % {"differences": "; ".join(differing[:5])})


def _require_same_tables(manifest: Manifest, existing: dict[str, tables.Table]) -> None:
    for table in manifest.tables:
        there = existing.get(table.name)
        if there is None or set(there.columns) != set(table.columns):
            sentence = _("The backup has a table %(table)s that this version does not make alike.")
            raise BackupError(sentence % {"table": table.name})


def _unpack(part: Part, folder: Path) -> None:
    path = folder / part.name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DamagedBackup(_("The backup is altered: a file would be written elsewhere."))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(part.blocks)


def _place(folder: Path) -> None:
    """Bring the uploaded files to where they belong, each whole; what else is there stays."""
    root = Path(settings.MEDIA_ROOT)
    for path in _files(folder):
        target = root / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.restored")
        shutil.copyfile(path, draft)
        if settings.FILE_UPLOAD_PERMISSIONS is not None:
            draft.chmod(settings.FILE_UPLOAD_PERMISSIONS)
        os.replace(draft, target)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
