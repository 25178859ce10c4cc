"""The verbs of stock over the API: shape, permissions, refusals. The rules themselves are the ledger's."""

from datetime import date
from decimal import Decimal

import pytest

from inventory.models import LocationKind, StockBalance, StockMovement, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock

pytestmark = pytest.mark.django_db


def url(item, verb):
    return f"/api/inventory/items/{item.pk}/{verb}"


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


@pytest.fixture
def bolt(shelf):
    return ItemFactory(sku="BOLT", location=shelf, unit_price=Decimal(2))


@pytest.fixture
def milk(shelf):
    return ItemFactory(sku="MILK", location=shelf, tracking=Tracking.LOT)


def test_adding_stock_answers_with_the_movement_and_the_item(api, staff, bolt, shelf):
    answer = api(staff).post(
        url(bolt, "add-stock"),
        {"quantity": "2.50", "unit_cost": 4, "reason": "Found", "reference": "DN 4471"},
    )

    assert answer.status_code == 200
    data = answer.json()["data"]
    assert set(data) == {"movement", "item"}
    movement = data["movement"]
    stamps = {name: movement.pop(name) for name in ("id", "occurred_at", "posted_at")}
    supplier = movement.pop("from_location")
    assert movement == {
        "kind": "receipt",
        "item": {"id": bolt.pk, "sku": "BOLT", "name": bolt.name},
        "lot": None,
        "quantity": "2.5",
        "to_location": {"id": shelf.pk, "code": "SHELF", "name": shelf.name},
        "unit_cost": "4.00",
        "value": "10.00",
        "on_hand_after": "2.5",
        "reason": "Found",
        "reference": "DN 4471",
        "document": "",
        "actor": {"id": staff.pk, "email": staff.email, "name": str(staff)},
        "reverses": None,
    }
    assert supplier["code"] == "@supplier"
    assert stamps["occurred_at"] == stamps["posted_at"]
    assert (data["item"]["quantity"], data["item"]["average_cost"]) == ("2.5", "4.00")


def test_removing_stock_answers_with_the_movement_and_the_item(api, staff, bolt):
    stock(bolt, bolt.location, 5, unit_cost=Decimal(3))

    data = api(staff).post(url(bolt, "remove-stock"), {"quantity": 2}).json()["data"]

    assert (data["movement"]["kind"], data["movement"]["value"]) == ("issue", "6.00")
    assert data["movement"]["to_location"]["code"] == "@consumption"
    assert (data["item"]["quantity"], data["item"]["stock_value"]) == ("3", "9.00")


def test_too_much_is_refused_with_what_there_is(api, staff, bolt, shelf):
    stock(bolt, shelf, 5)

    answer = api(staff).post(url(bolt, "remove-stock"), {"quantity": "5.0001", "location": "shelf"})

    assert (answer.status_code, answer.json()["code"]) == (409, "INSUFFICIENT_STOCK")
    assert answer.json()["details"] == {
        "item": {"id": bolt.pk, "sku": "BOLT", "name": bolt.name},
        "location": {"id": shelf.pk, "code": "SHELF", "name": shelf.name},
        "requested": "5.0001",
        "available": "5",
    }
    assert on_hand(bolt) == 5


def test_what_is_reserved_is_not_available(api, staff, bolt, as_owner):
    stock(bolt, bolt.location, 5)
    bolt.balances.update(reserved=3)
    type(bolt.valuation).objects.filter(item=bolt).update(reserved=3)

    answer = api(staff).post(url(bolt, "remove-stock"), {"quantity": 3})
    balance = api(staff).get(url(bolt, "balances")).json()["data"][0]

    assert answer.json()["details"]["available"] == "2"
    assert (balance["on_hand"], balance["reserved"], balance["available"]) == ("5", "3", "2")


def test_transferring_moves_stock_between_two_locations(api, staff, bolt, shelf):
    bench = LocationFactory(code="BENCH")
    stock(bolt, shelf, 5)

    answer = api(staff).post(
        url(bolt, "transfer-stock"), {"quantity": 2, "from_location": "SHELF", "to_location": bench.pk}
    )

    assert answer.json()["data"]["movement"]["kind"] == "transfer"
    assert answer.json()["data"]["item"]["quantity"] == "5"
    balances = api(staff).get(url(bolt, "balances")).json()["data"]
    assert {row["location"]["code"]: row["on_hand"] for row in balances} == {"SHELF": "3", "BENCH": "2"}


def test_adjusting_posts_the_difference(api, manager, bolt):
    stock(bolt, bolt.location, 5)
    client = api(manager)

    less = client.post(url(bolt, "adjust-stock"), {"counted": 3, "reason": "Count"}).json()["data"]
    same = client.post(url(bolt, "adjust-stock"), {"counted": "3", "reason": "Count"}).json()["data"]
    more = client.post(url(bolt, "adjust-stock"), {"counted": 4, "reason": "Count"}).json()["data"]

    assert (less["movement"]["quantity"], less["movement"]["to_location"]["code"]) == ("2", "@adjustment")
    assert (same["movement"], same["item"]["quantity"]) == (None, "3")
    assert (more["movement"]["quantity"], more["movement"]["from_location"]["code"]) == ("1", "@adjustment")
    assert more["item"]["quantity"] == "4"


