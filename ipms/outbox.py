"""Events that travel upwards: recorded in the transaction of the change, delivered by a worker.

An app subscribes in a module of its own that its `apps.py` imports:

    @outbox.subscribe("order.*", name="accounts.order-notices")
    def order_moved(event): ...

A handler writes to the database and nowhere else: its effect and the mark that it is done are one
transaction, so each event takes effect once, whatever is killed when. What leaves the house (a mail, a
webhook) it queues as a row that a job of its own sends.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from ipms import bulk
from ipms.models import OutboxEvent

logger = logging.getLogger(__name__)

Handler = Callable[[OutboxEvent], None]
_Handler = TypeVar("_Handler", bound=Handler)

#: Events that one transaction delivers: few, so that locks are short and little is repeated after a kill.
_BATCH = 20
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)
_LONGEST_ERROR = 2000


@dataclass(frozen=True)
class Subscription:
    """Who hears of a topic: the exact one, every one below `prefix.*`, or each for `*`."""

    topic: str
    name: str
    handler: Handler

    def hears(self, topic: str) -> bool:
        if self.topic.endswith("*"):
            return topic.startswith(self.topic[:-1])
        return topic == self.topic


_subscriptions: dict[str, Subscription] = {}


def record(topic: str, **payload: Any) -> OutboxEvent:
    """Record an event in the running transaction. `payload` holds what JSON holds: keys, numbers, text."""
    return OutboxEvent.objects.create(topic=topic, payload=payload)


def record_many(topic: str, payloads: Iterable[dict[str, Any]]) -> None:
    """Record an event for each payload with one statement."""
    bulk.create([OutboxEvent(topic=topic, payload=payload) for payload in payloads])


def subscribe(topic: str, *, name: str) -> Callable[[_Handler], _Handler]:
    """Let the decorated function hear of a topic: an exact one, `prefix.*`, or `*` for all.

    `name` is kept with each event that was handled: it is unique and never changes. Events come oldest first
    from each worker, but two workers may overtake each other: a handler looks at what is, not at the order.
    """

    def decorate(handler: _Handler) -> _Handler:
        if name in _subscriptions:
            raise ValueError(f"There is a subscription named {name!r} already.")
        _subscriptions[name] = Subscription(topic, name, handler)
        return handler

    return decorate


def subscriptions() -> list[Subscription]:
    """Return all subscriptions, by name."""
    return sorted(_subscriptions.values(), key=lambda subscription: subscription.name)


def deliver(limit: int = 200) -> int:
    """Hand waiting events, oldest first, to whoever subscribed; return how many are done.

    An event that another worker holds is passed over. A handler that fails is undone alone and called again
    later, for ever, with waits that double up to an hour; those of the same event that went well are not
    repeated. An event that nobody subscribed to is done.
    """
    done, left = 0, limit
    while left > 0:
        wanted = min(_BATCH, left)
        with transaction.atomic():
            events = _take(wanted)
            done += sum(_hand_over(event) for event in events)
            bulk.update(events, ["delivered_at", "handled", "attempts", "next_attempt_at", "last_error"])
        left = left - wanted if len(events) == wanted else 0
    return done


def clean_up(*, keep: timedelta) -> int:
    """Delete what was delivered longer than `keep` ago; return how many events that were."""
    old = OutboxEvent.objects.filter(delivered_at__lt=timezone.now() - keep)
    return old.delete()[0]


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failures: ten seconds, doubled each time up to an hour."""
    return min(_FIRST_WAIT * 2 ** min(attempts - 1, 20), _LONGEST_WAIT)


def _take(count: int) -> list[OutboxEvent]:
    """Lock the oldest events that are due and that nobody else holds."""
    with connection.cursor() as cursor:
        # A key that leads nowhere fails in its handler, not at the end of the whole transaction.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    is_due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=timezone.now())
    waiting = OutboxEvent.objects.select_for_update(skip_locked=True, no_key=True)
    return list(waiting.filter(is_due, delivered_at=None).order_by("pk")[:count])


def _hand_over(event: OutboxEvent) -> bool:
    """Call each handler that is not done with the event, and say on it how that went."""
    now = timezone.now()
    errors = []
    for subscription in subscriptions():
        if subscription.name in event.handled or not subscription.hears(event.topic):
            continue
        try:
            with transaction.atomic():
                subscription.handler(event)
        except Exception as error:
            if not connection.is_usable():
                raise  # it is not the handler that failed
            logger.exception("%s failed on %s", subscription.name, event)
            errors.append(f"{subscription.name}: {type(error).__name__}: {error}")
        else:
            event.handled = [*event.handled, subscription.name]
    if errors:
        _put_off(event, errors, now)
        return False
    event.delivered_at, event.next_attempt_at = now, None
    return True


def _put_off(event: OutboxEvent, errors: list[str], now: datetime) -> None:
    event.attempts = min(event.attempts + 1, 32_767)
    event.next_attempt_at = now + wait_after(event.attempts)
    event.last_error = "\n".join(errors)[:_LONGEST_ERROR]
