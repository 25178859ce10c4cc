import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from celery.schedules import schedule as every
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.tzcrontab import TzAwareCrontab
from kombu.exceptions import OperationalError as BrokerAway

from ipms import celery_app, jobs
from ipms.errors import InvalidState
from ipms.jobs import periodic
from ipms.jobs.registry import _jobs
from ipms.jobs.running import TASK, QueueAway
from ipms.jobs.scheduler import due_moment
from ipms.models import JobRun, JobStatus, OutboxEvent

SIX = datetime(2031, 3, 1, 6, tzinfo=UTC)


@pytest.fixture
def make_job():
    """Register a job for the time of a test."""

    def make(body, name="test.job", **options):
        options = {"title": name, "schedule": jobs.daily("06:00")} | options
        jobs.job(name, **options)(body)
        return name

    before = dict(jobs.registered())
    yield make
    _jobs.clear()
    _jobs.update(before)


def at_once(*functions):
    """Call functions in threads of their own, each with a database session of its own."""

    def call(function):
        try:
            function()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db
def test_a_run_is_recorded_with_what_it_says(make_job):
    name = make_job(lambda run: f"due {run.due:%H:%M}")

    record = jobs.run(name, due=SIX)

    stored = JobRun.objects.get()
    assert record == stored
    assert (stored.status, stored.result, stored.due) == (JobStatus.DONE, "due 06:00", SIX)
    assert stored.ended_at >= stored.started_at


@pytest.mark.django_db
def test_how_far_it_came_is_recorded_while_it_runs_and_at_its_end(make_job):
    seen = []

    def body(run):
        for done in range(1, 8):
            run.progress(done, 7)
            seen.append(JobRun.objects.get().steps_done)
        return ""

    jobs.run(make_job(body))

    assert seen == [1] * 7  # not each step is written
    assert (JobRun.objects.get().steps_done, JobRun.objects.get().steps_total) == (7, 7)


@pytest.mark.django_db
def test_a_due_moment_is_run_once(make_job):
    calls = []
    name = make_job(lambda run: calls.append(run.due) or "")

    jobs.run(name, due=SIX)
    jobs.run(name, due=SIX)
    jobs.run(name, due=SIX + timedelta(days=1))

    assert calls == [SIX, SIX + timedelta(days=1)]


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_that_ring_at_the_same_moment_cause_one_run(make_job):
    calls = []

    def slow(run):
        calls.append(run.due)
        time.sleep(0.3)
        return ""

    name = make_job(slow)

    at_once(*[lambda: jobs.run(name, due=SIX)] * 4)

    assert calls == [SIX]
    assert JobRun.objects.get().status == JobStatus.DONE


@pytest.mark.django_db(transaction=True)
def test_a_moment_that_comes_while_the_run_before_is_at_work_is_skipped(make_job):
    at_work, done = threading.Event(), threading.Event()

    def slow(run):
        at_work.set()
        done.wait(10)
        return ""

    name = make_job(slow)

    def second():
        at_work.wait(10)
        jobs.run(name, due=SIX + timedelta(hours=1))
        with pytest.raises(InvalidState):
            jobs.run(name)
        done.set()

    at_once(lambda: jobs.run(name, due=SIX), second)

    assert dict(JobRun.objects.values_list("due", "status")) == {
        SIX: JobStatus.DONE,
        SIX + timedelta(hours=1): JobStatus.SKIPPED,
    }


@pytest.mark.django_db
def test_a_failure_is_recorded_and_told(make_job):
    def broken(run):
        raise ValueError("no rates")

    name = make_job(broken)

    record = jobs.run(name, due=SIX)

    assert (record.status, record.error) == (JobStatus.FAILED, "ValueError: no rates")
    event = OutboxEvent.objects.get(topic="job.failed")
    assert event.payload == {"job": name, "error": "ValueError: no rates", "run": record.pk}


@pytest.mark.django_db(transaction=True)
def test_a_failure_in_the_database_is_recorded_all_the_same(make_job):
    def broken(run):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    record = jobs.run(make_job(broken), due=SIX)

    assert record.status == JobStatus.FAILED
    assert OutboxEvent.objects.filter(topic="job.failed").count() == 1


def endless_transaction():
    with transaction.atomic(), connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT 1")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "idle",
    [
        pytest.param(lambda: connection.cursor().execute("SELECT pg_sleep(30)"), id="in a statement"),
        pytest.param(lambda: [None for _ in iter(int, 1)], id="in Python"),
        pytest.param(lambda: endless_transaction(), id="in a transaction"),
    ],
)
def test_a_job_is_ended_at_its_time_limit(make_job, idle):
    def endless(run):
        try:
            idle()
        except Exception:
            time.sleep(0)
            raise

    name = make_job(endless, time_limit=1)
    began = time.monotonic()

    at_once(lambda: jobs.run(name, due=SIX))

    assert time.monotonic() - began < 5
    assert [run.status for run in JobRun.objects.all()] == [JobStatus.FAILED]
    assert jobs.run(make_job(lambda run: "", name="test.next"), due=SIX).status == JobStatus.DONE


