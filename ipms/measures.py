"""Figures of the site itself for /metrics, asked at each scrape."""

import os
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.db import connection
from django.db.models import Count, Max, Min
from django.utils import timezone

from ipms import metrics, queues
from ipms.health import checks
from ipms.metrics import measure
from ipms.models import (
    JobRun,
    JobStatus,
    MailStatus,
    OutboxEvent,
    OutgoingMail,
    WebhookDelivery,
    WebhookEndpoint,
)
from ipms.models.jobs import WENT_WRONG
from ipms.models.webhooks import WAITING


@measure("ipms_database_up", "Whether the database answers.", needs_database=False)
def database_up() -> float:
    return checks.database_is_there()


@measure("ipms_cache_up", "Whether the cache answers.", needs_database=False)
def cache_up() -> float:
    return checks.cache_is_there()


@measure("ipms_worker_up", "Whether a worker carried out a task in the last minute.", needs_database=False)
def worker_up() -> float:
    return checks.worker_is_there()


@measure("ipms_beat_up", "Whether beat handed out a task in the last minute.", needs_database=False)
def beat_up() -> float:
    return checks.beat_is_there()


@measure("ipms_queue_length", "Tasks that wait for a worker.", labels=["queue"], needs_database=False)
def queue_length() -> dict[tuple[str, ...], float]:
    length = queues.length()
    return {} if length is None else {(queues.NAME,): length}


@measure("ipms_outbox_waiting", "Events not delivered yet.")
def outbox_waiting() -> float:
    return OutboxEvent.objects.filter(delivered_at=None).count()


@measure("ipms_outbox_oldest_seconds", "Age of the oldest event not delivered yet.")
def outbox_oldest() -> float:
    oldest = OutboxEvent.objects.filter(delivered_at=None).aggregate(at=Min("created_at"))["at"]
    return (timezone.now() - oldest).total_seconds() if oldest else 0


@measure("ipms_mails", "Mails in the records, by what became of them.", labels=["status"])
def mails() -> dict[tuple[str, ...], float]:
    counted = OutgoingMail.objects.order_by().values_list("status").annotate(count=Count("pk"))
    return dict.fromkeys(((status,) for status in MailStatus.values), 0) | {
        (status,): count for status, count in counted
    }


@measure("ipms_webhooks_waiting", "Webhooks that are still to be delivered, to endpoints that are on.")
def webhooks_waiting() -> float:
    return WebhookDelivery.objects.filter(status__in=WAITING, endpoint__is_active=True).count()


@measure("ipms_webhook_failures_in_a_row", "Failures since the last delivery.", labels=["endpoint"])
def webhook_failures() -> dict[tuple[str, ...], float]:
    active = WebhookEndpoint.objects.filter(is_active=True)
    return {(name,): failures for name, failures in active.values_list("name", "failures_in_a_row")}


@measure("ipms_idempotency_records", "Kept answers, as the database estimates.")
def idempotency_records() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'ipms_idempotencyrecord'::regclass")
        return max(0, int(cursor.fetchone()[0]))


@measure("ipms_job_runs", "Runs in the records, which are kept for a while.", labels=["job", "status"])
def job_runs() -> dict[tuple[str, ...], float]:
    counted = JobRun.objects.order_by().values_list("name", "status").annotate(count=Count("pk"))
    return {(name, status): count for name, status, count in counted}


@measure("ipms_job_failing", "Whether the newest run that ended went wrong.", labels=["job"])
def job_failing() -> dict[tuple[str, ...], float]:
    return {(run.name,): run.status in WENT_WRONG for run in JobRun.objects.newest_ended()}


@measure("ipms_job_last_duration_seconds", "What the newest run that ended took.", labels=["job"])
def job_duration() -> dict[tuple[str, ...], float]:
    return {(run.name,): run.duration.total_seconds() for run in JobRun.objects.newest_ended()}


@measure("ipms_job_last_success_timestamp_seconds", "End of the newest good run.", labels=["job"])
def job_success() -> dict[tuple[str, ...], float]:
    good = JobRun.objects.filter(status=JobStatus.DONE).order_by()
    newest = good.values_list("name").annotate(at=Max("ended_at"))
    return {(name,): at.timestamp() for name, at in newest if at}


@measure(
    "process_start_time_seconds",
    "Start of each web process since the epoch.",
    labels=["process"],
    needs_database=False,
)
def process_start() -> dict[tuple[str, ...], float]:
    return _of_each(lambda stat: _booted_at() + int(stat[19]) / os.sysconf("SC_CLK_TCK"))


@measure(
    "process_cpu_seconds_total",
    "CPU time of each web process.",
    kind="counter",
    labels=["process"],
    needs_database=False,
)
def process_cpu() -> dict[tuple[str, ...], float]:
    return _of_each(lambda stat: (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK"))


@measure(
    "process_resident_memory_bytes", "Memory of each web process.", labels=["process"], needs_database=False
)
def process_memory() -> dict[tuple[str, ...], float]:
    return _of_each(lambda stat: int(stat[21]) * os.sysconf("SC_PAGESIZE"))


def _of_each(read: Callable[[list[str]], float]) -> dict[tuple[str, ...], float]:
    """Read a figure from the kernel's page of each process; only Linux has such pages."""
    found: dict[tuple[str, ...], float] = {}
    for process, pid in metrics.processes().items():
        try:
            page = Path(f"/proc/{pid}/stat").read_text()
        except OSError:  # ended meanwhile, or not Linux
            continue
        found[process,] = read(page.rpartition(")")[2].split())
    return found


@lru_cache(maxsize=1)
def _booted_at() -> float:
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
