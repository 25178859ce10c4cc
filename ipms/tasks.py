"""Jobs of no app in particular."""

from celery import shared_task

from ipms.api import health


@shared_task(ignore_result=True)
def heartbeat() -> None:
    """Say that beat and a worker are at work."""
    health.beat()
