"""Items over the API: shape, permissions, filters and the cost of a list."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from inventory.models import Item, StockMovement, Tracking
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, on_hand, stock

pytestmark = pytest.mark.django_db

URL = "/api/inventory/items"


def skus(answer):
    assert answer.status_code == 200, answer.json()
    return [row["sku"] for row in answer.json()["data"]]


def test_an_item_needs_no_more_than_sku_and_name(api, manager):
    answer = api(manager).post(URL, {"sku": "ROD-12", "name": "Steel rod 12 mm"})

    assert answer.status_code == 201
    item = answer.json()["data"]
    stamps = {name: item.pop(name) for name in ("id", "created_at", "updated_at")}
    assert item == {
        "sku": "ROD-12",
        "name": "Steel rod 12 mm",
        "description": "",
        "category": None,
        "location": None,
        "unit": "EA",
        "barcode": "",
        "unit_price": "0.00",
        "currency": "USD",
        "reorder_level": "0",
        "reorder_quantity": "0",
        "is_active": True,
        "tracking": "none",
        "quantity": "0",
        "reserved": "0",
        "available": "0",
        "average_cost": "0.00",
        "stock_value": "0.00",
        "status": "out-of-stock",
    }
    assert stamps["created_at"].endswith("Z")


def test_every_field_can_be_given_and_is_read_back(api, manager):
    metals, store = CategoryFactory(slug="metals", name="Metals"), LocationFactory(code="MAIN")

    given = {
        "sku": "ROD-12",
        "name": "Steel rod",
        "description": "Hot rolled",
        "barcode": "4006381333931",
        "unit_price": "0.12345678",
        "reorder_level": "2.5",
        "reorder_quantity": "10",
        "is_active": True,
        "tracking": "none",
    }
    made = api(manager).post(
        URL, {**given, "category": "METALS", "location": store.pk, "unit": "kgm", "currency": "eur"}
    )

    assert made.status_code == 201
    item = made.json()["data"]
    assert given.items() <= item.items()
    assert item["category"] == {"id": metals.pk, "slug": "metals", "name": "Metals"}
    assert item["location"] == {"id": store.pk, "code": "MAIN", "name": store.name}
    assert (item["unit"], item["currency"]) == ("KGM", "EUR")
    assert api(manager).get(f"{URL}/{item['id']}").json()["data"] == item


def test_what_was_read_can_be_sent_back(api, manager):
    bolt = ItemFactory(category=CategoryFactory(), location=LocationFactory())
    stock(bolt, bolt.location, 5)
    read = api(manager).get(f"{URL}/{bolt.pk}").json()["data"]

    answer = api(manager).put(f"{URL}/{bolt.pk}", read)

    assert answer.status_code == 200
    assert answer.json()["data"] == {**read, "updated_at": answer.json()["data"]["updated_at"]}


def test_quantity_on_create_is_an_opening_balance(api, manager):
    store = LocationFactory()

    answer = api(manager).post(
        URL,
        {
            "sku": "ROD",
            "name": "Rod",
            "location": store.code,
            "unit_price": "2.50",
            "reorder_level": 4,
            "quantity": 4,
        },
    )

    item = answer.json()["data"]
    assert (item["quantity"], item["available"], item["status"]) == ("4", "4", "low-stock")
    assert (item["average_cost"], item["stock_value"]) == ("2.50", "10.00")
    movement = StockMovement.objects.get()
    assert (movement.kind, movement.quantity, movement.to_location) == ("opening", 4, store)
    assert (movement.unit_cost, movement.actor) == (Decimal("2.50"), manager)


def test_an_opening_balance_takes_its_own_cost_and_names_the_lot_of_a_tracked_item(api, manager):
    store = LocationFactory()
    body = {
        "sku": "MILK",
        "name": "Milk",
        "location": store.code,
        "tracking": "lot",
        "quantity": "3",
        "unit_cost": "1.10",
    }

    unnamed = api(manager).post(URL, body)
    named = api(manager).post(URL, {**body, "lot": "L1", "expires_on": "2032-01-31"})

    assert (unnamed.status_code, list(unnamed.json()["details"])) == (400, ["lot"])
    assert named.status_code == 201
    assert named.json()["data"]["stock_value"] == "3.30"
    assert StockMovement.objects.get().lot.number == "L1"


def test_an_opening_balance_without_a_location_makes_no_item(api, manager):
    answer = api(manager).post(URL, {"sku": "ROD", "name": "Rod", "quantity": 4})

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["location"])
    assert not Item.objects.exists()


def test_stock_changes_only_by_a_movement(api, manager):
    bolt = ItemFactory()
    stock(bolt, LocationFactory(), "2.5")

    same = api(manager).patch(f"{URL}/{bolt.pk}", {"quantity": "2.5000", "name": "Nut"})
    other = api(manager).patch(f"{URL}/{bolt.pk}", {"quantity": 3, "name": "Screw"})

    assert same.status_code == 200
    assert (other.status_code, list(other.json()["details"])) == (400, ["quantity"])
    bolt.refresh_from_db()
    assert (bolt.name, on_hand(bolt)) == ("Nut", Decimal("2.5"))


@pytest.mark.parametrize("method", ["put", "patch"])
def test_an_update_changes_only_what_was_sent(api, manager, method):
    bolt = ItemFactory(name="Bolt", unit_price=Decimal(3), category=CategoryFactory())

    answer = getattr(api(manager), method)(f"{URL}/{bolt.pk}", {"name": "Nut", "category": None})

    item = answer.json()["data"]
    assert (item["name"], item["unit_price"], item["category"]) == ("Nut", "3.00", None)
    assert (item["sku"], item["unit"]) == (bolt.sku, "EA")


def test_a_stale_update_is_refused(api, manager):
    bolt = ItemFactory(name="Bolt")
    tag = api(manager).get(f"{URL}/{bolt.pk}").headers["ETag"]
    stock(bolt, LocationFactory(), 1)

    stale = api(manager).patch(f"{URL}/{bolt.pk}", {"name": "Nut"}, headers={"If-Match": tag})
    tag = api(manager).get(f"{URL}/{bolt.pk}").headers["ETag"]
    fresh = api(manager).patch(f"{URL}/{bolt.pk}", {"name": "Nut"}, headers={"If-Match": tag})

    assert (stale.status_code, stale.json()["code"]) == (412, "PRECONDITION_FAILED")
    assert fresh.status_code == 200


def test_a_sku_is_unique_without_regard_to_case(api, manager):
    ItemFactory(sku="ROD-12")
    bolt = ItemFactory()

    made = api(manager).post(URL, {"sku": "rod-12", "name": "Rod"})
    changed = api(manager).patch(f"{URL}/{bolt.pk}", {"sku": "Rod-12"})

    for answer in (made, changed):
        assert (answer.status_code, list(answer.json()["details"])) == (400, ["sku"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"sku": ""}, "sku", id="empty sku"),
        pytest.param({"sku": None}, "sku", id="no sku"),
        pytest.param({"sku": "x" * 51}, "sku", id="too long a sku"),
        pytest.param({"sku": {"a": 1}}, "sku", id="an object for a sku"),
        pytest.param({"sku": "a\x00b"}, "sku", id="a NUL in the sku"),
        pytest.param({"name": " "}, "name", id="a blank name"),
        pytest.param({"name": "x" * 201}, "name", id="too long a name"),
        pytest.param({"description": "x" * 20_001}, "description", id="too long a description"),
        pytest.param({"barcode": "1" * 81}, "barcode", id="too long a barcode"),
        pytest.param({"category": "nowhere"}, "category", id="unknown category"),
        pytest.param({"category": 10**30}, "category", id="a huge id"),
        pytest.param({"category": True}, "category", id="a truth for a category"),
        pytest.param({"location": "@supplier"}, "location", id="a virtual location"),
        pytest.param({"location": ["MAIN"]}, "location", id="a list for a location"),
        pytest.param({"unit": "XYZ"}, "unit", id="unknown unit"),
        pytest.param({"unit": None}, "unit", id="no unit"),
        pytest.param({"unit_price": "-1"}, "unit_price", id="a negative price"),
        pytest.param({"unit_price": "abc"}, "unit_price", id="a word for a price"),
        pytest.param({"unit_price": "1e400"}, "unit_price", id="a price beyond all numbers"),
        pytest.param({"unit_price": "0.123456789"}, "unit_price", id="nine decimals"),
        pytest.param({"unit_price": "NaN"}, "unit_price", id="not a number"),
        pytest.param({"currency": "XXX"}, "currency", id="unknown currency"),
        pytest.param({"reorder_level": "-0.0001"}, "reorder_level", id="negative reorder level"),
        pytest.param({"reorder_quantity": []}, "reorder_quantity", id="a list for a quantity"),
        pytest.param({"tracking": "batch"}, "tracking", id="unknown tracking"),
        pytest.param({"is_active": "perhaps"}, "is_active", id="neither true nor false"),
        pytest.param({"quantity": "-1"}, "quantity", id="a negative opening balance"),
        pytest.param({"quantity": True}, "quantity", id="a truth for a quantity"),
        pytest.param({"quantity": {"of": 1}}, "quantity", id="an object for a quantity"),
        pytest.param({"quantity": "1e15"}, "quantity", id="more than fits"),
        pytest.param({"colour": "red"}, "colour", id="unknown field"),
    ],
)
def test_what_cannot_be_taken_is_refused_on_its_field(api, manager, body, field):
    LocationFactory(code="MAIN")

    answer = api(manager).post(URL, {"sku": "A", "name": "A", "location": "MAIN", **body})

    assert answer.status_code == 400
    assert answer.json()["code"] == "VALIDATION_ERROR"
    assert field in answer.json()["details"]
    assert not Item.objects.exists()


def test_tracking_stays_while_stock_stands(api, manager):
    bolt = ItemFactory()
    stock(bolt, LocationFactory(), 1)

    answer = api(manager).patch(f"{URL}/{bolt.pk}", {"tracking": Tracking.LOT})

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["tracking"])


def test_an_item_that_never_moved_can_be_deleted(api, admin):
    bolt, nut = ItemFactory(), ItemFactory()
    stock(nut, LocationFactory(), 1)

    gone = api(admin).delete(f"{URL}/{bolt.pk}")
    kept = api(admin).delete(f"{URL}/{nut.pk}")

    assert (gone.status_code, gone.json()["data"]) == (200, {"id": bolt.pk})
    assert (kept.status_code, kept.json()["code"]) == (409, "IN_USE")
    assert list(Item.objects.all()) == [nut]


@pytest.mark.parametrize("key", ["0", "999999", "9" * 30])
def test_an_item_that_is_not_there_is_not_found(api, staff, key):
    answer = api(staff).get(f"{URL}/{key}")

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_each_role_may_what_its_group_may(api, staff, manager, admin):
    bolt = ItemFactory()
    body = {"sku": "NEW", "name": "New"}

    assert api().get(URL).status_code == 401
    assert api(staff).get(URL).status_code == 200
    assert api(staff).post(URL, body).status_code == 403
    assert api(staff).patch(f"{URL}/{bolt.pk}", {"name": "x"}).status_code == 403
    assert api(manager).post(URL, body).status_code == 201
    assert api(manager).delete(f"{URL}/{bolt.pk}").status_code == 403
    assert api(admin).delete(f"{URL}/{bolt.pk}").status_code == 200


def test_who_may_not_move_stock_makes_no_opening_balance(api, manager):
    manager.groups.get().permissions.remove(*manager.groups.get().permissions.filter(codename="move_stock"))
    store = LocationFactory()

    answer = api(manager).post(URL, {"sku": "A", "name": "A", "location": store.code, "quantity": 1})

    assert answer.status_code == 403
    assert not Item.objects.exists()


def test_status_filters_follow_what_is_available(api, staff):
    store = LocationFactory()
    plenty, low, none, closed = (
        ItemFactory(sku=sku, reorder_level=Decimal(5)) for sku in ("PLENTY", "LOW", "NONE", "CLOSED")
    )
    stock(plenty, store, 6)
    stock(low, store, 5)
    stock(closed, store, 6)
    Item.objects.filter(pk=closed.pk).update(is_active=False)
    client = api(staff)

    for status, item in (
        ("in-stock", plenty),
        ("low-stock", low),
        ("out-of-stock", none),
        ("inactive", closed),
    ):
        answer = client.get(URL, {"status": status})
        assert skus(answer) == [item.sku]
        assert answer.json()["data"][0]["status"] == status
    assert skus(client.get(URL, {"status": "low-stock,out-of-stock", "ordering": "sku"})) == ["LOW", "NONE"]


def test_a_category_is_searched_with_its_sub_categories(api, staff):
    metals = CategoryFactory(slug="metals")
    steel = CategoryFactory(slug="steel", parent=metals)
    ItemFactory(sku="A", category=metals)
    ItemFactory(sku="B", category=CategoryFactory(slug="rods", parent=steel))
    ItemFactory(sku="C", category=CategoryFactory(slug="paper"))
    client = api(staff)

    assert skus(client.get(URL, {"category": "metals", "ordering": "sku"})) == ["A", "B"]
    assert skus(client.get(URL, {"category": str(steel.pk)})) == ["B"]


def test_a_location_is_searched_with_what_is_inside(api, staff):
    site = LocationFactory(code="SITE")
    shelf = LocationFactory(code="SHELF", parent=LocationFactory(code="HALL", parent=site))
    elsewhere = LocationFactory(code="OTHER")
    stands = ItemFactory(sku="STANDS")
    stock(stands, shelf, 1)
    gone = ItemFactory(sku="GONE")
    stock(gone, elsewhere, 1)
    ItemFactory(sku="BELONGS", location=site)
    client = api(staff)

    assert skus(client.get(URL, {"location": "site", "ordering": "sku"})) == ["BELONGS", "STANDS"]
    assert skus(client.get(URL, {"location": str(shelf.pk)})) == ["STANDS"]


def test_updated_items_are_found_by_day_and_moment(api, staff):
    now = timezone.now()
    for sku, days in (("OLD", 10), ("NEW", 1)):
        ItemFactory(sku=sku)
        Item.objects.filter(sku=sku).update(updated_at=now - timedelta(days=days))
    client = api(staff)
    five_days_ago = now - timedelta(days=5)

    assert skus(client.get(URL, {"date_from": f"{five_days_ago:%Y-%m-%d}"})) == ["NEW"]
    assert skus(client.get(URL, {"date_to": f"{five_days_ago:%Y-%m-%d}"})) == ["OLD"]
    assert skus(client.get(URL, {"updated_since": five_days_ago.isoformat()})) == ["NEW"]


@pytest.mark.parametrize(
    "query",
    [
        {"status": "plenty"},
        {"category": "nowhere"},
        {"category": "%"},
        {"status": "%s"},
        {"supplier": "%(name)s"},
        {"location": "@supplier"},
        {"location": "9" * 40},
        {"supplier": "NOBODY"},
        {"date_from": "31.05.2031"},
        {"date_to": "2031-02-30"},
        {"updated_since": "yesterday"},
        {"ordering": "password"},
        {"is_active": "perhaps"},
        {"page": "0x1"},
        {"per_page": "201"},
        {"q": "x" * 201},
    ],
    ids=lambda query: "=".join(*query.items())[:30],
)
def test_a_filter_that_cannot_be_meant_is_refused(api, staff, query):
    ItemFactory()

    answer = api(staff).get(URL, query)

    assert answer.status_code == 400
    assert set(answer.json()["details"]) == set(query)


def test_items_are_ordered_by_their_stock(api, staff):
    store = LocationFactory()
    for sku, quantity in (("A", 2), ("B", 3), ("C", 1)):
        stock(ItemFactory(sku=sku), store, quantity)

    assert skus(api(staff).get(URL, {"ordering": "-quantity"})) == ["B", "A", "C"]
    assert skus(api(staff).get(URL, {"ordering": "stock_value,-sku"})) == ["C", "B", "A"]


@pytest.mark.parametrize("query", [{}, {"q": "bolt"}, {"status": "out-of-stock", "ordering": "quantity"}])
def test_a_list_costs_the_same_queries_for_any_number_of_rows(
    api, staff, django_assert_num_queries, django_assert_max_num_queries, query
):
    def some(count):
        for _ in range(count):
            ItemFactory(name="Bolt", category=CategoryFactory(), location=LocationFactory())

    client = api(staff)
    some(2)
    client.get(URL, query)
    with django_assert_max_num_queries(20) as two:
        assert len(client.get(URL, query).json()["data"]) == 2
    some(18)

    with django_assert_num_queries(len(two)):
        assert len(client.get(URL, query).json()["data"]) == 20
