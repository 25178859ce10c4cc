"""Receiving over the API, and reading what was received."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand
from procurement.models import GoodsReceipt
from procurement.tests.factories import approved_order, line, order

pytestmark = pytest.mark.django_db

URL = "/api/purchase-orders"


def deliver(client, made, body=None, **headers):
    return client.post(f"{URL}/{made.pk}/deliver", body, headers=headers)


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    return answer.json().get("details", {})


def test_without_a_body_all_that_is_outstanding_comes(api, staff):
    bolt, store = ItemFactory(), LocationFactory()
    made = approved_order(line(bolt, 10, "2.50"), deliver_to=store)

    answer = deliver(api(staff), made)

    assert answer.status_code == 200
    delivered = answer.json()["data"]
    assert (delivered["status"], on_hand(bolt, store)) == ("delivered", 10)
    assert delivered["delivered_at"].endswith("Z")
    (row,) = delivered["lines"]
    assert (row["received_quantity"], row["outstanding_quantity"]) == ("10", "0")


def test_the_answer_holds_the_receipt_beside_the_order(api, staff):
    milk, store = ItemFactory(tracking=Tracking.LOT), LocationFactory(code="COLD")
    made = approved_order(line(milk, 10))
    asked = made.lines.get()

    answer = deliver(
        api(staff),
        made,
        {
            "lines": [
                {
                    "line": asked.pk,
                    "quantity": "2.5",
                    "lot": "L1",
                    "expires_on": "2031-12-31",
                    "location": "cold",
                }
            ],
            "reference": "DN 4471",
        },
    )

    data = answer.json()["data"]
    assert (data["id"], data["status"]) == (made.pk, "partially_delivered")
    receipt = GoodsReceipt.objects.get()
    movement = receipt.lines.get().movement
    shown = data["receipt"]
    assert shown.pop("occurred_at").endswith("Z")
    assert shown.pop("created_at").endswith("Z")
    assert shown == {
        "id": receipt.pk,
        "number": f"GRN-{timezone.localdate().year}-00001",
        "order": {"id": made.pk, "po_number": made.po_number},
        "reference": "DN 4471",
        "lines": [
            {
                "line": asked.pk,
                "item": {"id": milk.pk, "sku": milk.sku, "name": milk.name},
                "quantity": "2.5",
                "lot": {
                    "id": movement.lot_id,
                    "number": "L1",
                    "expires_on": "2031-12-31",
                    "status": "available",
                },
                "location": {"id": store.pk, "code": "COLD", "name": store.name},
                "movement": movement.pk,
            }
        ],
        "received_by": {"id": staff.pk, "email": staff.email, "name": str(staff)},
    }


def test_more_than_is_outstanding_is_refused(api, staff):
    made = approved_order(line(quantity=10))
    asked = made.lines.get()

    details = refused(
        deliver(api(staff), made, {"lines": [{"line": asked.pk, "quantity": "10.5"}]}), 409, "OVER_RECEIPT"
    )

    assert details == {"line": asked.pk, "quantity": "10.5", "outstanding": "10"}
    assert not GoodsReceipt.objects.exists()


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        pytest.param({"quantity": "0"}, {"quantity"}, id="nothing came"),
        pytest.param({"quantity": None}, {"quantity"}, id="null for a quantity"),
        pytest.param({"quantity": "1.00001"}, {"quantity"}, id="too fine a quantity"),
        pytest.param({"line": 999_999}, {"line"}, id="a line that is not there"),
        pytest.param({"line": "first"}, {"line"}, id="a line in words"),
        pytest.param({"line": None}, {"line"}, id="null for a line"),
        pytest.param({"lot": "L1"}, {"lot"}, id="a lot of what has none"),
        pytest.param({"expires_on": "2031-12-31"}, {"lot"}, id="an expiry without a lot"),
        pytest.param({"expires_on": "never"}, {"expires_on"}, id="an expiry in words"),
        pytest.param({"location": "NOWHERE"}, {"location"}, id="a place that is not there"),
        pytest.param({"location": "@scrap"}, {"location"}, id="a place outside the gate"),
        pytest.param({"colour": "red"}, {"colour"}, id="unknown field"),
    ],
)
def test_what_cannot_have_come_is_marked_on_its_line(api, staff, change, fields):
    made = approved_order(line(), line())
    first, second = ({"line": asked.pk, "quantity": "1"} for asked in made.lines.all())

    details = refused(
        deliver(api(staff), made, {"lines": [first, {**second, **change}]}), 400, "VALIDATION_ERROR"
    )

    assert set(details) == {"lines"}
    nothing, errors = details["lines"]
    assert (nothing, set(errors)) == ({}, fields)
    assert not GoodsReceipt.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"lines": []},
        {"lines": None},
        {"lines": "all"},
        {"lines": {"line": 1}},
        {"reference": "x" * 101},
        {"x": 1},
    ],
    ids=["no line", "null", "text", "an object", "too long a reference", "unknown field"],
)
def test_a_delivery_that_cannot_be_read_is_refused(api, staff, body):
    details = refused(deliver(api(staff), approved_order(), body), 400, "VALIDATION_ERROR")

    assert set(details) == set(body)
    assert all(isinstance(sentences, list) for sentences in details.values())


def test_a_tracked_item_needs_its_lot(api, staff):
    made = approved_order(line(ItemFactory(tracking=Tracking.LOT)))

    details = refused(deliver(api(staff), made), 400, "VALIDATION_ERROR")

    assert details == {"lines": [{"lot": ["Name the lot: this item is tracked."]}]}


def test_a_retry_with_its_key_receives_once(api, staff):
    client, bolt = api(staff), ItemFactory()
    made = approved_order(line(bolt, 10))
    body = {"lines": [{"line": made.lines.get().pk, "quantity": 4}]}

    first, again = (deliver(client, made, body, **{"Idempotency-Key": "van-1"}) for _ in range(2))

    assert (again.status_code, again.json()) == (200, first.json())
    assert again["Idempotency-Replayed"] == "true"
    assert on_hand(bolt) == 4


def test_a_refused_delivery_with_a_key_leaves_nothing(api, staff):
    client, bolt = api(staff), ItemFactory()
    made = approved_order(line(bolt, 10), line(ItemFactory(tracking=Tracking.LOT)))

    first, again = (deliver(client, made, **{"Idempotency-Key": "van-1"}) for _ in range(2))

    refused(first, 400, "VALIDATION_ERROR")
    assert again["Idempotency-Replayed"] == "true"
    assert (on_hand(bolt), GoodsReceipt.objects.count()) == (0, 0)


def test_the_receipts_of_an_order_are_read_newest_first(api, staff):
    client, made = api(staff), approved_order(line(quantity=10))
    asked = made.lines.get().pk
    for quantity in (4, 6):
        deliver(client, made, {"lines": [{"line": asked, "quantity": quantity}]})
    deliver(client, approved_order())

    answer = client.get(f"{URL}/{made.pk}/receipts").json()

    year = timezone.localdate().year
    assert [row["number"] for row in answer["data"]] == [f"GRN-{year}-00002", f"GRN-{year}-00001"]
    assert [row["lines"][0]["quantity"] for row in answer["data"]] == ["6", "4"]
    assert answer["pagination"]["total"] == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("q=GRN-{year}-00001", 1),
        ("q=dn 44", 1),
        ("q={number}", 1),
        ("order={number}", 1),
        ("supplier={supplier}", 1),
        ("date_from={today}", 2),
        ("date_to={yesterday}", 0),
    ],
)
def test_receipts_are_found(api, staff, query, found):
    client, made = api(staff), approved_order()
    deliver(client, made, {"reference": "DN 4471"})
    deliver(client, approved_order())
    today = timezone.now().date()
    words = {
        "year": timezone.localdate().year,
        "number": made.po_number,
        "supplier": made.supplier.code,
        "today": today,
        "yesterday": today - timedelta(1),
    }

    answer = client.get(f"/api/goods-receipts?{query.format(**words)}")

    assert answer.json()["pagination"]["total"] == found


def test_one_receipt_is_read_by_itself_and_never_written(api, manager):
    client, made = api(manager), approved_order()
    shown = deliver(client, made).json()["data"]["receipt"]

    answer = client.get(f"/api/goods-receipts/{shown['id']}")

    assert answer.json()["data"] == shown
    refused(client.put(f"/api/goods-receipts/{shown['id']}", {}), 405, "METHOD_NOT_ALLOWED")
    refused(client.post("/api/goods-receipts", {}), 405, "METHOD_NOT_ALLOWED")


def test_receiving_is_a_permission_of_its_own(api, staff):
    made = approved_order()
    staff.groups.clear()

    refused(deliver(api(staff), made), 403, "PERMISSION_DENIED")
    refused(api(staff).get("/api/goods-receipts"), 403, "PERMISSION_DENIED")
    refused(api(staff).get(f"{URL}/{made.pk}/receipts"), 403, "PERMISSION_DENIED")


def test_an_order_that_is_not_approved_receives_nothing(api, staff):
    details = refused(deliver(api(staff), order()), 409, "INVALID_STATE")

    assert details == {"status": "pending", "allowed": ["approved", "rejected", "cancelled"]}


def test_delivering_costs_the_same_queries_for_one_line_as_for_fifty(
    api, staff, django_assert_num_queries, django_assert_max_num_queries
):
    client = api(staff)
    first, small, large = (
        approved_order(*(line(ItemFactory(tracking=Tracking.LOT)) for _ in range(count)), by=staff)
        for count in (1, 1, 50)
    )

    def named(made):
        rows = [{"line": asked.pk, "quantity": 4, "lot": f"L{asked.pk}"} for asked in made.lines.all()]
        return {"lines": rows}

    deliver(client, first, named(first))
    body = named(small)
    with django_assert_max_num_queries(40) as for_one:
        assert deliver(client, small, body).status_code == 200
    body = named(large)
    with django_assert_num_queries(len(for_one)):
        assert deliver(client, large, body).status_code == 200
