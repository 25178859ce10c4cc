"""Draft orders of reorder suggestions by the API: permission, shape, refusals. The domain tests the rules."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.models import OrderStatus, PurchaseOrder
from procurement.tests.shelves import bought, used_item

pytestmark = pytest.mark.django_db

URL = "/api/purchase-orders/from-suggestions"


@pytest.fixture
def bolt():
    item = used_item(*[7] * 20, left=0, lead_time_days=10, sku="BOLT-8")
    bought(item, unit_price="2.50", took=2)
    return item


def drafts():
    return PurchaseOrder.objects.filter(status=OrderStatus.DRAFT)


def test_a_suggestion_becomes_a_draft_order_of_who_calls(api, staff, bolt):
    response = api(staff).post(URL, {"items": [{"item": "bolt-8", "quantity": "25"}]})

    assert response.status_code == 200
    (order,) = response.json()["data"]["orders"]
    assert (order["status"], order["created_by"]["id"]) == ("draft", staff.pk)
    assert [(line["item"]["sku"], line["quantity"]) for line in order["lines"]] == [("BOLT-8", "25")]


def test_without_a_quantity_it_is_as_suggested(api, staff, bolt):
    # One has come and is there: forty less one.
    response = api(staff).post(URL, {"items": [{"item": bolt.pk}]})

    assert response.json()["data"]["orders"][0]["lines"][0]["quantity"] == "39"


def test_the_same_key_makes_one_draft(api, staff, bolt):
    client = api(staff, **{"Idempotency-Key": "take-up-1"})

    first = client.post(URL, {"items": [{"item": "BOLT-8"}]})
    again = client.post(URL, {"items": [{"item": "BOLT-8"}]})

    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert drafts().count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "items", id="nothing"),
        pytest.param({"items": []}, "items", id="an empty list"),
        pytest.param({"items": [{"item": "NO-SUCH"}]}, "items", id="an unknown item"),
        pytest.param({"items": [{"item": "BOLT-8", "quantity": "0"}]}, "items", id="a quantity of zero"),
        pytest.param({"items": [{"item": "BOLT-8", "price": "1"}]}, "items", id="an unknown field"),
        pytest.param({"items": [{"item": "BOLT-8"}, {"item": "BOLT-8"}]}, "items", id="an item twice"),
    ],
)
def test_what_cannot_be_taken_up_is_refused(api, staff, bolt, body, field):
    response = api(staff).post(URL, body)

    assert (response.status_code, response.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(response.json()["details"]) == [field]
    assert not drafts().exists()


def test_what_was_asked_for_meanwhile_is_refused_by_its_line(api, staff, bolt):
    api(staff).post(URL, {"items": [{"item": "BOLT-8"}]})

    response = api(staff).post(URL, {"items": [{"item": "BOLT-8"}]})

    assert response.status_code == 400
    assert "need not be ordered" in response.json()["details"]["items"][0]["item"][0]


def test_only_those_who_make_orders_may(api, staff, bolt):
    for group in staff.groups.all():
        group.permissions.remove(Permission.objects.get(codename="add_purchaseorder"))

    response = api(staff).post(URL, {"items": [{"item": "BOLT-8"}]})

    assert response.status_code == 403


def test_any_number_of_suggestions_costs_the_same_queries(api, staff):
    client = api(staff)
    items = [used_item(7, 7, 7, left=0) for _number in range(5)]
    for item in items:
        bought(item, took=2)

    with CaptureQueriesContext(connection) as one:
        client.post(URL, {"items": [{"item": items[0].pk}]})
    with CaptureQueriesContext(connection) as four:
        response = client.post(URL, {"items": [{"item": item.pk} for item in items[1:]]})

    assert len(response.json()["data"]["orders"]) == 4
    assert len(four) <= len(one)