@pytest.mark.django_db
def test_a_run_whose_worker_was_killed_is_run_again(make_job):
    name = make_job(lambda run: "this time")
    lost = JobRun.objects.create(name=name, due=SIX)

    assert jobs.rerun_lost() == 1

    lost.refresh_from_db()
    assert lost.status == JobStatus.LOST
    assert JobRun.objects.get(status=JobStatus.DONE).due == SIX


@pytest.mark.django_db
def test_a_lost_run_waits_for_the_queue(make_job, monkeypatch):
    def away(*args, **kwargs):
        raise BrokerAway("no Redis")

    name = make_job(lambda run: "")
    JobRun.objects.create(name=name, due=SIX)
    monkeypatch.setattr(celery_app.tasks[TASK], "apply_async", away)

    with pytest.raises(QueueAway):
        jobs.rerun_lost()

    assert JobRun.objects.get().status == JobStatus.RUNNING


@pytest.mark.django_db
def test_who_looks_for_lost_runs_is_not_lost_himself():
    record = jobs.run("jobs.rerun-lost", due=SIX)

    assert record.result == "0 runs started again."


@pytest.mark.django_db
def test_a_job_that_kills_its_worker_again_and_again_is_left_alone(make_job):
    calls = []
    name = make_job(lambda run: calls.append(1) or "")
    for _attempt in range(3):
        JobRun.objects.create(name=name, due=SIX, status=JobStatus.LOST, ended_at=timezone.now())

    record = jobs.run(name, due=SIX)

    assert not calls
    assert record.status == JobStatus.FAILED
    assert OutboxEvent.objects.filter(topic="job.failed").exists()


@pytest.mark.django_db
def test_of_a_quiet_job_failures_and_the_newest_good_run_are_kept(make_job):
    outcomes = iter(["", None, "", ""])

    def body(run):
        if next(outcomes) is None:
            raise OperationalError("away")
        return ""

    name = make_job(body, quiet=True)

    for hour in range(4):
        jobs.run(name, due=SIX + timedelta(hours=hour))

    assert list(JobRun.objects.order_by("due").values_list("due", "status")) == [
        (SIX + timedelta(hours=1), JobStatus.FAILED),
        (SIX + timedelta(hours=3), JobStatus.DONE),
    ]


@pytest.mark.django_db
def test_old_records_go_but_not_the_newest_good_run_of_a_job(make_job, settings):
    settings.JOB_RUNS_KEEP = timedelta(days=30)
    name = make_job(lambda run: "")
    for days in (2, 1, 0):
        jobs.run(name, due=SIX + timedelta(days=days))
    JobRun.objects.update(started_at=timezone.now() - timedelta(days=31))

    assert jobs.forget_old() == 2

    assert JobRun.objects.get().due == SIX


@pytest.mark.django_db
def test_a_job_has_its_row_once_and_what_a_site_sets_there_stays(make_job):
    make_job(lambda run: "", schedule=jobs.daily("06:30"))
    PeriodicTask.objects.all().delete()
    periodic.install()
    row = PeriodicTask.objects.get(name="test.job")
    assert (row.crontab.hour, row.crontab.minute, row.enabled) == ("6", "30", True)
    PeriodicTask.objects.filter(pk=row.pk).update(name="Mornings", enabled=False)

    assert periodic.install() == 0

    assert PeriodicTask.objects.get(pk=row.pk).name == "Mornings"
    assert not PeriodicTask.objects.filter(name="test.job").exists()


@pytest.mark.parametrize(
    ("schedule", "after", "now", "due"),
    [
        pytest.param(
            TzAwareCrontab(hour="6", minute="0"),
            SIX - timedelta(hours=23, minutes=59),
            SIX + timedelta(seconds=2),
            SIX,
            id="on time",
        ),
        pytest.param(
            TzAwareCrontab(hour="6", minute="0"),
            SIX - timedelta(days=3),
            SIX + timedelta(hours=5),
            SIX,
            id="after three days away",
        ),
        pytest.param(
            TzAwareCrontab(hour="6", minute="0"),
            SIX - timedelta(days=1) + timedelta(seconds=1),
            SIX - timedelta(milliseconds=300),
            SIX,
            id="by a clock that runs ahead",
        ),
        pytest.param(
            every(timedelta(seconds=60)),
            SIX - timedelta(seconds=17),
            SIX + timedelta(seconds=43),
            SIX,
            id="by interval",
        ),
    ],
)
def test_schedulers_agree_for_which_moment_it_is(schedule, after, now, due):
    assert due_moment(schedule, after=after, now=now) == due
