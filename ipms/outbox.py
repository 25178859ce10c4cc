"""Events that travel upwards: recorded in the transaction of the change, delivered by a worker."""

from collections.abc import Iterable
from typing import Any

from ipms import bulk
from ipms.models import OutboxEvent


def record(topic: str, **payload: Any) -> OutboxEvent:
    """Record an event in the running transaction. `payload` holds what JSON holds: keys, numbers, text."""
    return OutboxEvent.objects.create(topic=topic, payload=payload)


def record_many(topic: str, payloads: Iterable[dict[str, Any]]) -> None:
    """Record an event for each payload with one statement."""
    bulk.create([OutboxEvent(topic=topic, payload=payload) for payload in payloads])
