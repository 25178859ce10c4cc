"""The receiver that docs/webhooks.md shows, run as it stands there."""

import re
import threading
import time
from http.server import HTTPServer

import pytest
from django.conf import settings

from ipms import outbox, webhooks
from ipms.models import WebhookDelivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    """Return the names of the page's program, run but for its last lines."""
    text = (settings.BASE_DIR / "docs" / "webhooks.md").read_text()
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {"__name__": "page"}
    exec(program, names)  # noqa: S102 - our own page
    return names


def test_the_receiver_of_the_page_takes_what_is_sent_and_nothing_else(page, admin, settings, capsys):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    server = HTTPServer(("127.0.0.1", 0), page["Receiver"])
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    endpoint = webhooks.add(by=admin, name="ERP", url=url, topics=["stock.*"])
    page["SECRET"] = webhooks.reveal_secret(endpoint, by=admin)
    outbox.record("stock.low", item=41, available="3")
    outbox.deliver()

    webhooks.send_due()
    webhooks.redeliver(WebhookDelivery.objects.get(), by=admin)
    webhooks.send_due()
    taken = WebhookDelivery.objects.get().response_status
    webhooks.rotate_secret(endpoint, by=admin)
    webhooks.redeliver(WebhookDelivery.objects.get(), by=admin)
    webhooks.send_due()
    server.shutdown()
    server.server_close()

    assert taken == 204
    assert WebhookDelivery.objects.get().response_status == 403
    assert capsys.readouterr().out.count('"topic":"stock.low"') == 1


@pytest.mark.parametrize(
    ("change", "is_genuine"),
    [
        pytest.param({}, True, id="as it was sent"),
        pytest.param({"body": b'{"id": 2}'}, False, id="another body"),
        pytest.param({"timestamp": 1}, False, id="signed long ago"),
        pytest.param({"X-IPMS-Signature": ""}, False, id="no signature"),
        pytest.param({"X-IPMS-Timestamp": "soon"}, False, id="no time"),
    ],
)
def test_the_page_tells_genuine_requests_from_others(page, change, is_genuine):
    from ipms.webhooks.signing import signature

    page["SECRET"] = "whsec_1"
    timestamp, body = change.get("timestamp", int(time.time())), b'{"id": 1}'
    headers = {
        "X-IPMS-Timestamp": str(timestamp),
        "X-IPMS-Signature": signature("whsec_1", timestamp=timestamp, body=body),
        **{name: value for name, value in change.items() if name.startswith("X-")},
    }

    assert page["is_genuine"](headers, change.get("body", body)) is is_genuine
