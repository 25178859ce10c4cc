"""What administrators do with endpoints and deliveries."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ipms import audit, outbox
from ipms.errors import InvalidInput, InvalidState
from ipms.models import WebhookDelivery, WebhookEndpoint
from ipms.models.webhooks import DeliveryStatus
from ipms.webhooks import posting, topics
from ipms.webhooks.signing import new_secret

_PATTERN = re.compile(r"\*|[a-z0-9_-]+(\.[a-z0-9_-]+)*(\.\*)?")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,1000}")
#: Ours, or those of the connection.
_RESERVED = {
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
}
_MOST_HEADERS = 20


@transaction.atomic
def add(
    *,
    by: Any,
    name: str,
    url: str,
    topics: Sequence[str],
    headers: Mapping[str, str] | None = None,
    is_active: bool = True,
) -> WebhookEndpoint:
    """Add an endpoint with a new secret, which `reveal_secret` shows once.

    Raises `InvalidInput`.
    """
    endpoint = WebhookEndpoint(created_by=by, secret=new_secret())
    _set(endpoint, name=name, url=url, topics=topics, headers=headers or {}, is_active=is_active)
    return endpoint


@transaction.atomic
def change(endpoint: WebhookEndpoint, **values: Any) -> None:
    """Change name, url, topics, headers or is_active. Raises `InvalidInput`."""
    _lock(endpoint)
    _set(endpoint, **values)


@transaction.atomic
def rotate_secret(endpoint: WebhookEndpoint, *, by: Any) -> None:
    """Give the endpoint a new secret; from now on everything is signed with it, repeated attempts too."""
    _lock(endpoint)
    endpoint.secret, endpoint.secret_shown_at = new_secret(), None
    endpoint.save(update_fields=["secret", "secret_shown_at"])
    audit.accessed(endpoint, event="webhook-secret-rotated", actor=by)


@transaction.atomic
def reveal_secret(endpoint: WebhookEndpoint, *, by: Any) -> str:
    """Return the secret, once. Raises `InvalidState` where it was shown before."""
    _lock(endpoint)
    if endpoint.secret_shown_at is not None:
        raise InvalidState(_("The secret was shown before. Rotate it to get a new one."))
    endpoint.secret_shown_at = timezone.now()
    endpoint.save(update_fields=["secret_shown_at"])
    audit.accessed(endpoint, event="webhook-secret-shown", actor=by)
    return endpoint.secret


@transaction.atomic
def test(endpoint: WebhookEndpoint, *, by: Any) -> WebhookDelivery:
    """Queue a delivery that tells nothing, to see whether it arrives.

    Raises `InvalidState` where the endpoint is switched off.
    """
    _require_active(endpoint)
    event = outbox.record(f"{topics.OWN}test", endpoint=endpoint.name, asked_by=str(by))
    return WebhookDelivery.objects.create(
        endpoint=endpoint, event_id=event.pk, topic=event.topic, body=topics.body_of(event)
    )


@transaction.atomic
def redeliver(delivery: WebhookDelivery, *, by: Any) -> None:
    """Queue a delivery again, with the same id and content, and with all its attempts before it.

    One that failed so far need not wait for its next attempt. Raises `InvalidState` for one that is about to
    be sent, and where the endpoint is switched off.
    """
    delivery.refresh_from_db(from_queryset=WebhookDelivery.objects.select_for_update(no_key=True))
    is_claimed = delivery.claimed_until is not None and delivery.claimed_until > timezone.now()
    if delivery.status == DeliveryStatus.QUEUED or is_claimed:
        raise InvalidState(_("“%(delivery)s” is about to be sent.") % {"delivery": delivery})
    _require_active(delivery.endpoint)
    delivery.status = DeliveryStatus.QUEUED
    delivery.attempts, delivery.next_attempt_at, delivery.claimed_until = 0, timezone.now(), None
    delivery.save(update_fields=["status", "attempts", "next_attempt_at", "claimed_until"])
    audit.accessed(delivery, event="webhook-redelivered", actor=by)


def _require_active(endpoint: WebhookEndpoint) -> None:
    if not endpoint.is_active:
        raise InvalidState(_("“%(name)s” is switched off.") % {"name": endpoint})


def _lock(endpoint: WebhookEndpoint) -> None:
    endpoint.refresh_from_db(from_queryset=WebhookEndpoint.objects.select_for_update(no_key=True))


def _set(endpoint: WebhookEndpoint, **values: Any) -> None:
    problems: dict[str, list[str]] = {}
    if "url" in values:
        try:
            posting.check_url(values["url"])
        except posting.BadAddress as error:
            problems["url"] = [str(error)]
    if "topics" in values:
        problems["topics"] = _problems_of_topics(values["topics"])
    if "headers" in values:
        problems["headers"] = _problems_of_headers(values["headers"])
    same_name = WebhookEndpoint.objects.filter(name__iexact=values.get("name", "")).exclude(pk=endpoint.pk)
    if "name" in values and same_name.exists():
        problems["name"] = [_("There is an endpoint of this name already.")]
    if found := {name: sentences for name, sentences in problems.items() if sentences}:
        raise InvalidInput(found)
    for name, value in values.items():
        setattr(endpoint, name, value)
    try:
        endpoint.full_clean(exclude=["created_by", "secret"])
    except ValidationError as error:
        raise InvalidInput(error.message_dict) from error
    endpoint.save()


def _problems_of_topics(patterns: Sequence[str]) -> list[str]:
    if not patterns:
        return [_("Choose at least one.")]
    return [
        _("“%(topic)s” is not a topic such as order.approved, order.* or *.") % {"topic": pattern}
        for pattern in patterns
        if not _PATTERN.fullmatch(pattern)
    ]


def _problems_of_headers(headers: Mapping[str, str]) -> list[str]:
    problems = []
    if len(headers) > _MOST_HEADERS:
        problems.append(_("At most %(most)d headers.") % {"most": _MOST_HEADERS})
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            problems.append(_("“%(name)s” is not a header that can be sent.") % {"name": name[:80]})
        elif name.lower() in _RESERVED or name.lower().startswith("x-ipms-"):
            problems.append(_("“%(name)s” is set by this system itself.") % {"name": name})
    return problems