def test_staff_move_stock_and_do_not_adjust_it(api, staff, bolt):
    client = api(staff)

    assert client.post(url(bolt, "add-stock"), {"quantity": 1}).status_code == 200
    assert client.post(url(bolt, "adjust-stock"), {"counted": 0, "reason": "x"}).status_code == 403
    assert api().post(url(bolt, "add-stock"), {"quantity": 1}).status_code == 401
    assert on_hand(bolt) == 1


def test_lots_go_out_first_expired_first(api, staff, milk):
    client = api(staff)
    for lot, expires_on in (("LATE", "2099-02-01"), ("SOON", "2099-01-01")):
        client.post(url(milk, "add-stock"), {"quantity": 5, "lot": lot, "expires_on": expires_on})

    data = client.post(url(milk, "remove-stock"), {"quantity": 7}).json()["data"]

    assert data["movement"] == data["movements"][0]
    assert [(row["lot"]["number"], row["quantity"]) for row in data["movements"]] == [
        ("SOON", "5"),
        ("LATE", "2"),
    ]
    (left,) = client.get(url(milk, "balances")).json()["data"]
    assert left["lot"] == {
        "id": milk.lots.get(number="LATE").pk,
        "number": "LATE",
        "expires_on": "2099-02-01",
        "status": "available",
    }


def test_a_lot_can_be_sent_as_it_was_read(api, staff, milk):
    stock(milk, milk.location, 5, lot="L1")
    client = api(staff)
    lot = client.get(url(milk, "balances")).json()["data"][0]["lot"]

    answer = client.post(url(milk, "remove-stock"), {"quantity": 1, "lot": lot})

    assert answer.json()["data"]["movement"]["lot"] == lot


def test_what_may_be_left_out_may_be_null(api, staff, bolt):
    nothing = {"location": None, "unit_cost": None, "lot": None, "expires_on": None}

    answer = api(staff).post(url(bolt, "add-stock"), {"quantity": 1, **nothing})

    assert answer.status_code == 200


def test_a_lot_in_quarantine_is_not_issued(api, staff, milk):
    stock(milk, milk.location, 5, lot="BAD")
    milk.lots.update(status="quarantine")

    answer = api(staff).post(url(milk, "remove-stock"), {"quantity": 1, "lot": "BAD"})

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["lot"])


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        *(
            pytest.param(verb, {"quantity": quantity}, "quantity", id=f"{verb} {name}")
            for verb in ("add-stock", "remove-stock")
            for name, quantity in {
                "nothing": "0",
                "less than nothing": -1,
                "a word": "abc",
                "beyond all numbers": "1e400",
                "a truth": True,
                "null": None,
                "a list": [],
                "an object": {"of": 1},
                "five decimals": "0.00001",
                "too much to hold": "1" * 15,
                "a hundred digits": "1" * 100,
                "an infinity": "Infinity",
                "an empty text": "",
                "Arabic digits": "\u0661",
            }.items()
        ),
        pytest.param("add-stock", {}, "quantity", id="no quantity"),
        pytest.param("add-stock", {"unit_cost": "-1"}, "unit_cost", id="a negative cost"),
        pytest.param("add-stock", {"unit_cost": "1e12"}, "unit_cost", id="too dear"),
        pytest.param("add-stock", {"location": "NOWHERE"}, "location", id="an unknown location"),
        pytest.param("add-stock", {"location": 2**63}, "location", id="a huge location id"),
        pytest.param("add-stock", {"location": "@scrap"}, "location", id="a virtual location"),
        pytest.param("add-stock", {"location": "CLOSED"}, "location", id="an inactive location"),
        pytest.param("add-stock", {"lot": "L1"}, "lot", id="a lot of an untracked item"),
        pytest.param("add-stock", {"lot": "x" * 81}, "lot", id="too long a lot number"),
        pytest.param("add-stock", {"lot": {"number": []}}, "lot", id="an odd lot"),
        pytest.param("add-stock", {"expires_on": "2031-02-30"}, "expires_on", id="no such day"),
        pytest.param("add-stock", {"expires_on": "2099-01-01"}, "lot", id="an expiry without a lot"),
        pytest.param("add-stock", {"reason": "x" * 201}, "reason", id="too long a reason"),
        pytest.param("add-stock", {"reference": "a\x00b"}, "reference", id="a NUL"),
        pytest.param("add-stock", {"kind": "return"}, "kind", id="an unknown field"),
        pytest.param("remove-stock", {"lot": "L1"}, "lot", id="an unknown lot"),
        pytest.param("remove-stock", {"unit_cost": 1}, "unit_cost", id="a cost going out"),
        pytest.param("transfer-stock", {"to_location": "BENCH"}, "from_location", id="from nowhere"),
        pytest.param("transfer-stock", {"from_location": "SHELF"}, "to_location", id="to nowhere"),
        pytest.param(
            "transfer-stock",
            {"from_location": "SHELF", "to_location": "SHELF"},
            "to_location",
            id="to where it is",
        ),
        pytest.param(
            "transfer-stock",
            {"from_location": "SHELF", "to_location": "CLOSED"},
            "to_location",
            id="to a closed place",
        ),
        pytest.param(
            "transfer-stock",
            {"from_location": "CLOSED", "to_location": "SHELF"},
            "from_location",
            id="from a closed place",
        ),
        pytest.param("adjust-stock", {"counted": -1, "reason": "x"}, "counted", id="a negative count"),
        pytest.param("adjust-stock", {"counted": "1,5", "reason": "x"}, "counted", id="a comma"),
        pytest.param("adjust-stock", {"reason": "x"}, "counted", id="no count"),
        pytest.param("adjust-stock", {"counted": 1}, "reason", id="no reason"),
        pytest.param("adjust-stock", {"counted": 1, "reason": "  "}, "reason", id="a blank reason"),
    ],
)
def test_what_cannot_be_meant_is_refused_on_its_field(api, manager, bolt, shelf, verb, body, field):
    LocationFactory(code="BENCH")
    LocationFactory(code="CLOSED", is_active=False)
    stock(bolt, shelf, 5)
    body = {**({} if verb == "adjust-stock" or field == "quantity" else {"quantity": 1}), **body}

    answer = api(manager).post(url(bolt, verb), body)

    assert answer.status_code == 400
    assert answer.json()["code"] == "VALIDATION_ERROR"
    assert field in answer.json()["details"]
    assert on_hand(bolt) == 5


