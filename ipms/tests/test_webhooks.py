"""Webhooks: what is queued of an event, what arrives at a receiver, and what happens when it does not."""

import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from auditlog import get_logentry_model
from django.db import connection, connections
from django.utils import timezone

from ipms import measures, outbox, webhooks
from ipms.errors import InvalidInput, InvalidState
from ipms.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from ipms.models.webhooks import DeliveryStatus
from ipms.webhooks import sending

AuditEntry = get_logentry_model()

pytestmark = pytest.mark.django_db


class Receiver:
    """A web server on this machine that notes what it gets and answers as it is told."""

    def __init__(self):
        self.got = []
        self.status, self.headers, self.body, self.wait = 200, {}, b"thanks", 0.0
        self.is_receiving = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                receiver.is_receiving.set()
                receiver.may_answer.wait(20)
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for byte in receiver.body:
                    time.sleep(receiver.wait)
                    self.wfile.write(bytes([byte]))

            def log_message(self, *args):
                pass

            def handle(self):
                with suppress(OSError):  # who asked has gone
                    super().handle()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook?from=ipms"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def events(self):
        return [json.loads(body)["id"] for _path, _headers, body in self.got]

    def close(self):
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver():
    lent = Receiver()
    yield lent
    lent.close()


@pytest.fixture(autouse=True)
def _private_network(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True


@pytest.fixture
def boss(admin):
    return admin


def endpoint_of(url, *, by, topics=("*",), **values):
    name = f"ERP {WebhookEndpoint.objects.count() + 1}"
    return webhooks.add(by=by, **{"name": name, "url": url, "topics": list(topics), **values})


@pytest.fixture
def endpoint(receiver, boss):
    return endpoint_of(receiver.url, by=boss)


@pytest.fixture
def later(monkeypatch):
    """Let time pass: `later(minutes=5)`."""

    def pass_time(**how):
        moment = timezone.now() + timedelta(**how)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    return pass_time


def tell(topic="stock.low", **payload):
    """Record an event and have the outbox delivered."""
    event = outbox.record(topic, **payload)
    outbox.deliver()
    return event


def only():
    return WebhookDelivery.objects.get()


class TestQueueing:
    @pytest.mark.parametrize(
        ("patterns", "told"),
        [
            pytest.param(["order.approved"], ["order.approved"], id="exact"),
            pytest.param(["order.*"], ["order.approved", "order.pending"], id="all of a kind"),
            pytest.param(["*"], ["order.approved", "order.pending", "stock.low"], id="all but webhooks' own"),
            pytest.param(["order.*", "order.approved"], ["order.approved", "order.pending"], id="once only"),
            pytest.param(["orders.*", "order"], [], id="no part of a word"),
        ],
    )
    def test_endpoint_is_told_of_what_it_asked_for(self, boss, patterns, told):
        endpoint_of("http://127.0.0.1/", by=boss, topics=patterns)
        for topic in ("order.approved", "order.pending", "stock.low", "webhook.given-up"):
            outbox.record(topic, reason="x")

        outbox.deliver()

        assert list(WebhookDelivery.objects.order_by("pk").values_list("topic", flat=True)) == told

    def test_an_event_that_comes_twice_is_queued_once(self, endpoint):
        event = tell()

        event.delivered_at, event.handled = None, []
        event.save()
        outbox.deliver()

        assert only().event_id == event.pk

    def test_an_endpoint_that_is_off_is_told_nothing(self, endpoint):
        webhooks.change(endpoint, is_active=False)

        tell()

        assert not WebhookDelivery.objects.exists()

    def test_content_names_the_records_by_what_people_call_them(self, endpoint, staff, monkeypatch):
        shown = {"seller": (type(staff), ("id", "email")), "lost": (type(staff), ("id",))}
        monkeypatch.setattr("ipms.webhooks.topics._shown", shown)

        event = tell("order.approved", seller=staff.pk, lost=999_999, days_late=3)

        assert json.loads(only().body) == {
            "id": event.pk,
            "topic": "order.approved",
            "created_at": event.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "data": {
                "seller": {"id": staff.pk, "email": staff.email},
                "lost": {"id": 999_999},
                "days_late": 3,
            },
        }


class TestSending:
    def test_what_arrives_is_signed_and_says_what_it_is(self, endpoint, receiver):
        webhooks.change(endpoint, headers={"X-Api-Key": "k-1"})
        event = tell(reason="größer")
        secret = webhooks.reveal_secret(endpoint, by=endpoint.created_by)

        sent = webhooks.send_due()

        assert (sent.delivered, sent.failed) == (1, 0)
        ((path, headers, body),) = receiver.got
        assert path == "/hook?from=ipms"
        assert json.loads(body)["data"] == {"reason": "größer"}
        assert headers["X-IPMS-Event"] == "stock.low"
        assert headers["X-IPMS-Delivery"] == str(only().key)
        assert headers["Host"] == f"127.0.0.1:{receiver.port}"
        assert headers["User-Agent"].startswith("IPMS-Webhooks/")
        assert headers["X-Api-Key"] == "k-1"
        assert abs(int(headers["X-IPMS-Timestamp"]) - time.time()) < 30
        signed = headers["X-IPMS-Timestamp"].encode() + b"." + body
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["X-IPMS-Signature"] == f"sha256={expected}"
        assert receiver.events == [event.pk]
        delivery = only()
        assert (delivery.status, delivery.attempts, delivery.response_status) == ("delivered", 1, 200)
        assert (delivery.response_body, delivery.last_error) == ("thanks", "")

    def test_what_is_delivered_is_not_sent_again(self, endpoint, receiver):
        tell()
        webhooks.send_due()

        assert webhooks.send_due().delivered == 0
        assert len(receiver.got) == 1

    def test_an_endpoint_gets_its_events_in_their_order(self, endpoint, receiver):
        events = [tell().pk for _number in range(12)]

        assert webhooks.send_due().delivered == 12
        assert receiver.events == events

    def test_a_failure_is_tried_again_with_the_same_id_and_content(self, endpoint, receiver, later):
        tell()
        receiver.status, receiver.body = 500, b"out of \x00 order"
        webhooks.send_due()
        failed = only()
        webhooks.send_due()
        tried_at_once = len(receiver.got)

        later(seconds=34)
        receiver.status = 200
        webhooks.send_due()

        assert (failed.status, failed.attempts, failed.response_status) == ("failed", 1, 500)
        assert failed.response_body == "out of  order"
        assert tried_at_once == 1
        (_path, first, body), (_path, second, body_again) = receiver.got
        assert first["X-IPMS-Delivery"] == second["X-IPMS-Delivery"]
        assert body == body_again
        assert (only().status, only().attempts) == ("delivered", 2)
        endpoint.refresh_from_db()
        assert endpoint.failures_in_a_row == 0

    def test_a_failure_does_not_hold_up_the_next_event(self, endpoint, receiver):
        receiver.status = 500
        tell()
        webhooks.send_due()
        receiver.status = 200
        second = tell()

        webhooks.send_due()

        assert receiver.events[1:] == [second.pk]

    def test_waits_double_up_to_four_hours_and_make_a_day(self):
        waits = [sending.wait_after(attempts) for attempts in range(1, sending.ATTEMPTS)]

        assert timedelta(seconds=27) <= waits[0] <= timedelta(seconds=33)
        assert timedelta(minutes=7, seconds=12) <= waits[4] <= timedelta(minutes=8, seconds=48)
        assert max(waits) <= timedelta(hours=4.4)
        assert timedelta(hours=21) <= sum(waits, timedelta()) <= timedelta(hours=27)

    def test_after_a_day_it_is_given_up_and_told_to_people(self, endpoint, receiver, later):
        event = tell()
        receiver.status = 503
        for _attempt in range(sending.ATTEMPTS):
            webhooks.send_due()
            later(hours=5)

        webhooks.send_due()

        assert len(receiver.got) == sending.ATTEMPTS
        assert (only().status, only().next_attempt_at) == ("given-up", None)
        told = OutboxEvent.objects.get(topic="webhook.given-up")
        assert told.payload["endpoint"] == endpoint.pk
        assert told.payload["delivery"] == only().pk
        assert event.pk == only().event_id

    def test_an_endpoint_that_is_gone_is_switched_off(self, endpoint, receiver):
        tell()
        tell()
        receiver.status = 410

        webhooks.send_due()

        endpoint.refresh_from_db()
        assert not endpoint.is_active
        assert len(receiver.got) == 1
        assert sorted(WebhookDelivery.objects.values_list("status", flat=True)) == ["given-up", "queued"]
        assert OutboxEvent.objects.filter(topic="webhook.switched-off").count() == 1
        assert AuditEntry.objects.filter(object_repr=endpoint.name).first().changes == {
            "is_active": ["True", "False"]
        }

    def test_what_waits_is_sent_when_the_endpoint_is_on_again(self, endpoint, receiver):
        tell()
        webhooks.change(endpoint, is_active=False)
        webhooks.send_due()
        sent_while_off = len(receiver.got)

        webhooks.change(endpoint, is_active=True)
        webhooks.send_due()

        assert (sent_while_off, len(receiver.got)) == (0, 1)

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_not_followed(self, endpoint, receiver, status):
        tell()
        receiver.status, receiver.headers = status, {"Location": receiver.url}

        webhooks.send_due()

        assert len(receiver.got) == 1
        assert (only().status, only().response_status) == ("failed", status)

    def test_nobody_there_is_a_failure_like_another(self, boss):
        endpoint_of("http://127.0.0.1:9/", by=boss)
        tell()

        webhooks.send_due()

        assert (only().status, only().response_status) == ("failed", None)
        assert "refused" in only().last_error

    def test_an_answer_that_does_not_come_is_not_waited_for(self, endpoint, receiver, settings):
        settings.WEBHOOK_TIMEOUT = 1
        receiver.may_answer.clear()
        tell()
        started = time.monotonic()

        webhooks.send_due()

        assert time.monotonic() - started < 3
        assert (only().status, only().last_error) == ("failed", "No answer within 1 seconds.")

    def test_an_answer_that_drips_is_cut_but_its_status_counts(self, endpoint, receiver, settings):
        settings.WEBHOOK_TIMEOUT = 1
        receiver.body, receiver.wait = b"x" * 100, 0.2
        tell()
        started = time.monotonic()

        webhooks.send_due()

        assert time.monotonic() - started < 3
        assert only().status == "delivered"

    def test_a_long_answer_is_cut(self, endpoint, receiver):
        receiver.body = b"y" * 20_000
        tell()

        webhooks.send_due()

        assert only().response_body == "y" * 2000

    def test_a_slow_endpoint_holds_up_itself_alone(self, endpoint, receiver, boss, settings):
        settings.WEBHOOK_TIMEOUT = 2
        receiver.may_answer.clear()
        with another_receiver() as quick:
            endpoint_of(quick.url, by=boss)
            for _number in range(5):
                tell()

            webhooks.send_due(seconds=1)

            assert len(quick.got) == 5
            assert len(receiver.got) == 1

    def test_endpoints_that_never_answer_do_not_crowd_out_the_others(
        self, endpoint, receiver, boss, settings, monkeypatch
    ):
        monkeypatch.setattr(sending, "_AT_ONCE", 2)
        settings.WEBHOOK_TIMEOUT = 1
        receiver.may_answer.clear()
        endpoint_of(receiver.url, by=boss)
        with another_receiver() as quick:
            endpoint_of(quick.url, by=boss)
            for _number in range(3):
                tell()

            webhooks.send_due(seconds=1.5)

            assert len(quick.got) >= 1

    def test_a_rotated_secret_signs_from_now_on(self, endpoint, receiver):
        tell()
        webhooks.rotate_secret(endpoint, by=endpoint.created_by)
        endpoint.refresh_from_db()

        webhooks.send_due()

        ((_path, headers, body),) = receiver.got
        signed = headers["X-IPMS-Timestamp"].encode() + b"." + body
        expected = hmac.new(endpoint.secret.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["X-IPMS-Signature"] == f"sha256={expected}"

    def test_old_deliveries_are_deleted(self, endpoint, later):
        tell()
        later(days=31)
        tell()

        assert webhooks.clean_up(keep=timedelta(days=30)) == 1
        assert WebhookDelivery.objects.count() == 1

    def test_metrics_tell_what_waits_and_what_fails(self, endpoint, receiver):
        receiver.status = 500
        tell()
        webhooks.send_due()
        tell()

        assert measures.webhooks_waiting() == 2
        assert measures.webhook_failures() == {(endpoint.name,): 1}


@contextmanager
def another_receiver():
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_workers_send_each_delivery_once(self, endpoint, receiver):
        events = [tell().pk for _number in range(20)]

        threads = [threading.Thread(target=self._send) for _worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(receiver.events) == events

    def test_no_lock_is_held_while_a_request_is_under_way(self, endpoint, receiver):
        receiver.may_answer.clear()
        tell()
        worker = threading.Thread(target=self._send)
        worker.start()
        receiver.is_receiving.wait(10)

        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            cursor.execute("SELECT count(*) FROM (SELECT 1 FROM ipms_webhookendpoint FOR UPDATE) AS e")
            cursor.execute("SELECT count(*) FROM (SELECT 1 FROM ipms_webhookdelivery FOR UPDATE) AS d")
            cursor.execute("RESET lock_timeout")
        receiver.may_answer.set()
        worker.join()

        assert only().status == "delivered"

    def test_what_a_killed_worker_had_begun_is_sent_once_more_under_the_same_id(
        self, endpoint, receiver, later
    ):
        tell()
        (claimed,) = sending._claim(timezone.now(), limit=1)
        sending._post(claimed)  # it arrived; then the worker was killed
        at_once = webhooks.send_due().delivered

        later(seconds=71)
        webhooks.send_due()
        later(hours=1)
        webhooks.send_due()

        assert at_once == 0
        assert len(receiver.got) == 2
        assert len({headers["X-IPMS-Delivery"] for _path, headers, _body in receiver.got}) == 1
        assert (only().status, only().attempts) == ("delivered", 2)

    def test_a_delivery_that_kills_each_worker_is_given_up(self, endpoint, receiver):
        tell()
        WebhookDelivery.objects.update(
            attempts=sending.ATTEMPTS, claimed_until=timezone.now() - timedelta(seconds=1)
        )

        webhooks.send_due()

        assert receiver.got == []
        assert only().status == "given-up"

    def _send(self):
        try:
            webhooks.send_due()
        finally:
            connections.close_all()


class TestRedelivery:
    def test_it_is_sent_again_under_the_same_id(self, endpoint, receiver, boss):
        tell()
        webhooks.send_due()

        webhooks.redeliver(only(), by=boss)
        webhooks.send_due()

        (_path, first, body), (_path, second, again) = receiver.got
        assert first["X-IPMS-Delivery"] == second["X-IPMS-Delivery"]
        assert body == again
        assert AuditEntry.objects.filter(event="webhook-redelivered", actor=boss).count() == 1

    def test_one_that_was_given_up_gets_all_its_attempts_again(self, endpoint, receiver, boss):
        tell()
        receiver.status = 410
        webhooks.send_due()
        webhooks.change(endpoint, is_active=True)
        receiver.status = 500

        webhooks.redeliver(only(), by=boss)
        webhooks.send_due()

        assert (only().status, only().attempts) == (DeliveryStatus.FAILED, 1)

    def test_one_that_failed_need_not_wait_for_its_next_attempt(self, endpoint, receiver, boss):
        tell()
        receiver.status = 500
        webhooks.send_due()
        receiver.status = 200

        webhooks.redeliver(only(), by=boss)
        webhooks.send_due()

        assert only().status == "delivered"

    def test_one_that_is_about_to_be_sent_is_left_alone(self, endpoint, boss):
        tell()

        with pytest.raises(InvalidState):
            webhooks.redeliver(only(), by=boss)

    def test_one_that_is_being_sent_is_left_alone(self, endpoint, boss):
        tell()
        WebhookDelivery.objects.update(status="failed", claimed_until=timezone.now() + timedelta(seconds=60))

        with pytest.raises(InvalidState):
            webhooks.redeliver(only(), by=boss)

    def test_nothing_goes_to_an_endpoint_that_is_off(self, endpoint, receiver, boss):
        tell()
        webhooks.send_due()
        webhooks.change(endpoint, is_active=False)

        with pytest.raises(InvalidState):
            webhooks.redeliver(only(), by=boss)
        with pytest.raises(InvalidState):
            webhooks.test(endpoint, by=boss)

    def test_a_test_says_what_it_is(self, endpoint, receiver, boss):
        delivery = webhooks.test(endpoint, by=boss)

        outbox.deliver()
        webhooks.send_due()

        ((_path, headers, body),) = receiver.got
        assert headers["X-IPMS-Event"] == "webhook.test"
        assert json.loads(body)["id"] == delivery.event_id
        assert only().status == "delivered"


class TestEndpoints:
    def test_the_secret_is_shown_once(self, endpoint, boss):
        shown = webhooks.reveal_secret(endpoint, by=boss)

        assert shown == endpoint.secret
        assert len(shown) >= 40
        with pytest.raises(InvalidState):
            webhooks.reveal_secret(endpoint, by=boss)

    def test_a_new_secret_is_shown_once_too(self, endpoint, boss):
        first = webhooks.reveal_secret(endpoint, by=boss)
        webhooks.rotate_secret(endpoint, by=boss)

        assert webhooks.reveal_secret(endpoint, by=boss) not in ("", first)

    def test_the_trail_tells_of_the_endpoint_but_not_of_its_secrets(self, endpoint, boss):
        webhooks.change(endpoint, headers={"Authorization": "Bearer hush"}, name="Other")
        webhooks.rotate_secret(endpoint, by=boss)
        endpoint.refresh_from_db()

        trail = list(AuditEntry.objects.filter(content_type__model="webhookendpoint"))

        assert {"name", "url", "topics"} <= set(trail[-1].changes)
        assert [entry.event for entry in trail if entry.event] == ["webhook-secret-rotated"]
        written = str([(entry.changes, entry.changes_text, entry.serialized_data) for entry in trail])
        assert endpoint.secret not in written
        assert "hush" not in written

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            pytest.param({"url": "ftp://example.com/"}, "url", id="another scheme"),
            pytest.param({"url": "file:///etc/passwd"}, "url", id="a file"),
            pytest.param({"url": "https://"}, "url", id="no host"),
            pytest.param({"url": "https://user:word@example.com/"}, "url", id="a password in it"),
            pytest.param({"url": "https://example.com:99999/"}, "url", id="no such port"),
            pytest.param({"url": "https://example.com/ x"}, "url", id="a space in it"),
            pytest.param({"url": "https://example.com/\r\nX: y"}, "url", id="a line break in it"),
            pytest.param({"url": "https://example.com/" + "x" * 500}, "url", id="too long"),
            pytest.param({"topics": []}, "topics", id="no topic"),
            pytest.param({"topics": ["order*"]}, "topics", id="a star inside a word"),
            pytest.param({"headers": {"X-IPMS-Signature": "x"}}, "headers", id="one of ours"),
            pytest.param({"headers": {"Content-Length": "1"}}, "headers", id="one of the connection's"),
            pytest.param({"headers": {"X-A": "1\r\nX-B: 2"}}, "headers", id="two in one"),
            pytest.param({"headers": {"X A": "1"}}, "headers", id="no name of a header"),
            pytest.param({"name": ""}, "name", id="no name"),
            pytest.param({"name": "erp 1"}, "name", id="a name that there is"),
        ],
    )
    def test_what_cannot_be_sent_to_is_refused(self, endpoint, boss, values, field):
        with pytest.raises(InvalidInput) as refusal:
            endpoint_of(**{"url": "https://example.com/", "by": boss, "name": "Other", **values})

        assert list(refusal.value.details) == [field]
        assert WebhookEndpoint.objects.count() == 1
