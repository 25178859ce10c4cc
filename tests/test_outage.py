"""Redis killed, the mail server refusing, the worker killed in the middle: who asks notices nothing, and each
notification, mail and webhook arrives once in the end.
"""

import os
import signal
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import redis

from ipms.embedded import paths, processes
from ipms.embedded.run import worker_command
from ipms.testing import mail_server
from tests import server

pytestmark = pytest.mark.slow

_ITEMS = 12
_PATIENCE_SECONDS = 300
_ADD_ENDPOINT = """
import django
django.setup()
from accounts.models import User
from ipms import webhooks
webhooks.add(by=User.objects.get(role="admin"), name="ERP", url={url!r}, topics=["stock.out"])
"""


class Office(server.Site):
    """A site with a worker, a mail server and another system that is told of events."""

    def __init__(self, var):
        super().__init__(var)
        self._worker = None

    def reach(self, *, mail_port):
        self.environment |= {
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(mail_port),
            "MAIL_USE_TLS": "0",
            "WEBHOOK_ALLOW_PRIVATE": "1",
        }

    def add_endpoint(self, url):
        self._python("-c", _ADD_ENDPOINT.format(url=url))

    def start_worker(self):
        with processes.open_log(paths.layout(self.var).logs / "worker.log") as log:
            self._worker = processes.spawn(
                worker_command(),
                log=log,
                folder=server.PROJECT,
                environment=self.environment,
                signal_at_launcher_death=signal.SIGTERM,
            )

    def kill_worker(self):
        """Kill the worker, beat in it, with kill -9."""
        os.killpg(self._worker.pid, signal.SIGKILL)
        self._worker.wait()

    def kill_redis(self):
        """Kill the Redis-compatible server with kill -9."""
        sockets = paths.layout(self.var).sockets
        with redis.Redis(unix_socket_path=str(sockets / paths.VALKEY_SOCKET)) as client:
            os.kill(client.info("server")["process_id"], signal.SIGKILL)

    def stop(self):
        if self._worker and self._worker.poll() is None:
            self.kill_worker()
        super().stop()


class OtherSystem:
    """Notes each delivery by its id; until it is `in_order` it holds who calls, and then refuses."""

    def __init__(self):
        self.got = Counter()
        self.is_called, self.in_order = threading.Event(), threading.Event()
        other = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                other.is_called.set()
                if not other.in_order.is_set():
                    time.sleep(5)
                    with suppress(OSError):
                        self.send_error(503)
                    return
                other.got[self.headers["X-IPMS-Delivery"]] += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def post_office():
    """A mail server that turns everybody away, until its answers are cleared."""
    with mail_server.running() as lent:
        lent.answers[""] = "421 closed for the night"
        yield lent


@pytest.fixture
def erp():
    lent = OtherSystem()
    yield lent
    lent.close()


@pytest.fixture
def office(post_office, erp):
    class ConnectedOffice(Office):
        def __init__(self, var):
            super().__init__(var)
            self.reach(mail_port=post_office.port)

    with server.site(ConnectedOffice) as lent:
        lent.add_endpoint(erp.url)
        lent.start_worker()
        yield lent


@contextmanager
def patience(what):
    """Wait for what the block says; it gets a function that waits until something is so."""
    deadline = time.monotonic() + _PATIENCE_SECONDS

    def until(is_so):
        while not is_so():
            assert time.monotonic() < deadline, what()
            time.sleep(0.2)

    yield until


def test_every_notification_arrives_once_although_everything_around_the_requests_fails(
    office, post_office, erp
):
    manager, staff = office.client("manager"), office.client("staff")
    manager.post("/api/inventory/locations", {"code": "SHELF", "name": "Shelf"})
    items = [
        manager.post(
            "/api/inventory/items",
            {"sku": f"BOLT-{n:02}", "name": "Bolt", "location": "SHELF", "quantity": "1", "unit_price": "1"},
        )["id"]
        for n in range(_ITEMS)
    ]

    def issue(some):
        return [
            staff.request("POST", f"/api/inventory/items/{item}/remove-stock", {"quantity": "1"}).status
            for item in some
        ]

    def told():
        shown = manager.get("/api/notifications?per_page=200&kind=stock-out")
        return Counter(one["title"] for one in shown)

    def mails():
        return Counter((mail["To"], mail["Subject"]) for mail in post_office.received)

    def state():
        return f"told {told()}, mails {mails()}, webhooks {erp.got}"

    statuses = issue(items[:3])
    with patience(state) as until:
        until(erp.is_called.is_set)
        office.kill_worker()  # in the middle of a request to the other system
        office.kill_redis()
        statuses += issue(items[3:6])

        office.start_servers()
        office.start_worker()
        until(lambda: post_office.connections > 0)  # and is turned away
        statuses += issue(items[6:9])

        office.kill_redis()  # under a worker that lives
        statuses += issue(items[9:])
        office.start_servers()

        post_office.answers.clear()
        erp.in_order.set()
        until(lambda: len(told()) == _ITEMS and len(mails()) == 2 * _ITEMS and len(erp.got) == _ITEMS)

    assert statuses == [200] * _ITEMS
    assert set(told().values()) == {1}
    assert set(mails().values()) == {1}
    assert {to for to, _subject in mails()} == {"manager@example.com", "admin@example.com"}
    assert set(erp.got.values()) == {1}
    assert "every invariant" in office.verify_ledger()
