"""Beat: when it rings, what it says, and what it does not forget."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from kombu.exceptions import OperationalError

from ipms import jobs
from ipms.celery import app
from ipms.jobs.running import TASK
from ipms.jobs.scheduler import Scheduler
from ipms.models import JobRun, JobStatus

# The scheduler closes connections that look old.
pytestmark = pytest.mark.django_db(transaction=True)


def row(hour, *, last_run_at):
    crontab = CrontabSchedule.objects.create(hour=str(hour), minute="0")
    arguments = {"task": TASK, "kwargs": '{"name": "jobs.clean-up"}', "crontab": crontab}
    return PeriodicTask.objects.create(name="nightly", last_run_at=last_run_at, **arguments)


@pytest.fixture
def scheduler():
    jobs.registered()
    return Scheduler(app=app, lazy=True)


def test_each_message_says_for_which_moment_it_is(scheduler):
    now = timezone.now()
    row(now.hour, last_run_at=now - timedelta(days=2))

    scheduler.apply_async(scheduler.schedule["nightly"], advance=False)

    run = JobRun.objects.get()
    assert run.status == JobStatus.DONE
    assert run.due == now.replace(minute=0, second=0, microsecond=0)


def test_what_was_due_while_the_machine_was_off_is_made_up_for(scheduler):
    now = timezone.now()
    row((now.hour + 12) % 24, last_run_at=now - timedelta(days=3))

    is_due, _seconds = scheduler.schedule["nightly"].is_due()

    assert is_due


def test_a_job_that_the_queue_did_not_take_is_due_again(scheduler, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("no Redis")

    monkeypatch.setattr(app.tasks[TASK], "apply_async", away)
    before = datetime(2031, 3, 1, 6, tzinfo=UTC)
    row(6, last_run_at=before)
    entry = scheduler.schedule["nightly"]
    scheduler.reserve(entry)

    scheduler.apply_entry(entry)

    assert entry.model.last_run_at == before


def test_the_rows_of_new_jobs_are_there_when_it_starts():
    PeriodicTask.objects.all().delete()

    Scheduler(app=app)

    assert PeriodicTask.objects.filter(task=TASK, name="backup.nightly", enabled=True).exists()
