"""Many clients at once, in processes of their own, against the real web server."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.http_clients import Pressure, press

pytestmark = pytest.mark.slow


def shelf(site):
    return site.client().post("/api/inventory/locations", {"code": site.new("SHELF"), "name": "Shelf"})


def bolt(site, *, location, quantity="0"):
    return site.client().post(
        "/api/inventory/items",
        {
            "sku": site.new("BOLT"),
            "name": "Bolt",
            "location": location["code"],
            "quantity": quantity,
            "unit_cost": "0.1",
        },
    )


def on_hand(site, item):
    """What stands of an item, by the code of its location."""
    balances = site.client().get(f"/api/inventory/items/{item['id']}/balances")
    return {balance["location"]["code"]: balance["on_hand"] for balance in balances}


def test_hundred_units_are_given_to_exactly_hundred_of_eight_hundred_takers(site):
    item = bolt(site, location=shelf(site), quantity="100")
    taker = Pressure(
        port=site.port,
        token=site.token("staff"),
        method="POST",
        paths=[f"/api/inventory/items/{item['id']}/remove-stock"],
        body={"quantity": "1"},
        keyed=True,
        requests=50,
    )

    outcome = press([taker] * 16)

    assert outcome.answers == {"200": 100, "409 INSUFFICIENT_STOCK": 700}
    assert site.client().get(f"/api/inventory/items/{item['id']}")["quantity"] == "0"
    assert "every invariant" in site.verify_ledger()


def test_opposite_transfers_all_succeed(site):
    here, there = shelf(site), shelf(site)
    item = bolt(site, location=here, quantity="200")
    site.client().post(
        f"/api/inventory/items/{item['id']}/transfer-stock",
        {"quantity": "100", "from_location": here["code"], "to_location": there["code"]},
    )
    movers = [
        Pressure(
            port=site.port,
            token=site.token("staff"),
            method="POST",
            paths=[f"/api/inventory/items/{item['id']}/transfer-stock"],
            body={"quantity": "1", "from_location": source["code"], "to_location": target["code"]},
            requests=20,
        )
        for source, target in [(here, there), (there, here)] * 4
    ]

    outcome = press(movers)

    assert outcome.answers == {"200": 160}
    assert on_hand(site, item) == {here["code"]: "100", there["code"]: "100"}


def test_order_numbers_have_no_gap_when_many_order_at_once(site):
    supplier = site.client().post("/api/suppliers", {"name": site.new("Supplier"), "currency": "USD"})
    item = bolt(site, location=shelf(site))
    buyer = Pressure(
        port=site.port,
        token=site.token("staff"),
        method="POST",
        paths=["/api/purchase-orders"],
        body={"supplier": supplier["id"], "lines": [{"item": item["id"], "quantity": 1, "unit_price": "2"}]},
        keyed=True,
        requests=5,
    )

    outcome = press([buyer] * 8)

    orders = site.client().get("/api/purchase-orders?per_page=200")
    numbers = sorted(int(order["po_number"].rpartition("-")[2]) for order in orders)
    assert outcome.answers == {"201": 40}
    assert len(numbers) >= 40
    assert numbers == list(range(1, len(numbers) + 1))


def test_one_key_sent_by_eight_at_once_has_one_effect_and_one_answer(site):
    item = bolt(site, location=shelf(site))
    path, key = f"/api/inventory/items/{item['id']}/add-stock", "same-key-for-all"
    together = threading.Barrier(8)

    def send(_number):
        client = site.client("staff")
        client.connect()
        together.wait()
        replies = [client.request("POST", path, {"quantity": "5"}, key=key)]
        while replies[-1].code == "IDEMPOTENCY_IN_PROGRESS":
            time.sleep(0.02)
            replies.append(client.request("POST", path, {"quantity": "5"}, key=key))
        return replies

    with ThreadPoolExecutor(8) as pool:
        replies = [reply for sent in pool.map(send, range(8)) for reply in sent]

    final = [reply for reply in replies if reply.status == 200]
    assert {reply.status for reply in replies} <= {200, 409}
    assert len(final) == 8
    assert len({reply.body for reply in final}) == 1
    assert sorted(reply.is_replayed for reply in final) == [False] + [True] * 7
    assert list(on_hand(site, item).values()) == ["5"]
