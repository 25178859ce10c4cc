"""What several people do at once, with real threads and real transactions."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from accounts.tests.factories import UserFactory
from inventory import items, ledger, verification
from inventory import stock as stores
from inventory.errors import InsufficientStock
from inventory.models import Category, Item, StockMovement, Tracking
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, on_hand, stock
from ipms.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16


def at_once(work: Callable[[int], object], people: int = THREADS) -> Counter:
    """Let that many threads begin at one moment; count the answers, an error by its class."""
    start = threading.Barrier(people, timeout=60)

    def one(number):
        try:
            start.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(people) as pool:
        return Counter(result for results in pool.map(one, range(people)) for result in results)


def outcome(call, *args, **kwargs) -> str:
    """Say how a call ended; what is no refusal of the domain goes through and fails the test."""
    try:
        call(*args, **kwargs)
    except DomainError as error:
        return error.code
    return "done"


def test_a_hundred_units_are_issued_a_hundred_times_and_no_more():
    bolt, shelf, keeper = ItemFactory(), LocationFactory(), UserFactory()
    stock(bolt, shelf, 100, unit_cost=Decimal("0.10"))

    def issue_fifty(_number):
        own = Item.objects.get(pk=bolt.pk)
        return [
            outcome(stores.remove, own, quantity=Decimal(1), location=shelf, by=keeper) for _ in range(50)
        ]

    outcomes = at_once(issue_fifty)

    assert outcomes == {"done": 100, InsufficientStock.code: 700}
    assert on_hand(bolt) == 0
    assert StockMovement.objects.filter(item=bolt, kind="issue").count() == 100
    assert list(verification.offences()) == []


def test_transfers_in_opposite_directions_do_not_wait_in_a_circle():
    shelf, bench, keeper = LocationFactory(), LocationFactory(), UserFactory()
    bolt, nut = ItemFactory(), ItemFactory()
    for item in (bolt, nut):
        for place in (shelf, bench):
            stock(item, place, 50)

    def move(number):
        # Every second person goes the other way, and takes the items in the other order.
        places = (shelf, bench) if number % 2 else (bench, shelf)
        goods = (bolt, nut) if number % 4 < 2 else (nut, bolt)
        return [
            outcome(
                ledger.post,
                [
                    ledger.Posting(
                        kind="transfer",
                        item=item,
                        quantity=Decimal(1),
                        from_location=places[0],
                        to_location=places[1],
                    )
                    for item in goods
                ],
                by=keeper,
            )
            for _ in range(10)
        ]

    outcomes = at_once(move)

    assert outcomes["done"] + outcomes[InsufficientStock.code] == THREADS * 10
    assert outcomes["done"] > 0
    assert (on_hand(bolt), on_hand(nut)) == (100, 100)
    assert list(verification.offences()) == []


def test_a_lot_that_several_people_receive_at_once_is_one_lot():
    milk, cold_room, keeper = ItemFactory(tracking=Tracking.LOT), LocationFactory(), UserFactory()

    def receive(number):
        own = Item.objects.get(pk=milk.pk)
        return [
            outcome(
                stores.add,
                own,
                quantity=Decimal(1),
                location=cold_room,
                lot=f"L{lot}" if number % 2 else f"l{lot}",
                expires_on=date(2099, 1, 1 + lot),
                by=keeper,
            )
            for lot in range(5)
        ]

    outcomes = at_once(receive)

    assert outcomes == {"done": THREADS * 5}
    assert milk.lots.count() == 5
    assert {balance.on_hand for balance in milk.balances.all()} == {THREADS}
    assert list(verification.offences()) == []


def test_first_expired_first_out_holds_while_many_issue():
    milk, cold_room, keeper = ItemFactory(tracking=Tracking.LOT), LocationFactory(), UserFactory()
    for lot in range(4):
        stock(milk, cold_room, 10, lot=f"L{lot}", expires_on=date(2099, 1, 1 + lot))

    def issue(_number):
        own = Item.objects.get(pk=milk.pk)
        return [outcome(stores.remove, own, quantity=Decimal(2), location=cold_room, by=keeper)]

    outcomes = at_once(issue)

    assert outcomes == {"done": 16}
    assert {b.lot.number: b.on_hand for b in milk.balances.select_related("lot")} == {
        "L0": 0,
        "L1": 0,
        "L2": 0,
        "L3": 8,
    }
    expiries = (
        StockMovement.objects.filter(kind="issue").order_by("pk").values_list("lot__expires_on", flat=True)
    )
    assert list(expiries) == sorted(expiries)


def test_two_counts_of_one_shelf_end_at_what_was_counted():
    bolt, shelf, manager = ItemFactory(), LocationFactory(), UserFactory(manager=True)
    stock(bolt, shelf, 10)

    def count(_number):
        own = Item.objects.get(pk=bolt.pk)
        return [outcome(stores.adjust, own, counted=Decimal(7), location=shelf, reason="Count", by=manager)]

    at_once(count)

    assert on_hand(bolt) == 7
    assert StockMovement.objects.filter(kind="adjustment").count() == 1


def test_a_second_click_on_reverse_is_refused():
    bolt, shelf, manager = ItemFactory(), LocationFactory(), UserFactory(manager=True)
    mistake = stock(bolt, shelf, 10)

    outcomes = at_once(lambda _number: [outcome(ledger.reverse, mistake, by=manager, reason="Twice")])

    assert outcomes == {"done": 1, "INVALID_STATE": THREADS - 1}
    assert on_hand(bolt) == 0


def test_one_name_entered_at_once_gives_as_many_slugs(api, manager):
    answers = at_once(
        lambda _number: [api(manager).post("/api/inventory/categories", {"name": "Metals"}).status_code],
        people=8,
    )

    assert answers == {201: 8}
    assert len(set(Category.objects.values_list("slug", flat=True))) == 8


def test_two_moves_at_once_do_not_close_a_loop(api, manager):
    metals, steel = CategoryFactory(), CategoryFactory()

    def move(number):
        child, parent = (metals, steel) if number else (steel, metals)
        url = f"/api/inventory/categories/{child.pk}"
        return [api(manager).put(url, {"parent": parent.pk}).status_code]

    assert at_once(move, people=2) == {200: 1, 400: 1}


def test_an_item_is_deleted_or_received_never_both(api, admin):
    bolt, shelf = ItemFactory(location=LocationFactory()), None
    url = f"/api/inventory/items/{bolt.pk}"

    def work(number):
        if number % 2:
            return [("add", api(admin).post(f"{url}/add-stock", {"quantity": 1}).status_code)]
        return [("delete", api(admin).delete(url).status_code)]

    outcomes = at_once(work, people=8)

    assert {status for _verb, status in outcomes} <= {200, 400, 404, 409}
    if Item.objects.filter(pk=bolt.pk).exists():
        assert on_hand(bolt, shelf) == outcomes["add", 200] == 4
    else:
        assert outcomes["delete", 200] == 1
        assert outcomes["add", 200] == 0
    assert list(verification.offences()) == []


def test_one_sku_entered_at_once_is_one_item(manager):
    def make(_number):
        try:
            items.create(sku="ROD-12", name="Rod", by=manager)
        except Exception as error:  # noqa: BLE001 - which one is the point
            return [type(error).__name__]
        return ["done"]

    outcomes = at_once(make, people=8)

    assert outcomes["done"] == 1
    assert set(outcomes) <= {"done", "ValidationError", "IntegrityError"}


def test_batches_with_a_key_of_their_own_do_not_wait_in_a_circle(api, staff):
    shelf = LocationFactory(code="SHELF")
    goods = [ItemFactory(sku=f"I{number}", location=shelf, tracking=Tracking.LOT) for number in range(6)]

    def send(number):
        chosen = goods if number % 2 else goods[::-1]
        operations = [
            {"key": f"{number}/{item.sku}", "type": "add", "item": item.sku, "quantity": 1, "lot": "L"}
            for item in chosen
        ]
        headers = {"Idempotency-Key": f"batch-{number}"} if number % 4 < 2 else {}
        answer = api(staff).post(
            "/api/inventory/movements/batch", {"operations": operations}, headers=headers
        )
        return [answer.status_code, *(result["status"] for result in answer.json()["data"]["results"])]

    outcomes = at_once(send, people=8)

    assert outcomes == {200: 8 * 7}
    assert {on_hand(item) for item in goods} == {8}


def test_a_retry_that_overtakes_its_first_request_counts_once(api, staff):
    bolt = ItemFactory(location=LocationFactory())
    url = f"/api/inventory/items/{bolt.pk}/add-stock"

    def send(_number):
        return [api(staff).post(url, {"quantity": 1}, headers={"Idempotency-Key": "till-7"}).status_code]

    outcomes = at_once(send, people=8)

    assert set(outcomes) <= {200, 409}
    assert on_hand(bolt) == 1
