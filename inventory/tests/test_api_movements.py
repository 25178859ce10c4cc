"""The ledger over the API: as a list, as a feed, and how a mistake is corrected."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.tests.factories import UserFactory
from inventory import stock as stores
from inventory.models import StockMovement, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock

pytestmark = pytest.mark.django_db

URL = "/api/inventory/movements"


def ids(answer):
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["data"]]


def test_movements_come_newest_first(api, staff):
    bolt, shelf = ItemFactory(), LocationFactory()
    first, second = stock(bolt, shelf, 1), stock(bolt, shelf, 2)

    answer = api(staff).get(URL)

    assert ids(answer) == [second.pk, first.pk]
    assert answer.json()["pagination"]["total"] == 2
    assert (
        api(staff).get(f"{URL}/{first.pk}").json()["data"]
        == api(staff).get(URL, {"ordering": "id"}).json()["data"][0]
    )


def test_an_item_shows_its_own_movements(api, staff):
    bolt, nut, shelf = ItemFactory(), ItemFactory(), LocationFactory()
    own = stock(bolt, shelf, 1)
    stock(nut, shelf, 1)

    assert ids(api(staff).get(f"/api/inventory/items/{bolt.pk}/movements")) == [own.pk]
    assert ids(api(staff).get(f"/api/inventory/items/{bolt.pk}/movements", {"cursor": ""})) == [own.pk]
    assert api(staff).get("/api/inventory/items/0/movements").status_code == 404


def test_movements_are_filtered(api, staff):
    bolt, nut = ItemFactory(sku="BOLT"), ItemFactory(sku="NUT", name="Nut")
    hall = LocationFactory(code="HALL")
    shelf, yard = LocationFactory(code="SHELF", parent=hall), LocationFactory(code="YARD")
    old = stock(bolt, shelf, 5, occurred_at=datetime(2025, 5, 1, 12, tzinfo=UTC), reference="DN 1")
    new = stock(nut, yard, 5, reference="DN 2")
    (issued,) = stores.remove(bolt, quantity=Decimal(1), location=shelf, by=staff)
    client = api(staff)

    assert ids(client.get(URL, {"item": "bolt"})) == [issued.pk, old.pk]
    assert ids(client.get(URL, {"item": nut.pk})) == [new.pk]
    assert ids(client.get(URL, {"location": "hall"})) == [issued.pk, old.pk]
    assert ids(client.get(URL, {"kind": "issue"})) == [issued.pk]
    assert ids(client.get(URL, {"kind": "issue,receipt"})) == [issued.pk, new.pk, old.pk]
    assert ids(client.get(URL, {"reference": "DN 1"})) == [old.pk]
    assert ids(client.get(URL, {"date_to": "2025-05-01"})) == [old.pk]
    assert ids(client.get(URL, {"date_from": "2025-05-02"})) == [issued.pk, new.pk]
    assert ids(client.get(URL, {"q": "bolt"})) == [issued.pk, old.pk]
    assert ids(client.get(URL, {"q": "DN 2"})) == [new.pk]
    assert ids(client.get(URL, {"q": "bolt", "cursor": "", "per_page": 1})) == [issued.pk]


def test_a_lot_finds_its_movements(api, staff):
    milk, shelf = ItemFactory(tracking=Tracking.LOT), LocationFactory()
    stock(milk, shelf, 1, lot="AAA-1")
    wanted = stock(milk, shelf, 1, lot="BBB-2")

    assert ids(api(staff).get(URL, {"q": "bbb-2"})) == [wanted.pk]


@pytest.mark.parametrize(
    "query",
    [
        {"item": "NOTHING"},
        {"location": "@scrap"},
        {"kind": "theft"},
        {"date_from": "today"},
        {"ordering": "actor__password"},
        {"cursor": "garbage"},
        {"cursor": "b2xkZXI6OTk5OTk5OTk5OTk5OTk5OTk5OTk5"},
    ],
    ids=lambda query: "=".join(*query.items())[:30],
)
def test_a_filter_that_cannot_be_meant_is_refused(api, staff, query):
    answer = api(staff).get(URL, query)

    assert answer.status_code == 400
    assert set(answer.json()["details"]) == set(query)


def test_the_feed_is_read_to_its_end_without_gaps_while_it_grows(api, staff):
    bolt, shelf = ItemFactory(), LocationFactory()
    there = [stock(bolt, shelf, 1).pk for _ in range(7)]
    client = api(staff)

    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(URL, {"cursor": cursor, "per_page": 3})
        seen += ids(page)
        cursor = page.json()["pagination"]["next"]
        stock(bolt, shelf, 1)

    assert seen == there[::-1]


def test_a_feed_costs_the_same_queries_at_any_depth_and_for_any_number_of_rows(
    api, staff, django_assert_num_queries, django_assert_max_num_queries
):
    client = api(staff)
    for _ in range(25):
        stock(
            ItemFactory(tracking=Tracking.LOT),
            LocationFactory(),
            1,
            lot="L",
            by=UserFactory(),
        )
    first = client.get(URL, {"cursor": "", "per_page": 2}).json()
    with django_assert_max_num_queries(20) as few:
        client.get(URL, {"cursor": "", "per_page": 2})

    with django_assert_num_queries(len(few)):
        deep = client.get(URL, {"cursor": first["pagination"]["next"], "per_page": 20})

    assert len(deep.json()["data"]) == 20


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_there_is_no_write_on_a_movement(api, admin, method):
    movement = stock(ItemFactory(), LocationFactory(), 1)

    answer = getattr(api(admin), method)(f"{URL}/{movement.pk}", {"quantity": 2})

    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert api(admin).post(URL, {}).status_code == 405


def test_a_mistake_is_reversed_once(api, manager):
    bolt, shelf = ItemFactory(), LocationFactory()
    mistake = stock(bolt, shelf, 5)
    client = api(manager)

    answer = client.post(f"{URL}/{mistake.pk}/reverse", {"reason": "Not ours"})
    again = client.post(f"{URL}/{mistake.pk}/reverse", {"reason": "Not ours"})

    assert answer.status_code == 200
    movement = answer.json()["data"]["movement"]
    assert (movement["kind"], movement["reverses"], movement["reason"]) == (
        "reversal",
        mistake.pk,
        "Not ours",
    )
    assert answer.json()["data"]["item"]["quantity"] == "0"
    assert (again.status_code, again.json()["code"]) == (409, "INVALID_STATE")


def test_a_reversal_needs_a_reason_and_the_right(api, manager, staff):
    mistake = stock(ItemFactory(), LocationFactory(), 5)

    assert api(staff).post(f"{URL}/{mistake.pk}/reverse", {"reason": "x"}).status_code == 403
    unreasoned = api(manager).post(f"{URL}/{mistake.pk}/reverse", {})
    assert (unreasoned.status_code, list(unreasoned.json()["details"])) == (400, ["reason"])


def test_a_receipt_that_was_used_cannot_be_reversed(api, manager):
    bolt, shelf = ItemFactory(), LocationFactory()
    mistake = stock(bolt, shelf, 5)
    stores.remove(bolt, quantity=Decimal(1), location=shelf, by=manager)

    answer = api(manager).post(f"{URL}/{mistake.pk}/reverse", {"reason": "Not ours"})

    assert (answer.status_code, answer.json()["code"]) == (409, "INSUFFICIENT_STOCK")
    assert on_hand(bolt) == 4
    assert not StockMovement.objects.filter(reverses=mistake).exists()
