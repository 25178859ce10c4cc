"""Batches of operations from clients that were offline: each stands or falls alone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from inventory.models import StockMovement, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock

pytestmark = pytest.mark.django_db

URL = "/api/inventory/movements/batch"


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


@pytest.fixture
def bolt(shelf):
    return ItemFactory(sku="BOLT", location=shelf)


def send(client, *operations, **headers):
    answer = client.post(URL, {"operations": list(operations)}, headers=headers)
    assert answer.status_code == 200, answer.json()
    return answer.json()["data"]["results"]


def add(key, quantity=1, item="BOLT", **more):
    return {"key": key, "type": "add", "item": item, "quantity": quantity, **more}


def remove(key, quantity=1, item="BOLT", **more):
    return {**add(key, quantity, item, **more), "type": "remove"}


def statuses(results):
    return [result["status"] for result in results]


def test_each_operation_has_its_own_result_in_order(api, manager, bolt, shelf):
    LocationFactory(code="BENCH")
    yesterday = timezone.now() - timedelta(days=1)

    results = send(
        api(manager),
        add("k1", 10, unit_cost="2", occurred_at=yesterday.isoformat()),
        remove("k2", 11),
        remove("k3", 4, reason="Job 118"),
        {
            "key": "k4",
            "type": "transfer",
            "item": bolt.pk,
            "quantity": 1,
            "from_location": "SHELF",
            "to_location": "BENCH",
        },
        {"key": "k5", "type": "adjust", "item": "bolt", "counted": 4, "reason": "Count"},
    )

    assert [result["key"] for result in results] == ["k1", "k2", "k3", "k4", "k5"]
    assert statuses(results) == [200, 409, 200, 200, 200]
    assert {result["replayed"] for result in results} == {False}
    assert [r["movement"]["kind"] for r in results if "movement" in r] == [
        "receipt",
        "issue",
        "transfer",
        "adjustment",
    ]
    assert results[0]["movement"]["occurred_at"][:19] == yesterday.isoformat()[:19]
    assert results[1]["code"] == "INSUFFICIENT_STOCK"
    assert (results[1]["details"]["requested"], results[1]["details"]["available"]) == ("11", "10")
    assert "movement" not in results[1]
    assert on_hand(bolt, shelf) == 4


def test_a_repeated_batch_counts_once_and_gives_the_first_answers(api, staff, bolt):
    operations = [add("k1", 5), remove("k2", 9), remove("k3", 2)]
    client = api(staff)

    first = send(client, *operations)
    stock(bolt, bolt.location, 100)
    second = send(client, *operations)

    assert [result.pop("replayed") for result in first] == [False, False, False]
    assert [result.pop("replayed") for result in second] == [True, True, True]
    assert first == second
    assert on_hand(bolt) == 103


def test_a_key_that_stands_twice_in_a_batch_counts_once(api, staff, bolt):
    results = send(api(staff), add("same", 5), add("same", 5), add("same", 6))

    assert [(result["status"], result["replayed"]) for result in results] == [
        (200, False),
        (200, True),
        (422, False),
    ]
    assert results[2]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert on_hand(bolt) == 5


def test_the_key_of_an_operation_is_the_users_own(api, staff, manager, bolt):
    send(api(staff), add("k1", 5))

    (result,) = send(api(manager), add("k1", 5))

    assert (result["status"], result["replayed"]) == (200, False)
    assert on_hand(bolt) == 10


def test_an_operation_and_a_request_share_their_keys(api, staff, bolt):
    client = api(staff)
    body = {"quantity": 1}
    client.post(f"/api/inventory/items/{bolt.pk}/add-stock", body, headers={"Idempotency-Key": "k1"})

    (result,) = send(client, add("k1"))

    assert result["status"] == 422
    assert on_hand(bolt) == 1


@pytest.mark.parametrize(
    ("operation", "status", "field"),
    [
        pytest.param(add("k", 1) | {"type": "steal"}, 400, "type", id="unknown type"),
        pytest.param(add("k", 1) | {"type": ["add"]}, 400, "type", id="a list for a type"),
        pytest.param({"key": "k"}, 400, "type", id="no type"),
        pytest.param(add("k", 1, item="NOTHING"), 400, "item", id="unknown item"),
        pytest.param(add("k", 1, item=None), 400, "item", id="no item"),
        pytest.param(add("k", "abc"), 400, "quantity", id="a word for a quantity"),
        pytest.param(add("k", 0), 400, "quantity", id="nothing"),
        pytest.param(add("k", 1, colour="red"), 400, "colour", id="unknown field"),
        pytest.param(add("k", 1, occurred_at="2999-01-01T00:00:00Z"), 400, "occurred_at", id="in the future"),
        pytest.param(add("k", 1, occurred_at="yesterday"), 400, "occurred_at", id="no time"),
        pytest.param(add("k", 1, occurred_at="0001-01-01T00:00:00+14:00"), 400, "occurred_at", id="too old"),
        pytest.param(add("k", 1, location="CLOSED"), 400, "location", id="inactive location"),
        pytest.param(add("", 1), 400, "key", id="an empty key"),
        pytest.param(add("a b", 1), 400, "key", id="a key with a space"),
        pytest.param(add("k" * 256, 1), 400, "key", id="too long a key"),
        pytest.param(add(7, 1), 400, "key", id="a number for a key"),
        pytest.param({"type": "add", "item": "BOLT", "quantity": 1}, 400, "key", id="no key"),
        pytest.param("add 1", 400, "non_field_errors", id="no object"),
        pytest.param([], 400, "non_field_errors", id="a list"),
        pytest.param(None, 400, "non_field_errors", id="null"),
    ],
)
def test_a_faulty_operation_fails_alone(api, staff, bolt, operation, status, field):
    LocationFactory(code="CLOSED", is_active=False)

    results = send(api(staff), add("before"), operation, add("after"))

    assert statuses(results) == [200, status, 200]
    assert field in results[1]["details"]
    assert results[1]["code"] == "VALIDATION_ERROR"
    assert results[1]["error"]
    assert on_hand(bolt) == 2


def test_each_operation_asks_for_its_own_permission(api, staff, bolt):
    stock(bolt, bolt.location, 5)

    results = send(
        api(staff),
        {"key": "k1", "type": "adjust", "item": "BOLT", "counted": 0, "reason": "Count"},
        remove("k2", 1),
    )

    assert [(result["status"], result.get("code")) for result in results] == [
        (403, "PERMISSION_DENIED"),
        (200, None),
    ]
    assert on_hand(bolt) == 4


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"operations": []}, id="no operation"),
        pytest.param({"operations": {"key": "k"}}, id="an object"),
        pytest.param({"operations": "all"}, id="a text"),
        pytest.param({"operations": [add(f"k{number}") for number in range(501)]}, id="501 operations"),
        pytest.param({"operations": [add("k")], "atomic": True}, id="unknown field"),
    ],
)
def test_a_batch_that_is_none_is_refused_as_a_whole(api, staff, bolt, body):
    answer = api(staff).post(URL, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert on_hand(bolt) == 0


def test_nobody_posts_a_batch_without_a_login(api):
    assert api().post(URL, {"operations": [add("k")]}).status_code == 401


def test_five_hundred_operations_are_taken(api, staff, bolt):
    results = send(api(staff), *(add("same") for _ in range(500)))

    assert [result["replayed"] for result in results] == [False, *[True] * 499]
    assert on_hand(bolt) == 1


def test_a_batch_with_a_key_of_its_own_is_replayed_as_a_whole(api, staff, bolt):
    client = api(staff)
    operations = [add("k1", 5), remove("k2", 9)]

    first = client.post(URL, {"operations": operations}, headers={"Idempotency-Key": "batch"})
    second = client.post(URL, {"operations": operations}, headers={"Idempotency-Key": "batch"})

    assert statuses(first.json()["data"]["results"]) == [200, 409]
    assert second.content == first.content
    assert second.headers["Idempotency-Replayed"] == "true"
    assert on_hand(bolt) == 5


def test_what_came_from_several_lots_is_told_in_full(api, staff, shelf):
    milk = ItemFactory(sku="MILK", location=shelf, tracking=Tracking.LOT)
    stock(milk, shelf, 1, lot="A")
    stock(milk, shelf, 1, lot="B")

    (result,) = send(api(staff), remove("k1", 2, item="MILK"))

    assert [row["lot"]["number"] for row in result["movements"]] == ["A", "B"]
    assert result["movement"] == result["movements"][0]


def test_a_count_that_agrees_moves_nothing(api, manager, bolt):
    (result,) = send(
        api(manager), {"key": "k", "type": "adjust", "item": "BOLT", "counted": 0, "reason": "Count"}
    )

    assert (result["status"], result["movement"]) == (200, None)
    assert not StockMovement.objects.exists()


def test_an_operation_costs_the_same_queries_in_a_batch_of_any_size(
    api, staff, shelf, django_assert_num_queries, django_assert_max_num_queries
):
    for number in range(12):
        ItemFactory(sku=f"I{number}", location=shelf)
    client = api(staff)
    send(client, add("warm", item="I0"))

    with django_assert_max_num_queries(60) as one:
        send(client, add("a", item="I1"))
    with django_assert_max_num_queries(60) as two:
        send(client, add("b", item="I2"), add("c", item="I3"))
    each = len(two) - len(one)

    with django_assert_num_queries(len(one) + 7 * each):
        send(client, *(add(f"d{number}", item=f"I{number}") for number in range(4, 12)))
    assert each < 20
    assert sum(movement.quantity for movement in StockMovement.objects.all()) == Decimal(12)
