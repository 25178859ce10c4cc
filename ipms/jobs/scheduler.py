"""The scheduler of Celery's beat: jobs have their rows, and every message says for which moment it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from celery.schedules import crontab
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from ipms.health import signs
from ipms.jobs import periodic
from ipms.jobs.running import TASK

#: A crontab's moments are walked through one by one: no more than these, after a long absence.
_STEPS = 2000


class Scheduler(DatabaseScheduler):
    """django-celery-beat's, with the due moment beside the job's name."""

    def setup_schedule(self) -> None:
        periodic.install()
        super().setup_schedule()

    def enabled_models_qs(self) -> Any:
        # The library leaves out what is not due within two hours by the clock, and so forgets for good
        # what was due while the machine was switched off, as small sites do at night.
        return PeriodicTask.objects.enabled()

    def apply_async(self, entry: ModelEntry, *args: Any, **kwargs: Any) -> Any:
        if entry.task == TASK:
            moment = due_moment(entry.schedule, after=entry.last_run_at, now=timezone.now())
            entry.kwargs = {**entry.kwargs, "due": moment.isoformat()}
        try:
            sent = super().apply_async(entry, *args, **kwargs)
        except Exception:
            # The queue is away. As if it had not been tried: it is due again at the next look at the rows.
            entry.model.last_run_at = entry.last_run_at
            raise
        signs.give_now_and_then("beat")
        return sent


def due_moment(schedule: Any, *, after: datetime, now: datetime) -> datetime:
    """Return the newest moment up to `now` at which a schedule that last ran `after` was due.

    Two schedulers whose clocks or last runs differ by seconds get the same answer.
    """
    if not isinstance(schedule, crontab):
        period = max(1, int(schedule.run_every.total_seconds()))
        return datetime.fromtimestamp(int(now.timestamp()) // period * period, UTC)
    zone = getattr(schedule, "tz", UTC)
    moment = after.astimezone(zone)
    newest = None
    for _step in range(_STEPS):
        last, delta, _now = schedule.remaining_delta(moment)
        moment = (last + delta).replace(second=0, microsecond=0)
        if moment > now + timedelta(seconds=1):
            break
        newest = moment
    return (newest or now.replace(second=0, microsecond=0)).astimezone(UTC)
