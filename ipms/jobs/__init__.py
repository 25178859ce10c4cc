"""Scheduled jobs: each is a function of an app's tasks.py, run once for each moment it is due.

@jobs.job("orders.overdue", title=_("Overdue orders"), schedule=jobs.daily("06:00"), time_limit=300)
def overdue_orders(run: jobs.Run) -> str: ...
"""

from ipms.jobs.deadline import TimeLimitReached
from ipms.jobs.registry import Job, daily, every, find, job, monthly, registered
from ipms.jobs.running import Run, forget_old, rerun_lost, run, start

__all__ = [
    "Job",
    "Run",
    "TimeLimitReached",
    "daily",
    "every",
    "find",
    "forget_old",
    "job",
    "monthly",
    "registered",
    "rerun_lost",
    "run",
    "start",
]
