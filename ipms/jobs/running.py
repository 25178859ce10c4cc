"""Running a job: once for each due moment, whoever asks for it, and again where its worker was killed.

A run holds an advisory lock in its own database session. The server drops it with the session, so a run
that is `running` while nobody holds its job's lock has lost its worker.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from ipms import context, logs, outbox, queries, site
from ipms.errors import DomainError, InvalidState
from ipms.jobs.deadline import Deadline, TimeLimitReached
from ipms.jobs.registry import Job, find
from ipms.locks import SessionLock
from ipms.models import JobRun, JobStatus

logger = logging.getLogger(__name__)
access = logging.getLogger("ipms.access")

#: The Celery task that runs a job by its name.
TASK = "ipms.tasks.run_job"
#: A job that takes its worker with it so many times for one due moment is left alone.
_LOSSES_ALLOWED = 3
_PROGRESS_SECONDS = 2


class QueueAway(DomainError):
    """The queue of background tasks does not answer."""

    code = "UNAVAILABLE"


class Run:
    """What a job is told of its run, and tells of its progress."""

    def __init__(self, record: JobRun) -> None:
        #: The moment it was due; of a run by hand the moment it was asked for.
        self.due: datetime = record.due
        self.record = record
        self._told_at = 0.0

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far it is; cheap enough for every step of a loop."""
        self.record.steps_done, self.record.steps_total = done, total
        now = time.monotonic()
        if now - self._told_at >= _PROGRESS_SECONDS:
            self._told_at = now
            JobRun.objects.filter(pk=self.record.pk).update(steps_done=done, steps_total=total)


def run(name: str, *, due: datetime | None = None, by: Any = None) -> JobRun:
    """Run a job here and now, and return its record.

    With `due` it runs for a moment of its schedule, and only if no run for that moment was begun; without,
    it runs by hand. What the job raises becomes `failed`, with `job.failed` told to the outbox. Raises
    `UnknownJob`, and `InvalidState` where by hand while another run of the job is at work.
    """
    job = find(name)
    lock = SessionLock(_key(job.name))
    try:
        record, is_new = _begin(job, lock, due=due)
        return _carry_out(job, record, by=by) if is_new else record
    finally:
        lock.release()


def start(name: str, *, due: datetime | None = None) -> None:
    """Let a worker run a job, for the moment that it was due or for now.

    Raises `UnknownJob`, and `QueueAway` where the broker does not answer.
    """
    from ipms.celery import app

    find(name)
    # With a moment of its own a message that the broker hands out again is no second run.
    moment = due or timezone.now()
    try:
        app.tasks[TASK].apply_async(kwargs={"name": name, "due": moment.isoformat()}, retry=False)
    except OperationalError as error:
        raise QueueAway(_("The queue of background tasks does not answer: try again later.")) from error


def rerun_lost() -> int:
    """Start the runs again whose worker was killed; return how many there were."""
    count = 0
    for record in JobRun.objects.filter(status=JobStatus.RUNNING):
        with transaction.atomic():
            _take_turn(record.name)
            if not _is_held(record.name) and _mark_lost(record.name):
                # Where the queue is away nothing is marked: the next look finds it again.
                start(record.name, due=record.due)
                count += 1
    return count


def forget_old() -> int:
    """Delete records older than JOB_RUNS_KEEP, but for the newest good run of each job."""
    newest = (
        JobRun.objects.filter(status=JobStatus.DONE).order_by("name", "-id").distinct("name").values("pk")
    )
    before = timezone.now() - settings.JOB_RUNS_KEEP
    count, _by_model = (
        JobRun.objects.filter(started_at__lt=before)
        .exclude(status=JobStatus.RUNNING)
        .exclude(pk__in=newest)
        .delete()
    )
    return count


