"""Production's processes for real: replaced under load, ended in mid-request, asked for their health."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psycopg
import pytest

from ipms import embedded
from ipms.embedded import processes
from tests import server
from tests.http_clients import Client

pytestmark = pytest.mark.slow

SECONDS = 60


class ServedSite(server.Site):
    """A site as production starts it, with all that it logs."""

    web_command = ("-m", "ipms.serve", "web")

    def __init__(self, var: Path) -> None:
        super().__init__(var)
        # A folder whose Python files every process loads first: a test can spoil the code with it.
        self.hook = var.parent / "hook"
        self.hook.mkdir()
        self.environment |= {
            "PYTHONPATH": str(self.hook),
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
            "WEB_WORKERS": "2",
            "WEB_GRACE_SECONDS": "5",
        }

    @property
    def keeper(self):
        return self._web

    def web_server(self):
        """Return the process number of the web server behind the keeper; None while there are two or none."""
        children = Path(f"/proc/{self.keeper.pid}/task/{self.keeper.pid}/children").read_text().split()
        return int(children[0]) if len(children) == 1 else None

    def reload(self):
        """Replace the web server and wait until the old one is gone."""
        before = self.web_server()
        self.keeper.send_signal(signal.SIGHUP)
        assert processes.wait_until(lambda: self.web_server() not in (None, before), seconds=SECONDS)

    def log(self):
        """Return the lines of the log that are JSON."""
        lines = self._web_log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def run(self, *arguments):
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=server.PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def served():
    with server.site(ServedSite) as lent:
        yield lent


class Stream:
    """Clients that ask without a pause, some on a connection that they keep, until the end of the block."""

    def __init__(self, site, *, clients):
        self.met = Counter()
        self._site = site
        self._is_over = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(number % 2 == 0,)) for number in range(clients)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, keeps):
        headers = {"Authorization": f"Bearer {self._site.token()}"}
        if not keeps:
            headers["Connection"] = "close"
        connection = HTTPConnection("127.0.0.1", self._site.port, timeout=SECONDS)
        while not self._is_over.is_set():
            try:
                connection.request("GET", "/api/auth/me", headers=headers)
                answer = connection.getresponse()
                answer.read()
                self.met[answer.status] += 1
            except (OSError, HTTPException) as error:
                self.met[repr(error)] += 1
                connection.close()


def metric(served, name):
    page = Client(served.port).request("GET", "/metrics").body.decode()
    return sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(name))


def test_no_request_is_lost_or_uncounted_while_the_web_server_is_replaced(served):
    counted = 'ipms_http_requests_total{method="GET",route="/api/auth/me",status="2xx"}'
    served.token()

    with Stream(served, clients=6) as stream:
        served.reload()

    assert set(stream.met) == {200}
    assert stream.met[200] > 100
    # Whichever of the two workers answers, it speaks for both and for those that are gone.
    assert [metric(served, counted) for _round in range(5)] == [stream.met[200]] * 5
    # A master that loads the code, and its two workers.
    assert metric(served, "process_resident_memory_bytes{") > 3 * 10_000_000


def test_new_code_that_does_not_start_leaves_the_old_at_work(served):
    before = served.web_server()
    spoiled = served.hook / "sitecustomize.py"
    spoiled.write_text("import os; os._exit(3)")

    served.keeper.send_signal(signal.SIGHUP)

    said = "The new web server did not start: the old one goes on."
    assert processes.wait_until(lambda: said in served.last_words(), seconds=SECONDS)
    spoiled.unlink()
    assert served.web_server() == before
    assert Client(served.port).request("GET", "/healthz").status == 200


def test_log_of_a_request_is_one_json_object(served):
    Client(served.port).request("GET", "/api/auth/me?secret=1")

    lines = [line for line in served.log() if line["logger"] == "ipms.access" and line["status"] == 401]
    assert lines[-1]["path"] == "/api/auth/me"
    assert lines[-1]["address"] == "127.0.0.1"


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_worker_and_beat_say_that_they_live_and_end_when_told(served, part):
    command = [sys.executable, "-m", "ipms.serve", part]
    assert served.run("-m", "ipms.health", part).returncode == 1

    with subprocess.Popen(command, cwd=server.PROJECT, env=served.environment) as running:
        try:
            is_alive = processes.wait_until(
                lambda: served.run("-m", "ipms.health", part).returncode == 0, seconds=SECONDS
            )
        finally:
            running.terminate()
        assert running.wait(SECONDS) == 0

    assert is_alive


def test_port_that_is_taken_is_one_sentence(served):
    said = served.run("-m", "ipms.serve", "web")

    assert said.returncode == 1
    assert said.stderr == f"IPMS cannot listen at 127.0.0.1 port {served.port}: Address already in use.\n"


def test_web_server_that_is_told_to_end_answers_what_it_was_asked(served):
    manager = served.client("manager")
    shelf = manager.post("/api/inventory/locations", {"code": served.new("SHELF"), "name": "Shelf"})
    bolt = manager.post(
        "/api/inventory/items", {"sku": served.new("BOLT"), "name": "Bolt", "location": shelf["code"]}
    )
    answers = []

    def ask():
        answers.append(manager.post(f"/api/inventory/items/{bolt['id']}/add-stock", {"quantity": "5"}))

    with psycopg.connect(embedded.urls(served.var).database_owner_url) as other:
        other.execute("SELECT 1 FROM inventory_item WHERE id = %s FOR UPDATE", [bolt["id"]])
        request = threading.Thread(target=ask)
        request.start()
        time.sleep(1)
        asked = served.run("-m", "ipms.health", "web").returncode
        served.keeper.terminate()
        time.sleep(1)
        other.rollback()
    request.join()

    assert asked == 0
    assert answers[0]["item"]["quantity"] == "5"
    assert served.keeper.wait(SECONDS) == 0
    assert served.run("-m", "ipms.health", "web").returncode == 1


def test_everything_ends_with_a_keeper_that_is_killed(served):
    served.start_web()
    web_server = served.web_server()

    os.kill(served.keeper.pid, signal.SIGKILL)
    served.keeper.wait()

    assert processes.wait_until(lambda: not processes.command_line(web_server), seconds=SECONDS)
