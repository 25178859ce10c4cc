"""Whether it runs, whether it can work, and how much waits: for probes and for Prometheus."""

import ipaddress
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ipms import context
from ipms.models import OutboxEvent

logger = logging.getLogger(__name__)

_HEARTBEAT = "worker-heartbeat"
#: A worker that missed three beats is away.
_HEARTBEAT_SECONDS = 60
_STARTED_AT = time.time()


@dataclass(frozen=True)
class Check:
    """Something that is asked whether it is there; without what is `needed` no request can be served."""

    name: str
    is_there: Callable[[], bool]
    needed: bool


def beat() -> None:
    """Remember that a worker did something just now."""
    cache.set(_HEARTBEAT, time.time(), timeout=_HEARTBEAT_SECONDS)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Name what the service stands on. 503 where the database is away: without the others it still serves.

    With the cache away nothing is counted or remembered; with the worker away, mail and reports wait.
    """
    found = {check.name: check.is_there() for check in CHECKS}
    is_ready = all(found[check.name] for check in CHECKS if check.needed)
    body = {
        "status": "ok" if all(found.values()) else "degraded" if is_ready else "unavailable",
        "checks": {
            check.name: {"status": "ok" if found[check.name] else "away", "needed": check.needed}
            for check in CHECKS
        },
    }
    return JsonResponse(
        body, status=200 if is_ready else 503, headers={} if is_ready else {"Retry-After": "5"}
    )


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus; only on the machine itself, or to who knows the token."""
    if not (_is_local(request) or _knows_token(request)):
        return HttpResponse("Only for this machine or with a token.\n", status=403, content_type="text/plain")
    lines = []
    for name, kind, description, value in _measures():
        lines += [f"# HELP {name} {description}", f"# TYPE {name} {kind}", f"{name} {float(value)!r}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _is_local(request: HttpRequest) -> bool:
    # What a proxy on this machine hands on comes from elsewhere.
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
        return False
    try:
        return ipaddress.ip_address(context.client_ip(request) or "").is_loopback
    except ValueError:
        return False


def _knows_token(request: HttpRequest) -> bool:
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(sent, settings.METRICS_TOKEN)


def _measures() -> Iterator[tuple[str, str, str, float]]:
    yield "process_start_time_seconds", "gauge", "Start of this process since the epoch.", _STARTED_AT
    yield "process_cpu_seconds_total", "counter", "CPU time of this process.", time.process_time()
    if memory := _resident_bytes():
        yield "process_resident_memory_bytes", "gauge", "Memory of this process.", memory
    has_database = _database_is_there()
    yield "ipms_database_up", "gauge", "Whether the database answers.", has_database
    yield "ipms_cache_up", "gauge", "Whether the cache answers.", _cache_is_there()
    yield "ipms_worker_up", "gauge", "Whether a worker gave a sign in the last minute.", _worker_is_there()
    if has_database:
        waiting = OutboxEvent.objects.filter(delivered_at=None)
        oldest = waiting.aggregate(at=Min("created_at"))["at"]
        age = (timezone.now() - oldest).total_seconds() if oldest else 0
        yield "ipms_outbox_waiting", "gauge", "Events not delivered yet.", waiting.count()
        yield "ipms_outbox_oldest_seconds", "gauge", "Age of the oldest event not delivered yet.", age
        yield "ipms_idempotency_records", "gauge", "Kept answers, as the database estimates.", _kept_answers()


def _kept_answers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'ipms_idempotencyrecord'::regclass")
        return max(0, int(cursor.fetchone()[0]))


def _resident_bytes() -> int:
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        return 0  # not Linux
    import resource

    return int(pages) * resource.getpagesize()


def _database_is_there() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("the database does not answer: %s", error)
        return False
    return True


def _cache_is_there() -> bool:
    # The cache forgives: what was put there must come back.
    sign = uuid.uuid4().hex
    cache.set(f"readyz:{sign}", sign, timeout=10)
    return cache.get(f"readyz:{sign}") == sign


def _worker_is_there() -> bool:
    return cache.get(_HEARTBEAT) is not None


CHECKS = (
    Check("database", _database_is_there, needed=True),
    Check("cache", _cache_is_there, needed=False),
    Check("worker", _worker_is_there, needed=False),
)