def test_a_count_finer_than_the_unit_is_refused_on_what_was_counted(api, manager, shelf):
    glove = ItemFactory(unit_id="PR", location=shelf)

    answer = api(manager).post(url(glove, "adjust-stock"), {"counted": "1.5", "reason": "Count"})

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["counted"])


def test_an_item_without_a_location_of_its_own_must_be_told_where(api, staff):
    answer = api(staff).post(url(ItemFactory(), "add-stock"), {"quantity": 1})

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["location"])


def test_an_inactive_item_takes_no_movement(api, staff, shelf):
    answer = api(staff).post(url(ItemFactory(is_active=False, location=shelf), "add-stock"), {"quantity": 1})

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["item"])


def test_a_retried_verb_counts_once(api, staff, bolt):
    client = api(staff)

    answers = [
        client.post(url(bolt, "add-stock"), {"quantity": 1}, headers={"Idempotency-Key": "till-7"})
        for _ in range(3)
    ]

    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert on_hand(bolt) == 1


def test_only_what_stands_somewhere_is_a_balance(api, staff, bolt, shelf):
    bench = LocationFactory(code="BENCH", parent=shelf)
    stock(bolt, shelf, 1)
    stock(bolt, bench, 2)
    client = api(staff)
    client.post(url(bolt, "remove-stock"), {"quantity": 1})

    def codes(**query):
        return [row["location"]["code"] for row in client.get(url(bolt, "balances"), query).json()["data"]]

    assert codes() == ["BENCH"]
    assert codes(empty="true") == ["BENCH", "SHELF"]
    assert codes(empty="true", ordering="-on_hand") == ["BENCH", "SHELF"]
    assert codes(location="shelf") == ["BENCH"]
    assert codes(q="nowhere") == []


def test_balances_cost_the_same_queries_for_any_number(
    api, staff, django_assert_num_queries, django_assert_max_num_queries
):
    milk = ItemFactory(tracking=Tracking.LOT)
    client = api(staff)

    def some(count):
        for _ in range(count):
            stock(milk, LocationFactory(), 1, lot=f"L{StockBalance.objects.count()}")

    some(2)
    client.get(url(milk, "balances"))
    with django_assert_max_num_queries(20) as two:
        client.get(url(milk, "balances"))
    some(18)

    with django_assert_num_queries(len(two)):
        assert client.get(url(milk, "balances")).json()["pagination"]["total"] == 20


def test_a_verb_costs_the_same_queries_for_one_lot_as_for_ten(
    api, staff, milk, django_assert_num_queries, django_assert_max_num_queries
):
    client = api(staff)
    for number in range(12):
        stock(milk, milk.location, 1, lot=f"L{number}", expires_on=date(2099, 1, 1 + number))
    client.post(url(milk, "remove-stock"), {"quantity": 1})

    with django_assert_max_num_queries(40) as one:
        client.post(url(milk, "remove-stock"), {"quantity": 1})
    with django_assert_num_queries(len(one)):
        answer = client.post(url(milk, "remove-stock"), {"quantity": 10})

    assert len(answer.json()["data"]["movements"]) == 10


def test_stock_of_an_item_in_another_currency_needs_a_rate_or_a_cost(api, staff, shelf):
    rod = ItemFactory(location=shelf, currency="EUR", unit_price=Decimal(5))

    unknown = api(staff).post(url(rod, "add-stock"), {"quantity": 1})
    told = api(staff).post(url(rod, "add-stock"), {"quantity": 1, "unit_cost": "5.40"})

    assert (unknown.status_code, list(unknown.json()["details"])) == (400, ["unit_cost"])
    assert told.status_code == 200
    assert StockMovement.objects.get().from_location.kind == LocationKind.SUPPLIER
