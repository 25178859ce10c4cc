"""Delivery of events: each handler is done once with each event, whatever fails or is killed meanwhile."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from ipms import outbox
from ipms.models import ExchangeRate, OutboxEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_else_listens(monkeypatch):
    monkeypatch.setattr(outbox, "_subscriptions", {})


@pytest.fixture
def later(monkeypatch):
    """Let time pass: `later(minutes=5)`."""

    def pass_time(**how):
        moment = timezone.now() + timedelta(**how)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    return pass_time


def listen(topic, *, name="notes", failing_on=()):
    """Subscribe, and return the list in which the numbers of the events that came are noted."""
    heard = []

    @outbox.subscribe(topic, name=name)
    def note(event):
        if event.payload["number"] in failing_on:
            raise ValueError("no ink")
        heard.append(event.payload["number"])

    return heard


@pytest.mark.parametrize(
    ("topic", "heard"),
    [
        pytest.param("order.approved", [1], id="exact"),
        pytest.param("order.*", [1, 2], id="all of a kind"),
        pytest.param("*", [1, 2, 3, 4], id="all"),
        pytest.param("order", [4], id="no part of a word"),
    ],
)
def test_subscriber_hears_of_its_topics_alone(topic, heard):
    came = listen(topic)
    for number, recorded in enumerate(["order.approved", "order.pending", "stock.low", "order"], start=1):
        outbox.record(recorded, number=number)

    assert outbox.deliver() == 4

    assert came == heard


def test_oldest_comes_first_over_many_batches():
    came = listen("*")
    outbox.record_many("stock.low", ({"number": number} for number in range(50)))

    assert outbox.deliver(limit=45) == 45
    assert outbox.deliver() == 5

    assert came == list(range(50))


def test_event_that_nobody_wants_is_done():
    event = outbox.record("order.approved", number=1)

    assert outbox.deliver() == 1

    event.refresh_from_db()
    assert event.delivered_at
    assert event.handled == []


def test_delivered_event_does_not_come_again():
    came = listen("*")
    outbox.record("order.approved", number=1)

    outbox.deliver()
    outbox.deliver()

    assert came == [1]


def test_name_serves_one_subscription():
    listen("*", name="notes")

    with pytest.raises(ValueError, match="notes"):
        listen("order.*", name="notes")


def test_failed_handler_is_called_again_alone(later):
    good = listen("*", name="good")
    ink = {1}
    slow = listen("*", name="slow", failing_on=ink)
    event = outbox.record("order.approved", number=1)

    assert outbox.deliver() == 0
    event.refresh_from_db()
    assert (event.handled, event.attempts, event.delivered_at) == (["good"], 1, None)
    assert event.last_error == "slow: ValueError: no ink"
    ink.clear()
    assert outbox.deliver() == 0  # its time has not come
    later(seconds=11)
    assert outbox.deliver() == 1

    event.refresh_from_db()
    assert sorted(event.handled) == ["good", "slow"]
    assert event.delivered_at
    assert (good, slow) == ([1], [1])


def test_failure_of_one_event_stops_no_other():
    came = listen("*", failing_on={1})
    outbox.record("order.approved", number=1)
    outbox.record("order.approved", number=2)

    assert outbox.deliver() == 1

    assert came == [2]


def test_failed_handler_leaves_nothing_behind():
    @outbox.subscribe("*", name="half")
    def half(event):
        ExchangeRate.objects.create(currency="RWF", rate=1, valid_from="2031-02-03")
        raise ValueError("and then no more")

    outbox.record("order.approved", number=1)
    outbox.deliver()

    assert not ExchangeRate.objects.exists()


def test_key_that_leads_nowhere_fails_its_handler_and_no_other():
    came = listen("*", name="good")

    @outbox.subscribe("*", name="wrong")
    def wrong(event):
        ExchangeRate.objects.create(currency="RWF", rate=1, valid_from="2031-02-03", created_by_id=999_999)

    event = outbox.record("order.approved", number=1)
    outbox.deliver()

    event.refresh_from_db()
    assert event.handled == ["good"]
    assert event.last_error.startswith(f"wrong: {IntegrityError.__name__}")
    assert came == [1]


def test_wait_doubles_up_to_an_hour():
    waits = [outbox.wait_after(attempts).total_seconds() for attempts in (1, 2, 3, 9, 10, 500, 32_767)]

    assert waits == [10, 20, 40, 2560, 3600, 3600, 3600]


def test_delivered_events_are_deleted_after_their_time():
    now = timezone.now()
    old = outbox.record("order.approved", number=1)
    recent = outbox.record("order.approved", number=2)
    waiting = outbox.record("order.approved", number=3)
    OutboxEvent.objects.filter(pk=old.pk).update(delivered_at=now - timedelta(days=31))
    OutboxEvent.objects.filter(pk=recent.pk).update(delivered_at=now - timedelta(days=29))
    OutboxEvent.objects.filter(pk=waiting.pk).update(created_at=now - timedelta(days=90))

    assert outbox.clean_up(keep=timedelta(days=30)) == 1

    assert set(OutboxEvent.objects.all()) == {recent, waiting}


def test_delivery_costs_the_same_for_one_event_and_for_a_batch(django_assert_num_queries):
    outbox.record("order.approved", number=1)
    with django_assert_num_queries(5):  # a transaction, its constraints, which, what became of them
        outbox.deliver()
    outbox.record_many("order.approved", ({"number": number} for number in range(19)))
    with django_assert_num_queries(5):
        outbox.deliver()
