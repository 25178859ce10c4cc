"""Exports in the background: asked for, made by a worker, kept for a while, and for their owner alone.

A worker holds a lock in its database session while it makes a file. What is `running` while nobody holds the
lock has lost its worker; `resume` hands it to another, which begins anew.
"""

import hashlib
import logging
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as QueueAway
from psycopg import sql

from accounts.models import User
from ipms import context, outbox
from ipms.errors import DomainError, InvalidInput, NotAllowed
from ipms.jobs.deadline import Deadline, TimeLimitReached
from ipms.locks import SessionLock
from reporting import exportables, files
from reporting.errors import FileGone, NotReady, TooManyExports
from reporting.models import Export, ExportStatus

logger = logging.getLogger(__name__)

#: The Celery task that makes one.
TASK = "reporting.tasks.make_export"
#: One that takes its worker with it so many times is left alone.
_ATTEMPTS_ALLOWED = 3
_UNFINISHED_ALLOWED = 10
_PROGRESS_SECONDS = 2
#: What waits longer may have been lost by the queue.
_WAITING_TOO_LONG = timedelta(minutes=2)
_CHUNK_BYTES = 1024 * 1024
_STRAY_SECONDS = 24 * 3600


class _Cancelled(Exception):
    """Its owner deleted the export while it was made."""


@transaction.atomic
def request(what: str, *, format: str, filters: Mapping[str, str], by: User) -> Export:
    """Ask for a file; a worker makes it, and its owner is told.

    Raises `NotExportable`, `NotAllowed`, `InvalidInput` for a format or a filter that cannot be meant, and
    `TooManyExports` while ten of one's own are on the way.
    """
    exportable = exportables.find(what)
    exportable.require(by)
    if format not in files.FORMATS:
        raise InvalidInput({"format": [_("One of: %(formats)s.") % {"formats": ", ".join(files.FORMATS)}]})
    try:
        exportable.check(filters, by=by)
    except InvalidInput as refusal:
        raise InvalidInput({"filters": refusal.details}) from refusal
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # one request of a person at a time is counted
    if Export.objects.of(by).unfinished().count() >= _UNFINISHED_ALLOWED:
        raise TooManyExports(_UNFINISHED_ALLOWED)
    export = Export.objects.create(owner=by, what=what, format=format, filters=dict(filters))
    transaction.on_commit(lambda: _hand_over(export.pk))
    return export


@transaction.atomic
def delete(export: Export, *, by: User) -> None:
    """Delete an export and its file, ready or not. Raises `NotAllowed` for somebody else's."""
    if export.owner_id != by.pk:
        raise NotAllowed(_("This export belongs to somebody else."))
    stored = Export.objects.select_for_update().get(pk=export.pk)
    name = stored.file
    stored.delete()
    if name:
        transaction.on_commit(lambda: _remove(_path(name)))


def open_file(export: Export, *, by: User) -> IO[bytes]:
    """Return the file of an export, open for reading.

    Raises `NotAllowed` for anybody but its owner and for an owner who may not export any more, `NotReady`
    where there is no file yet, and `FileGone` where there is none any more.
    """
    if export.owner_id != by.pk:
        raise NotAllowed(_("This export belongs to somebody else."))
    exportables.find(export.what).require(by)
    if export.status == ExportStatus.EXPIRED or (export.expires_at and export.expires_at <= timezone.now()):
        raise FileGone
    if not export.is_ready:
        raise NotReady(export.status)
    try:
        return _path(export.file).open("rb")
    except FileNotFoundError:
        raise FileGone from None


def file_name(export: Export) -> str:
    """Return the name under which the file is saved: `inventory-2031-05-31.csv`."""
    stem = exportables.stem_of(export.what)
    return files.file_name(stem, export.format, export.started_at or export.created_at)


def make(pk: int) -> Export | None:
    """Make the file of an export here and now.

    Returns None where there is nothing to do: it is done already, was deleted, or another worker has it.
    """
    lock = SessionLock(f"export {pk}")
    if not lock.take():
        return None
    try:
        export = _begin(pk)
        return export and _carry_out(export)
    finally:
        lock.release()


def resume() -> int:
    """Hand over again what lost its worker or never came to one; return how many there were."""
    count = 0
    long_ago = timezone.now() - _WAITING_TOO_LONG
    for pk, status, created_at in Export.objects.unfinished().values_list("pk", "status", "created_at"):
        if status == ExportStatus.QUEUED and created_at > long_ago:
            continue
        lock = SessionLock(f"export {pk}")
        if lock.take():
            lock.release()
            _hand_over(pk)
            count += 1
    return count


def clean_up(*, at: datetime) -> int:
    """Delete the files that have expired, and the records long after; return how many files there were."""
    expired = list(Export.objects.filter(status=ExportStatus.DONE, expires_at__lte=at))
    for export in expired:
        _remove(_path(export.file))
    Export.objects.filter(pk__in=[export.pk for export in expired]).update(
        status=ExportStatus.EXPIRED, file="", sha256=""
    )
    old = Export.objects.filter(created_at__lt=at - settings.EXPORT_RECORDS_KEEP)
    old.filter(status__in=[ExportStatus.EXPIRED, ExportStatus.FAILED]).delete()
    _remove_strays()
    return len(expired)


def _hand_over(pk: int) -> None:
    """Give an export to the queue. Without a queue it waits for `resume`."""
    try:
        import_string(TASK).apply_async(args=[pk], retry=False)
    except QueueAway:
        logger.warning("the queue is away: export %d waits", pk)


