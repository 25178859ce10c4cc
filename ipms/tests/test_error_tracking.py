import gzip
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import settings as configured

from ipms import error_tracking

pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]


@pytest.fixture
def tracker(settings):
    """A server that takes what Sentry would; its events are in `received`."""
    received = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            lines = body.decode().splitlines()
            received.extend(json.loads(line) for line in lines if '"exception"' in line)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Taker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SENTRY_DSN = f"http://key@127.0.0.1:{server.server_port}/1"
    settings.RELEASE = "7.1"
    yield received
    server.shutdown()


@pytest.fixture
def sentry(tracker):
    import sentry_sdk

    error_tracking.start()
    yield sentry_sdk
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.get_global_scope().set_client(None)


def test_crash_is_told_with_its_request_id_and_nothing_about_persons(api, manager, sentry, tracker):
    client = api(manager, X_REQUEST_ID="desk-7")
    rate = client.post("/api/rates", {"currency": "EUR", "rate": "1", "valid_from": "2031-02-03"})
    client.raise_request_exception = False

    client.post(
        f"/api/rates/{rate.json()['data']['id']}/break-down?token=in-the-address",
        {"password": "in-the-body"},
        headers={"Cookie": "sessionid=in-the-cookie", "X-Request-ID": "desk-7"},
        REMOTE_ADDR="10.9.8.7",
    )
    sentry.flush(timeout=5)

    (event,) = tracker
    assert event["exception"]["values"][-1]["value"] == "nobody foresaw this"
    assert event["tags"]["request_id"] == "desk-7"
    assert event["release"] == "ipms@7.1"
    assert "user" not in event
    private = ["in-the-address", "in-the-body", "in-the-cookie", "10.9.8.7", manager.email, "Bearer"]
    assert [word for word in private if word in json.dumps(event)] == []


def test_without_an_address_nothing_is_even_imported():
    loaded = "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)"

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", loaded], cwd=configured.BASE_DIR, capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"
