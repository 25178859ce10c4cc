"""Events, notifications and mails with several workers at once, and with a worker that is killed."""

import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import DatabaseError, connection

from accounts import notifications
from accounts.models import Kind, Notification
from accounts.notifications import Channels
from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms import mail, outbox
from ipms.models import MailStatus, OutboxEvent, OutgoingMail
from ipms.testing import mail_server
from procurement.tests.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)

_PATIENCE_SECONDS = 60

#: A worker that stops in the middle of the 25th event, with what its handlers wrote not yet committed.
_WORKER = """
import time
import django
django.setup()
from ipms import outbox

seen = 0

@outbox.subscribe("*", name="tests.z-slow")
def stop_in_the_middle(event):
    global seen
    seen += 1
    if seen == 25:
        print("in the middle", flush=True)
        time.sleep(600)

outbox.deliver()
"""

_SENDER = """
import django
django.setup()
from django.conf import settings
from ipms import mail
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", %d, False
mail.send_waiting()
"""


@pytest.fixture
def manager_by_mail():
    """A manager who wants to hear of low stock in the program and by mail."""
    manager = UserFactory(manager=True)
    notifications.choose(manager, {Kind.STOCK_LOW: Channels(in_app=True, by_mail=True)})
    return manager


@pytest.fixture
def server(settings):
    with mail_server.running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        yield server


def low_stock(count):
    for item in ItemFactory.create_batch(count):
        outbox.record("stock.low", item=item.pk, available="1")


@contextmanager
def worker(script):
    """Run a process of its own that works on the database of this test."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url.geturl()},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(is_so):
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_two_workers_never_handle_an_event_twice(monkeypatch, manager_by_mail):
    monkeypatch.setattr(outbox, "_subscriptions", dict(outbox._subscriptions))
    handled = []

    @outbox.subscribe("stock.low", name="tests.note")
    def note(event):
        handled.append(event.pk)
        time.sleep(0.002)

    low_stock(120)

    counts = at_once(*[outbox.deliver] * 4)

    assert sum(counts) == 120
    assert sorted(Counter(handled).values()) == [1] * 120
    assert sum(count > 0 for count in counts) > 1  # they did share the work
    assert Notification.objects.filter(user=manager_by_mail).count() == 120
    assert OutgoingMail.objects.count() == 120


def test_worker_that_is_killed_in_the_middle_loses_and_doubles_nothing(manager_by_mail):
    low_stock(40)
    with worker(_WORKER) as process:
        assert process.stdout.readline() == "in the middle\n"
        half_way = OutboxEvent.objects.exclude(delivered_at=None).count()
        process.kill()  # with SIGKILL
        process.wait()
    assert 0 < half_way < 40
    assert Notification.objects.count() == half_way

    wait_until(lambda: outbox.deliver() or not OutboxEvent.objects.filter(delivered_at=None).exists())

    keys = Notification.objects.filter(user=manager_by_mail).values_list("key", flat=True)
    assert len(keys) == len(set(keys)) == 40
    assert OutgoingMail.objects.count() == 40


def test_connection_that_is_lost_in_the_middle_is_no_failure_of_a_handler(monkeypatch, manager_by_mail):
    monkeypatch.setattr(outbox, "_subscriptions", dict(outbox._subscriptions))
    losses = [1]

    @outbox.subscribe("stock.low", name="tests.z-lose")
    def lose_the_connection(event):
        if losses and losses.pop():
            connection.connection.pgconn.finish()  # as when the server is gone
            Notification.objects.count()

    low_stock(3)

    with pytest.raises(DatabaseError):
        outbox.deliver()
    connection.close()
    assert outbox.deliver() == 3

    assert Notification.objects.count() == 3
    assert set(OutboxEvent.objects.values_list("attempts", "last_error")) == {(0, "")}


def test_two_senders_never_send_a_mail_twice(server):
    mail.queue([mail.Letter(to=f"p{n}@example.org", subject="Low", text="Low.") for n in range(40)])

    counts = at_once(*[mail.send_waiting] * 3)

    assert sum(counts) == 40
    assert sorted(Counter(one["To"] for one in server.received).values()) == [1] * 40


def test_sender_that_is_killed_in_the_middle_repeats_one_mail_at_most(server):
    mail.queue([mail.Letter(to=f"p{n}@example.org", subject="Low", text="Low.") for n in range(30)])
    server.delay = 0.05
    with worker(_SENDER % server.port) as process:
        wait_until(lambda: len(server.received) >= 5)
        process.kill()  # with SIGKILL
        process.wait()
    server.delay = 0

    wait_until(lambda: mail.send_waiting() or not OutgoingMail.objects.exclude(status="sent").exists())

    arrived = Counter(one["Message-ID"] for one in server.received)
    assert set(arrived) == set(OutgoingMail.objects.values_list("message_id", flat=True))
    assert sum(arrived.values()) <= 31
    assert set(OutgoingMail.objects.values_list("status", flat=True)) == {MailStatus.SENT}


def test_with_cache_and_mail_away_no_request_fails_and_all_is_told_in_the_end(settings, api, manager_by_mail):
    """An issue over the API crosses the reorder level while neither Redis nor the mail server answer."""
    shelf = LocationFactory()
    bolt = ItemFactory(location=shelf, reorder_level=10)
    stock(bolt, shelf, 20)
    client = api(UserFactory())
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/1"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}

    response = client.post(f"/api/inventory/items/{bolt.pk}/remove-stock", {"quantity": 10})

    assert response.status_code == 200
    assert outbox.deliver() == 1
    assert mail.send_waiting() == 0
    assert OutgoingMail.objects.get().status == MailStatus.QUEUED
    OutgoingMail.objects.update(next_attempt_at=None)
    with mail_server.running() as server:
        settings.EMAIL_PORT = server.port
        assert mail.send_waiting() == 1
    assert server.received[0]["To"] == manager_by_mail.email
    assert Notification.objects.get().title.endswith("is low on stock")
