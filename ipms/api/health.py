"""Whether it runs, whether it can work, and how much waits: for probes and for Prometheus."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ipms import context
from ipms import metrics as registry
from ipms.health import checks


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
    found = {check.name: check.is_there() for check in checks.READINESS}
    is_ready = all(found[check.name] for check in checks.READINESS if check.needed)
    body = {
        "status": "ok" if all(found.values()) else "degraded" if is_ready else "unavailable",
        "checks": {
            check.name: {"status": "ok" if found[check.name] else "away", "needed": check.needed}
            for check in checks.READINESS
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
    return HttpResponse(registry.exposition(), content_type=registry.CONTENT_TYPE)


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