@transaction.atomic
def _begin(pk: int) -> Export | None:
    export = Export.objects.select_for_update().filter(pk=pk).unfinished().first()
    if export is None:
        return None
    export.attempts += 1
    if export.attempts > _ATTEMPTS_ALLOWED:
        _fail(export, _("It was begun %(count)d times and never ended.") % {"count": _ATTEMPTS_ALLOWED})
        return None
    export.status = ExportStatus.RUNNING
    export.started_at = timezone.now()
    export.rows_done, export.rows_total = 0, None
    export.save()
    return export


def _carry_out(export: Export) -> Export | None:
    part = _path(f"{export.pk}-{secrets.token_hex(8)}.{export.format}")
    part.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    limit = settings.EXPORT_MAX_MINUTES * 60
    try:
        with _for_its_owner(export.owner), Deadline(limit), part.open("wb") as file:
            part.chmod(0o640)
            _write(export, file)
            file.flush()
            os.fsync(file.fileno())
        return _end(export, part)
    except TimeLimitReached:
        _drop_session()
        logger.warning("export %d reached its time limit", export.pk)
        minutes = settings.EXPORT_MAX_MINUTES
        error = _("It took longer than %(minutes)d minutes: narrow it by its filters.") % {"minutes": minutes}
    except _Cancelled:
        _remove(part)
        return None
    except (OperationalError, InterfaceError):
        _remove(part)
        raise  # the database went away: what lost its worker is handed over again
    except DomainError as refusal:
        error = str(refusal)
    except Exception:  # whatever it was, the owner is told, and no other export is stopped
        logger.exception("export %d failed", export.pk)
        error = _("Something went wrong on our side; it has been logged.")
    _remove(part)
    with transaction.atomic():
        if stored := _still_ours(export):
            _fail(stored, error)
    return stored


def _write(export: Export, file: IO[bytes]) -> None:
    owner, at = export.owner, export.started_at or timezone.now()
    exportable = exportables.find(export.what)
    exportable.require(owner)
    exportable.check(export.filters, by=owner)
    with _Progress(export.pk) as progress, exportables.snapshot():
        progress.expect(exportable.count(export.filters, by=owner))
        exportables.write(
            exportable, export.format, export.filters, file, by=owner, at=at, watch=progress.passing
        )


def _end(export: Export, part: Path) -> Export | None:
    digest, size = _digest(part)
    with transaction.atomic():
        stored = _still_ours(export)
        if stored is None:
            _remove(part)
            return None
        stored.status = ExportStatus.DONE
        stored.file, stored.size, stored.sha256 = part.name, size, digest
        stored.ended_at = timezone.now()
        stored.expires_at = stored.ended_at + settings.EXPORT_KEEP
        stored.save()
        outbox.record("export.ready", export=stored.pk)
    return stored


def _still_ours(export: Export) -> Export | None:
    """Lock the record and return it; None where it was deleted, or another worker has begun anew."""
    attempt = Export.objects.filter(pk=export.pk, status=ExportStatus.RUNNING, attempts=export.attempts)
    return attempt.select_for_update().first()


def _fail(export: Export, error: str) -> None:
    export.status, export.error, export.ended_at = ExportStatus.FAILED, error, timezone.now()
    export.save()
    outbox.record("export.failed", export=export.pk)


@contextmanager
def _for_its_owner(owner: User) -> Iterator[None]:
    """Let headings be in the owner's language, and times in the owner's zone."""
    with (
        context.acting_as(owner, source="export"),
        timezone.override(owner.timezone),
        translation.override(owner.language),
    ):
        yield


class _Progress:
    """Says how far an export is, over a connection of its own: the other one holds a snapshot."""

    def __init__(self, pk: int) -> None:
        self._pk = pk
        self._connection = connection if connection.in_atomic_block else connection.copy()
        self._done = 0
        self._told_at = time.monotonic()

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *error: Any) -> None:
        if self._connection is not connection:
            self._connection.close()

    def expect(self, total: int | None) -> None:
        """Say how many rows there will be."""
        self._set("rows_total", total)

    def passing(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Count rows while they pass by. Raises `_Cancelled` where the export was deleted meanwhile."""
        for row in rows:
            yield row
            self._done += 1
            if time.monotonic() - self._told_at >= _PROGRESS_SECONDS:
                self._tell()
        self._tell()

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        self._set("rows_done", self._done)

    def _set(self, column: str, value: int | None) -> None:
        statement = sql.SQL("UPDATE reporting_export SET {} = %s WHERE id = %s AND status = 'running'")
        with self._connection.cursor() as cursor:
            cursor.execute(statement.format(sql.Identifier(column)), [value, self._pk])
            if not cursor.rowcount:
                raise _Cancelled


def _path(name: str) -> Path:
    return Path(settings.EXPORTS_ROOT) / name


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()


def _remove_strays() -> None:
    """Delete files that no record names: what a killed worker had begun."""
    root = Path(settings.EXPORTS_ROOT)
    if not root.is_dir():
        return
    known = set(Export.objects.exclude(file="").values_list("file", flat=True))
    for path in root.iterdir():
        if path.is_file() and path.name not in known and path.stat().st_mtime < time.time() - _STRAY_SECONDS:
            _remove(path)


def _digest(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _drop_session() -> None:
    if not connection.in_atomic_block:
        connection.close()
