"""Which jobs should have begun and did not: the scheduler was away, or nobody took what it sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django_celery_beat.models import PeriodicTask

from ipms.jobs import periodic
from ipms.jobs.running import TASK
from ipms.jobs.scheduler import due_moment
from ipms.models import JobRun

#: A worker that is busy takes a job some minutes later.
GRACE = timedelta(minutes=15)
#: What is due every few seconds may be left out now and then.
_MISSED = 3


@dataclass(frozen=True, kw_only=True)
class LateJob:
    """A job by its name, its row of the schedule, and the moment at which it should have begun."""

    name: str
    task: PeriodicTask
    due: datetime


def late_jobs(*, now: datetime) -> list[LateJob]:
    """Return the jobs that are due for longer than `GRACE`, the longest wait first. Two queries.

    A job that never ran counts from the last change of its row.
    """
    begun = dict(JobRun.objects.order_by("name", "-due").distinct("name").values_list("name", "due"))
    tasks = PeriodicTask.objects.filter(task=TASK, enabled=True).select_related(
        "crontab", "interval", "solar", "clocked"
    )
    found = []
    for task in tasks:
        name = periodic.job_name(task)
        after = begun.get(name, task.date_changed)
        if due := _missed(task, after=after, now=now):
            found.append(LateJob(name=name, task=task, due=due))
    return sorted(found, key=lambda late: late.due)


def _missed(task: PeriodicTask, *, after: datetime, now: datetime) -> datetime | None:
    """Return the moment that a row has waited for too long; None where it is in time."""
    if task.interval is not None:
        period = task.interval.schedule.run_every
        return after + period if now - after > max(GRACE, _MISSED * period) else None
    if task.crontab is None:
        return None
    due = due_moment(task.schedule, after=after, now=now)
    return due if due > after and now - due > GRACE else None
