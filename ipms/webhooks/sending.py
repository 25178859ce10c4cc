"""Sending what is queued: each delivery by one worker at a time, again and again for about a day.

A worker claims a delivery for longer than a request may take, in a transaction of its own; then it sends,
holding no lock; then it writes down what came of it. Where it is killed in between, the claim runs out and
another sends once more, under the same delivery id. An endpoint gets one delivery at a time, so that a slow
one holds up itself alone, and which was tried longest ago comes first.
"""

import logging
import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from ipms import outbox
from ipms.models import WebhookDelivery, WebhookEndpoint
from ipms.models.webhooks import WAITING, DeliveryStatus
from ipms.webhooks import posting
from ipms.webhooks.posting import Answer
from ipms.webhooks.signing import signature

logger = logging.getLogger(__name__)

#: Endpoints that are sent to at once.
_AT_ONCE = 8
#: How much longer than a request a claim lasts: looking up a name has limits of its own.
_MARGIN = timedelta(seconds=45)
#: Doubled after each failure, up to the longest: with so many attempts, about a day.
_FIRST_WAIT, _LONGEST_WAIT, ATTEMPTS = timedelta(seconds=30), timedelta(hours=4), 15
#: No two attempts at the same second, after an endpoint has been away for all of them.
_JITTER = 0.1
_GONE = 410


@dataclass
class Sent:
    delivered: int = 0
    failed: int = 0


def send_due(*, seconds: float = 45) -> Sent:
    """Send what is due until nothing is, and begin nothing more after `seconds`."""
    _give_up_killers()
    sent, until = Sent(), time.monotonic() + seconds
    under_way: dict[Future[Answer], WebhookDelivery] = {}
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="webhook") as threads:
        while True:
            if time.monotonic() < until:
                for delivery in _claim(timezone.now(), limit=_AT_ONCE - len(under_way)):
                    under_way[threads.submit(_post, delivery)] = delivery
            if not under_way:
                return sent
            for answered in wait(under_way, return_when=FIRST_COMPLETED).done:
                answer = answered.result()
                settle(under_way.pop(answered), answer)
                sent.delivered += answer.is_success
                sent.failed += not answer.is_success


@transaction.atomic
def settle(delivery: WebhookDelivery, answer: Answer) -> None:
    """Write down what came of an attempt, and when the next one is, if any."""
    now = timezone.now()
    delivery.claimed_until = None
    delivery.duration_ms, delivery.response_body = answer.duration_ms, answer.body
    delivery.response_status = answer.status
    endpoint = delivery.endpoint
    tried = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    if answer.is_success:
        delivery.status, delivery.delivered_at = DeliveryStatus.DELIVERED, now
        delivery.next_attempt_at, delivery.last_error = None, ""
        tried.update(last_attempt_at=now, last_success_at=now, failures_in_a_row=0)
    else:
        delivery.last_error = answer.error or _("It answered %(status)d.") % {"status": answer.status}
        tried.update(last_attempt_at=now, failures_in_a_row=F("failures_in_a_row") + 1)
        if answer.status == _GONE:
            _switch_off(endpoint)
            _give_up(delivery)
        elif delivery.attempts >= ATTEMPTS:
            _give_up(delivery)
        else:
            delivery.status = DeliveryStatus.FAILED
            delivery.next_attempt_at = now + wait_after(delivery.attempts)
    delivery.save(
        update_fields=[
            "status",
            "claimed_until",
            "next_attempt_at",
            "delivered_at",
            "response_status",
            "response_body",
            "last_error",
            "duration_ms",
        ]
    )


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failures: half a minute, doubled up to four hours, roughly."""
    exactly = min(_FIRST_WAIT * 2 ** min(attempts - 1, 20), _LONGEST_WAIT)
    return exactly * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - nobody gains by guessing it


def clean_up(*, keep: timedelta) -> int:
    """Delete deliveries made longer than `keep` ago, and return how many."""
    return WebhookDelivery.objects.filter(created_at__lt=timezone.now() - keep).delete()[0]


@transaction.atomic
def _claim(now: datetime, *, limit: int) -> list[WebhookDelivery]:
    """Claim the oldest due delivery of each of up to `limit` endpoints to which nothing is being sent."""
    if limit <= 0:
        return []
    of_endpoint = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"))
    endpoints = (
        WebhookEndpoint.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(Exists(of_endpoint.due(now)), ~Exists(of_endpoint.under_way(now)), is_active=True)
        .order_by(F("last_attempt_at").asc(nulls_first=True), "pk")[:limit]
    )
    ours = {endpoint.pk: endpoint for endpoint in endpoints}
    # Asked again, now that no other worker claims anything of them.
    free = WebhookEndpoint.objects.filter(~Exists(of_endpoint.under_way(now)), pk__in=ours)
    oldest = free.values_list(Subquery(of_endpoint.due(now).order_by("id").values("pk")[:1]), flat=True)
    deliveries = list(WebhookDelivery.objects.filter(pk__in=list(oldest)))
    until = now + timedelta(seconds=settings.WEBHOOK_TIMEOUT) + _MARGIN
    WebhookDelivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(
        claimed_until=until, attempts=F("attempts") + 1
    )
    for delivery in deliveries:
        delivery.endpoint = ours[delivery.endpoint_id]
        delivery.claimed_until, delivery.attempts = until, delivery.attempts + 1
    return deliveries


def _post(delivery: WebhookDelivery) -> Answer:
    """Send one delivery. Runs in a thread of its own and asks the database nothing."""
    endpoint, body, timestamp = delivery.endpoint, delivery.body.encode(), int(time.time())
    headers = {
        **endpoint.headers,
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "IPMS-Webhooks/1",
        "X-IPMS-Event": delivery.topic,
        "X-IPMS-Delivery": str(delivery.key),
        "X-IPMS-Timestamp": str(timestamp),
        "X-IPMS-Signature": signature(endpoint.secret, timestamp=timestamp, body=body),
    }
    return posting.post(endpoint.url, body, headers, timeout=settings.WEBHOOK_TIMEOUT)


def _give_up_killers() -> None:
    """Give up what was claimed for the last time by a worker that never came back."""
    now = timezone.now()
    for delivery in (
        WebhookDelivery.objects.due(now).filter(attempts__gte=ATTEMPTS).select_related("endpoint")
    ):
        with transaction.atomic():
            delivery.refresh_from_db(from_queryset=WebhookDelivery.objects.select_for_update(no_key=True))
            if delivery.status in WAITING:
                delivery.last_error = delivery.last_error or _("The worker that sent it was killed.")
                _give_up(delivery)
                delivery.save()


def _give_up(delivery: WebhookDelivery) -> None:
    delivery.status, delivery.next_attempt_at = DeliveryStatus.GIVEN_UP, None
    logger.warning("webhook delivery %s to %s given up", delivery.key, delivery.endpoint.name)
    outbox.record(
        "webhook.given-up",
        endpoint=delivery.endpoint_id,
        delivery=delivery.pk,
        name=delivery.endpoint.name,
        event=str(delivery),
        error=delivery.last_error,
    )


def _switch_off(endpoint: WebhookEndpoint) -> None:
    endpoint.refresh_from_db(from_queryset=WebhookEndpoint.objects.select_for_update(no_key=True))
    if endpoint.is_active:
        endpoint.is_active = False
        endpoint.save(update_fields=["is_active"])
        outbox.record("webhook.switched-off", endpoint=endpoint.pk, name=endpoint.name)
