"""Kill -9 in the middle of the work: what was answered is there, what is repeated counts once."""

import threading
import time
from collections import Counter

import pytest

from tests.http_clients import NoAnswer

pytestmark = pytest.mark.slow

_CLIENTS_OF_EACH_KIND = 2
_REQUESTS = 30
#: Of so many requests, the answer of one is lost on its way, whether the server lives or not.
_LOST_ANSWERS = 6
_PATIENCE_SECONDS = 240


class Stream:
    """Clients that post and receive one piece after the other, and repeat each request until it is answered.

    A client knows nothing of the server's fate: it sends the same key again, as a phone on a bad line does.
    """

    def __init__(self, site):
        self.site = site
        self.answered = 0
        self.met = Counter()
        self.failure = None
        manager, staff = site.client("manager"), site.client("staff")
        mark = site.new("stream")
        self.shelf = manager.post("/api/inventory/locations", {"code": site.new("SHELF"), "name": "Shelf"})
        self.bolt = manager.post(
            "/api/inventory/items",
            {"sku": site.new("BOLT"), "name": "Bolt", "location": self.shelf["code"], "unit_price": "0.10"},
        )
        supplier = manager.post("/api/suppliers", {"name": site.new("Bolts"), "currency": "USD"})
        self.order = staff.post(
            "/api/purchase-orders",
            {
                "supplier": supplier["id"],
                "lines": [{"item": self.bolt["id"], "quantity": "1000", "unit_price": "0.12"}],
            },
        )
        manager.post(f"/api/purchase-orders/{self.order['id']}/approve", {})
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, args=(f"{mark}-{kind}-{client}", path, body), daemon=True)
            for kind, path, body in (
                ("post", f"/api/inventory/items/{self.bolt['id']}/add-stock", {"quantity": "1"}),
                (
                    "receive",
                    f"/api/purchase-orders/{self.order['id']}/deliver",
                    {"lines": [{"line": self.order["lines"][0]["id"], "quantity": "1"}]},
                ),
            )
            for client in range(_CLIENTS_OF_EACH_KIND)
        ]
        self.total = len(self._threads) * _REQUESTS

    def start(self):
        for thread in self._threads:
            thread.start()

    def wait_for(self, share):
        """Wait until this share of all requests is answered."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self.answered < self.total * share:
            assert self.failure is None, self.failure
            assert time.monotonic() < deadline, self.met
            time.sleep(0.002)

    def received(self):
        """Return what the order's line says it has received."""
        order = self.site.client().get(f"/api/purchase-orders/{self.order['id']}")
        return order["lines"][0]["received_quantity"]

    def on_hand(self):
        return self.site.client().get(f"/api/inventory/items/{self.bolt['id']}")["quantity"]

    def _work(self, name, path, body):
        client = self.site.client("staff")
        for number in range(_REQUESTS):
            if number % _LOST_ANSWERS == 0:
                client.send_and_hang_up("POST", path, body, key=f"{name}-{number}")
            while not self._is_answered(client, path, body, key=f"{name}-{number}"):
                time.sleep(0.05)

    def _is_answered(self, client, path, body, *, key):
        try:
            reply = client.request("POST", path, body, key=key)
        except NoAnswer:
            met = "no answer"
        else:
            met = f"{reply.status} {reply.code}".strip() + (" replayed" if reply.is_replayed else "")
            if reply.status == 200:
                with self._lock:
                    self.answered += 1
            elif reply.code not in ("IDEMPOTENCY_IN_PROGRESS", "UNAVAILABLE"):
                self.failure = self.failure or f"{key}: {reply.status} {reply.body.decode()[:500]}"
        with self._lock:
            self.met[met] += 1
        return met.startswith("200")


def test_each_request_counts_once_when_the_web_server_is_killed(site):
    stream = Stream(site)

    stream.start()
    for share in (0.25, 0.6):
        stream.wait_for(share)
        site.kill_web()
        site.start_web()
    stream.wait_for(1)

    assert stream.met["no answer"] > 0
    assert stream.met["200 replayed"] > 0
    assert stream.on_hand() == str(stream.total)
    assert stream.received() == str(stream.total // 2)
    assert "every invariant" in site.verify_ledger()


def test_each_request_counts_once_when_postgresql_is_killed_under_the_web_server(site):
    stream = Stream(site)

    stream.start()
    for share in (0.25, 0.6):
        stream.wait_for(share)
        site.kill_postgres()
        site.start_servers()
    stream.wait_for(1)

    assert stream.met["no answer"] + stream.met["503 UNAVAILABLE"] > 0
    assert stream.on_hand() == str(stream.total)
    assert stream.received() == str(stream.total // 2)
    assert "every invariant" in site.verify_ledger()


def test_each_request_counts_once_when_everything_is_killed(site):
    stream = Stream(site)

    stream.start()
    stream.wait_for(0.4)
    site.kill_postgres()
    site.kill_web()
    site.start_servers()
    site.start_web()
    stream.wait_for(1)

    assert stream.on_hand() == str(stream.total)
    assert stream.received() == str(stream.total // 2)
    assert "every invariant" in site.verify_ledger()
