"""What is done with the rows of an import: checked, brought in, undone. Here and now, or by a worker.

A worker holds a lock in its database session while it works. A run that is at work while nobody holds its
lock has lost its worker; `resume` hands it to another. Rows come in by chunks, each a transaction that also
says so: whoever goes on begins behind the last one, and no row comes in twice.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as QueueAway

from ipms import context, outbox
from ipms.importing import files, findings, naming, registry
from ipms.importing.notation import Notation
from ipms.locks import SessionLock
from ipms.models import ImportChunk, ImportRun, ImportStatus
from ipms.resources import BAD, CHANGED, NEW, UNCHANGED, Row, SheetResource, is_empty
from ipms.sheets import UnreadableFile

logger = logging.getLogger(__name__)

#: The Celery task that works at one.
TASK = "ipms.tasks.work_at_import"
#: So many rows come in together.
CHUNK_ROWS = 500
#: One that takes its worker with it so many times in a row is left alone.
_ATTEMPTS_ALLOWED = 3
#: What was handed over longer ago may have been lost by the queue.
_WAITING_TOO_LONG = timedelta(minutes=2)


def hand_over(pk: int) -> None:
    """Give a run to the queue. Without a queue it waits for `resume`."""
    try:
        import_string(TASK).apply_async(args=[pk], retry=False)
    except QueueAway:
        logger.warning("the queue is away: import %d waits", pk)


def resume() -> int:
    """Hand over again what lost its worker or never came to one; return how many there were."""
    count = 0
    long_ago = timezone.now() - _WAITING_TOO_LONG
    for pk, attempts, begun_at in ImportRun.objects.at_work().values_list("pk", "attempts", "begun_at"):
        if not attempts and begun_at and begun_at > long_ago:
            continue
        lock = SessionLock(_key(pk))
        if lock.take():
            lock.release()
            hand_over(pk)
            count += 1
    return count


def work(pk: int) -> ImportRun | None:
    """Check, import or undo a run, whichever it waits for.

    Returns None where there is nothing to do: it is done already, or another worker has it.
    """
    lock = SessionLock(_key(pk))
    if not lock.take():
        return None
    try:
        run = _begin(pk)
        return run and _carry_out(run)
    finally:
        lock.release()


def _key(pk: int) -> str:
    return f"import {pk}"


@transaction.atomic
def _begin(pk: int) -> ImportRun | None:
    run = ImportRun.objects.select_for_update(no_key=True).at_work().filter(pk=pk).first()
    if run is None:
        return None
    run.attempts += 1
    if run.attempts > _ATTEMPTS_ALLOWED:
        _end(
            run,
            ImportStatus.FAILED,
            error=_("It was begun %(count)d times and never ended.") % {"count": _ATTEMPTS_ALLOWED},
        )
        return None
    run.save()
    return run


def _carry_out(run: ImportRun) -> ImportRun:
    steps = {ImportStatus.CHECKING: _check, ImportStatus.IMPORTING: _import, ImportStatus.UNDOING: _undo}
    try:
        with _for_its_owner(run):
            steps[ImportStatus(run.status)](run)
            return run
    except (OperationalError, InterfaceError):
        raise  # the database went away: what lost its worker is handed over again
    except UnreadableFile as refusal:
        error = str(refusal)
    except FileNotFoundError:
        error = _("The uploaded file is gone. Please upload it again.")
    except Exception:  # whatever it was, the owner is told, and no other import is stopped
        logger.exception("import %d failed", run.pk)
        error = _("Something went wrong on our side; it has been logged.")
    with transaction.atomic():
        run.lock()
        if run.is_at_work:
            _end(run, ImportStatus.FAILED, error=error)
    return run


@contextmanager
def _for_its_owner(run: ImportRun) -> Iterator[None]:
    """Let sentences be in the owner's language, and changes the owner's, by this import."""
    source = f"import {run.pk}: {run.file_name}"
    asking = replace(context.current(), actor=lambda: run.owner, user_agent=source)
    in_words = translation.override(run.owner.language) if run.is_in_background else nullcontext()
    with context.use(asking), timezone.override(run.owner.timezone), in_words:
        yield


def _resource(run: ImportRun) -> SheetResource:
    return registry.find(run.what).resource().reading(Notation(**run.notation))


def _check(run: ImportRun) -> None:
    """Do all that the import would do, and roll it back."""
    resource = _resource(run)
    found = findings.Findings(resource, [name for _place, name in _columns(run)])
    examples = 0
    with files.writing_problems(run) as file:
        for rows, skipped in _chunks(run, resource):
            with transaction.atomic():
                resource.bring_in(rows, by=run.owner)
                transaction.set_rollback(True)
            found.add(rows)
            examples += skipped
            for row in rows:
                if row.problems:
                    files.add_problem(file, row.number, row.problems)
            if not _progress(run, len(found.letters)):
                return
    with transaction.atomic():
        run.lock()
        if run.status != ImportStatus.CHECKING:
            return
        run.outcomes = "".join(found.letters)
        run.findings = found.as_json()
        run.example_count = examples
        run.rows_total = run.rows_done = len(found.letters)
        _count(run, found.counts)
        _end(run, ImportStatus.CHECKED)


def _import(run: ImportRun) -> None:
    """Bring in what the check found good, behind the last chunk that came in."""
    resource = _resource(run)
    place = 0
    for rows, _skipped in _chunks(run, resource):
        for row, letter in zip(rows, run.outcomes[place:], strict=False):
            row.expected = findings.OUTCOMES[letter]
        place += len(rows)
        if rows[-1].number <= run.last_row:
            continue
        good = [row for row in rows if row.expected in (NEW, CHANGED)]
        with transaction.atomic():
            run.lock()
            if run.status != ImportStatus.IMPORTING or run.is_stopped:
                break
            if good:
                resource.bring_in(good, by=run.owner)
            _keep_chunk(run, resource, rows, good)
    with transaction.atomic():
        run.lock()
        if run.status == ImportStatus.IMPORTING:
            _end(run, ImportStatus.DONE)


def _keep_chunk(run: ImportRun, resource: SheetResource, rows: Sequence[Row], good: Sequence[Row]) -> None:
    """Say, in the transaction in which rows came in, that they did."""
    taken, refused = [row for row in good if not row.problems], [row for row in good if row.problems]
    ImportChunk.objects.create(
        run=run,
        first_row=rows[0].number,
        last_row=rows[-1].number,
        traces=[trace for row in taken if (trace := resource.trace(row))],
        refused={row.number: row.problems for row in refused},
    )
    if refused:
        late = findings.Findings(resource, [])
        late.add(refused)
        groups = [*run.findings.get("late", []), *late.as_json()["groups"]]
        run.findings = {**run.findings, "late": groups}
    run.last_row, run.attempts = rows[-1].number, 0
    run.rows_done += len(rows)
    run.new_count += sum(row.outcome == NEW for row in taken)
    run.changed_count += sum(row.outcome == CHANGED for row in taken)
    run.unchanged_count += sum(row.outcome == UNCHANGED for row in taken)
    run.unchanged_count += sum(row.expected == UNCHANGED for row in rows)
    run.bad_count += sum(row.expected == BAD for row in rows) + len(refused)
    run.save()


def _undo(run: ImportRun) -> None:
    """Undo chunk by chunk, the last first."""
    resource = registry.find(run.what).resource()
    while True:
        with transaction.atomic():
            run.lock()
            chunk = run.chunks.filter(undone_at=None).order_by("-first_row").first()
            if chunk is None or run.status != ImportStatus.UNDOING:
                break
            kept = resource.undo(chunk.traces, by=run.owner)
            chunk.kept = [vars(one) for one in kept]
            chunk.undone_at = timezone.now()
            chunk.save()
            run.undone_count += len(chunk.traces) - len({one.row for one in kept})
            run.rows_done += len(chunk.traces)
            run.attempts = 0
            run.save()
    with transaction.atomic():
        run.lock()
        if run.status == ImportStatus.UNDOING:
            _end(run, ImportStatus.UNDONE)


def _chunks(run: ImportRun, resource: SheetResource) -> Iterator[tuple[list[Row], int]]:
    """Yield the rows of the file in parts, each with the number of examples that were left out of it."""
    columns, marks = _columns(run), naming.example_marks()
    size = settings.IMPORT_MAX_ROWS + 1 if resource.is_whole else CHUNK_ROWS
    found = files.data_rows(run)
    while batch := list(islice(found, size)):
        rows = [
            Row(number, {name: cells[place] if place < len(cells) else None for place, name in columns})
            for number, cells in batch
            if not naming.is_example(cells[-1], marks)
        ]
        meant = [row for row in rows if not all(map(is_empty, row.cells.values()))]
        if meant:
            yield meant, len(batch) - len(rows)


def _columns(run: ImportRun) -> list[tuple[int, str]]:
    return sorted((int(place), name) for place, name in run.mapping.items())


def _progress(run: ImportRun, done: int) -> bool:
    """Say how far a check is; return whether it is to go on."""
    going_on = ImportRun.objects.filter(pk=run.pk, status=ImportStatus.CHECKING, is_stopped=False)
    return bool(going_on.update(rows_done=done))


def _count(run: ImportRun, counts: Any) -> None:
    run.new_count, run.changed_count = counts[NEW], counts[CHANGED]
    run.unchanged_count, run.bad_count = counts[UNCHANGED], counts[BAD]


def _end(run: ImportRun, status: ImportStatus, *, error: str = "") -> None:
    run.status, run.error, run.ended_at, run.attempts = status, error, timezone.now(), 0
    run.save()
    if run.is_in_background:
        outbox.record("import.ended", run=run.pk, status=str(status))