@transaction.atomic
def _begin(job: Job, lock: SessionLock, *, due: datetime | None) -> tuple[JobRun, bool]:
    """Return the record of the run for this moment, and whether the caller is to carry it out."""
    _take_turn(job.name)
    moment = due or timezone.now()
    is_ours = lock.take()
    if is_ours:
        _mark_lost(job.name)
    elif due is None:
        raise InvalidState(_("“%(job)s” is at work already.") % {"job": job.title}, status="running")
    if begun := JobRun.objects.filter(name=job.name, due=moment).exclude(status=JobStatus.LOST).first():
        return begun, False
    if not is_ours:
        return _skip(job, moment), False
    record = JobRun.objects.create(name=job.name, due=moment)
    lost = JobRun.objects.filter(name=job.name, due=moment, status=JobStatus.LOST).count()
    if lost >= _LOSSES_ALLOWED:
        sentence = _("Its worker was killed %(count)d times; it is not tried again for this moment.")
        return _fail(record, sentence % {"count": lost}), False
    return record, True


def _carry_out(job: Job, record: JobRun, *, by: Any) -> JobRun:
    began = time.perf_counter()
    with logs.about(job=job.name, run=record.pk), queries.counted() as tally:
        record = _try(job, record, by=by)
        costs = {
            "status": record.status,
            "ms": round((time.perf_counter() - began) * 1000, 1),
            "queries": tally.count,
            "database_ms": round(tally.seconds * 1000, 1),
        }
        access.log(
            logging.DEBUG if job.quiet else logging.INFO, "%s %s", job.name, record.status, extra=costs
        )
    return record


def _try(job: Job, record: JobRun, *, by: Any) -> JobRun:
    is_nested = connection.in_atomic_block
    try:
        with _as_the_site(job, by=by), Deadline(job.time_limit):
            result = str(job.body(Run(record)) or "")
    except TimeLimitReached:
        logger.warning("the job %s reached its time limit", job.name)
        limit = timedelta(seconds=job.time_limit)
        with nullcontext() if is_nested else _other_session():
            return _fail(record, _("It took longer than it may: %(limit)s.") % {"limit": limit})
    except Exception as error:  # one job's failure is recorded, and stops no other
        logger.exception("the job %s failed", job.name)
        return _fail(record, f"{type(error).__name__}: {error}")
    record = _end(record, status=JobStatus.DONE, result=result)
    if job.quiet:
        JobRun.objects.filter(name=job.name, status=JobStatus.DONE, pk__lt=record.pk).delete()
    return record


@contextmanager
def _as_the_site(job: Job, *, by: Any) -> Iterator[None]:
    """Let dates be those of the site's place, sentences in its language, and changes the job's."""
    place = site.current()
    with (
        context.acting_as(by, source=f"job {job.name}"),
        timezone.override(place.timezone),
        translation.override(place.language),
    ):
        yield


def _fail(record: JobRun, error: str) -> JobRun:
    with transaction.atomic():
        record = _end(record, status=JobStatus.FAILED, error=error)
        outbox.record("job.failed", job=record.name, error=error, run=record.pk)
    return record


def _end(record: JobRun, **values: Any) -> JobRun:
    for name, value in {**values, "ended_at": timezone.now()}.items():
        setattr(record, name, value)
    record.save()
    return record


def _skip(job: Job, moment: datetime) -> JobRun:
    """Record that a moment passed while an earlier run was at work."""
    record = JobRun(
        name=job.name,
        due=moment,
        status=JobStatus.SKIPPED,
        ended_at=timezone.now(),
        result=_("The run before it was still at work."),
    )
    if not job.quiet:
        record.save()
    return record


def _mark_lost(name: str) -> int:
    """Mark what runs without its lock, which the caller holds now."""
    return JobRun.objects.filter(name=name, status=JobStatus.RUNNING).update(
        status=JobStatus.LOST, ended_at=timezone.now(), error=_("Its worker was killed.")
    )


def _take_turn(name: str) -> None:
    """Let one session at a time decide whether a job is to run, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"turn of job {name}"])


def _is_held(name: str) -> bool:
    """Tell whether any session holds the lock of a job, this one among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND (classid::bigint << 32 | objid::bigint) = hashtextextended(%s, 0)
            )
            """,
            [_key(name)],
        )
        return bool(cursor.fetchone()[0])


def _key(name: str) -> str:
    return f"job {name}"


@contextmanager
def _other_session() -> Iterator[None]:
    """Give up this session wherever it was interrupted, and begin another.

    The old one holds the lock until the block ends: nobody takes the run for lost before it is recorded.
    """
    old, connection.connection = connection.connection, None
    connection.connect()  # forgets transactions, too
    try:
        yield
    finally:
        old.close()
