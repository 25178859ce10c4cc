"""Jobs of no app in particular."""

from datetime import datetime

from celery import shared_task
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipms import jobs
from ipms.api import health


@shared_task(ignore_result=True)
def heartbeat() -> None:
    """Say that beat and a worker are at work."""
    health.beat()


@shared_task(ignore_result=True)
def run_job(name: str, due: str | None = None) -> None:
    """Run a registered job for the moment it was due; without one, now."""
    jobs.run(name, due=datetime.fromisoformat(due) if due else None)


@jobs.job(
    "jobs.rerun-lost",
    title=gettext_lazy("Start lost jobs again"),
    schedule=jobs.every(seconds=60),
    quiet=True,
)
def rerun_lost(run: jobs.Run) -> str:
    return _("%(count)d runs started again.") % {"count": jobs.rerun_lost()}


@jobs.job("jobs.clean-up", title=gettext_lazy("Forget old job runs"), schedule=jobs.daily("03:50"))
def forget_old_runs(run: jobs.Run) -> str:
    return _("%(count)d records deleted.") % {"count": jobs.forget_old()}
