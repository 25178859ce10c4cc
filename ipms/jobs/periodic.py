"""The rows of django-celery-beat for registered jobs: made once, the site's own from then on."""

import json

from django.db import connection, transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from ipms import site
from ipms.jobs.registry import Job, registered
from ipms.jobs.running import TASK


@transaction.atomic
def install() -> int:
    """Make a row for each registered job that has none; return how many were made.

    A job is known by its name in the row's arguments: a site may rename, change or disable its row, or add
    a second. Who wants a job away disables it: a deleted row comes back with the next start.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ipms.jobs.periodic'))")
    known = {job_name(task) for task in PeriodicTask.objects.filter(task=TASK)}
    missing = [job for name, job in registered().items() if name not in known]
    for job in missing:
        _make(job)
    return len(missing)


def job_name(task: PeriodicTask) -> str:
    """Return which job a row runs, or nothing where it is another task."""
    if task.task != TASK:
        return ""
    try:
        return str(json.loads(task.kwargs or "{}").get("name", ""))
    except (ValueError, AttributeError):
        return ""


def _make(job: Job) -> None:
    schedule = job.schedule
    interval = crontab = None
    if schedule.seconds is not None:
        interval = IntervalSchedule.objects.filter(every=schedule.seconds, period="seconds").first()
        interval = interval or IntervalSchedule.objects.create(every=schedule.seconds, period="seconds")
    else:
        hour, minute = schedule.at.split(":")
        wanted = {
            "minute": str(int(minute)),
            "hour": str(int(hour)),
            "day_of_month": str(schedule.day or "*"),
            "month_of_year": "*",
            "day_of_week": "*",
            "timezone": site.current().timezone,
        }
        crontab = CrontabSchedule.objects.filter(**wanted).first() or CrontabSchedule.objects.create(**wanted)
    PeriodicTask.objects.create(
        name=job.name,
        task=TASK,
        kwargs=json.dumps({"name": job.name}),
        description=str(job.title),
        interval=interval,
        crontab=crontab,
        # A message that nobody took for so long is one of many: the next says the same.
        expire_seconds=max(60, 2 * schedule.seconds) if schedule.seconds else None,
    )
