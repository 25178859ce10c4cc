"""Goods receipts: what came against an order, into stock, at what cost."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory import stock as stores
from inventory import verification
from inventory.models import LocationKind, StockMovement, Tracking
from inventory.stock import virtual_location
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from ipms.errors import InvalidInput
from ipms.models import ExchangeRate, OutboxEvent
from procurement import receiving
from procurement.errors import OrderStateForbids, OverReceipt, ReceivedMeanwhile
from procurement.models import GoodsReceipt
from procurement.receiving import Arrival, Delivery
from procurement.tests.factories import approved_order, line, order

pytestmark = pytest.mark.django_db


def came(made, *quantities, **how):
    """What came of the lines of an order, in their order."""
    lines = made.lines.order_by("number")
    return [
        Arrival(line_id=asked.pk, quantity=Decimal(quantity), **how)
        for asked, quantity in zip(lines, quantities, strict=False)
    ]


def received(made):
    return [asked.received_quantity for asked in made.lines.order_by("number")]


def valuation(item):
    item.valuation.refresh_from_db()
    return item.valuation


def test_all_that_is_outstanding_comes_when_nothing_is_named():
    keeper, bolt, nut, store = UserFactory(), ItemFactory(), ItemFactory(), LocationFactory()
    made = approved_order(line(bolt, 10), line(nut, "2.5"), deliver_to=store)

    receipt = receiving.receive(made, by=keeper, reference="DN 4471")

    made.refresh_from_db()
    assert (made.status, made.delivered_at) == ("delivered", receipt.occurred_at)
    assert (on_hand(bolt, store), on_hand(nut, store)) == (10, Decimal("2.5"))
    assert received(made) == [10, Decimal("2.5")]
    assert (receipt.received_by, receipt.reference) == (keeper, "DN 4471")
    assert [row.quantity for row in receipt.lines.all()] == [10, Decimal("2.5")]


def test_the_receipt_points_at_its_movements_and_they_name_the_receipt():
    keeper, bolt, store = UserFactory(), ItemFactory(), LocationFactory()
    made = approved_order(line(bolt, 10, "1.25"), deliver_to=store)

    receipt = receiving.receive(made, by=keeper)

    movement = receipt.lines.get().movement
    assert (movement.kind, movement.item, movement.quantity, movement.actor) == ("receipt", bolt, 10, keeper)
    assert (movement.from_location.kind, movement.to_location) == (LocationKind.SUPPLIER, store)
    assert (movement.unit_cost, movement.value) == (Decimal("1.25"), Decimal("12.50"))
    assert (movement.document, movement.reference) == (receipt.number, made.po_number)


def test_an_order_is_delivered_in_parts():
    keeper, bolt, nut = UserFactory(), ItemFactory(), ItemFactory()
    made = approved_order(line(bolt, 10), line(nut, 5), by=keeper)

    receiving.receive(made, by=keeper, arrivals=came(made, 4))
    first = (made.status, made.delivered_at, received(made))
    receiving.receive(made, by=keeper, arrivals=came(made, 6, 2))
    second = (made.status, received(made))
    receiving.receive(made, by=keeper)

    assert first == ("partially_delivered", None, [4, 0])
    assert second == ("partially_delivered", [10, 2])
    assert (made.status, received(made)) == ("delivered", [10, 5])
    assert made.delivered_at == made.receipts.latest("pk").occurred_at
    assert [(step.from_status, step.to_status) for step in made.history.all()][2:] == [
        ("approved", "partially_delivered"),
        ("partially_delivered", "partially_delivered"),
        ("partially_delivered", "delivered"),
    ]
    assert (on_hand(bolt), on_hand(nut), GoodsReceipt.objects.count()) == (10, 5, 3)
    assert list(verification.offences()) == []


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param(None, ["10.0001"], id="more than ordered"),
        pytest.param("4", ["6.0001"], id="more than is still outstanding"),
        pytest.param(None, ["6", "5"], id="more in two portions"),
    ],
)
def test_no_more_comes_than_is_outstanding(first, then):
    keeper, bolt = UserFactory(), ItemFactory()
    made = approved_order(line(bolt, 10), by=keeper)
    if first:
        receiving.receive(made, by=keeper, arrivals=came(made, first))
    before = received(made)
    arrivals = [arrival for quantity in then for arrival in came(made, quantity)]

    with pytest.raises(OverReceipt) as refusal:
        receiving.receive(made, by=keeper, arrivals=arrivals)

    asked = made.lines.get()
    outstanding = "6" if first else "10"
    assert refusal.value.details == {
        "line": asked.pk,
        "quantity": "11" if len(then) == 2 else then[0],
        "outstanding": outstanding,
    }
    assert received(made) == before
    assert on_hand(bolt) == before[0]


def test_a_line_may_come_in_portions_to_several_places():
    keeper, bolt, shelf, yard = UserFactory(), ItemFactory(), LocationFactory(), LocationFactory()
    made = approved_order(line(bolt, 10), by=keeper)

    receiving.receive(
        made, by=keeper, arrivals=[*came(made, 7, location=shelf), *came(made, 3, location=yard)]
    )

    assert (made.status, on_hand(bolt, shelf), on_hand(bolt, yard)) == ("delivered", 7, 3)


def test_a_faulty_second_line_keeps_the_first_out():
    keeper, bolt, milk = UserFactory(), ItemFactory(), ItemFactory(tracking=Tracking.LOT)
    made = approved_order(line(bolt, 10), line(milk, 5), by=keeper)

    with pytest.raises(InvalidInput) as refusal:
        receiving.receive(made, by=keeper)

    assert refusal.value.details == {"lines": [{}, {"lot": ["Name the lot: this item is tracked."]}]}
    made.refresh_from_db()
    assert (made.status, received(made), on_hand(bolt)) == ("approved", [0, 0], 0)
    assert not GoodsReceipt.objects.exists()


def test_an_over_receipt_on_the_second_line_keeps_the_first_out():
    keeper, bolt, nut = UserFactory(), ItemFactory(), ItemFactory()
    made = approved_order(line(bolt, 10), line(nut, 5), by=keeper)

    with pytest.raises(OverReceipt):
        receiving.receive(made, by=keeper, arrivals=came(made, 10, 6))

    assert (received(made), on_hand(bolt)) == ([0, 0], 0)


def test_each_line_that_brings_too_much_says_how_much_it_is_over():
    keeper, bolt, nut, pin = UserFactory(), ItemFactory(), ItemFactory(), ItemFactory()
    made = approved_order(line(bolt, 10), line(nut, 5), line(pin, 1), by=keeper)

    with pytest.raises(OverReceipt) as refusal:
        receiving.receive(made, by=keeper, arrivals=came(made, 12, 5, "1.5"))

    first, second, third = refusal.value.lines
    assert first["quantity"][0].startswith("2 EA more than the 10 outstanding.")
    assert second == {}
    assert third["quantity"][0].startswith("0.5 EA more than the 1 outstanding.")


def test_all_that_is_wrong_with_a_delivery_is_said_at_once():
    keeper, bolt, milk, jam = UserFactory(), ItemFactory(), *ItemFactory.create_batch(2, tracking="lot")
    made = approved_order(line(bolt, 10), line(milk, 5), line(jam, 5), by=keeper)
    receiving.receive(
        made, by=keeper, arrivals=[came(made, 1, 1, 1, lot="L1", expires_on=date(2031, 1, 1))[2]]
    )
    too_much, no_lot, other_expiry = came(made, 12, 5, 4)

    with pytest.raises(InvalidInput) as refusal:
        receiving.receive(
            made,
            by=keeper,
            arrivals=[too_much, no_lot, replace(other_expiry, lot="L1", expires_on=date(2032, 1, 1))],
        )

    assert [set(problem) for problem in refusal.value.details["lines"]] == [
        {"quantity"},
        {"lot"},
        {"expires_on"},
    ]


def test_who_has_not_seen_the_newest_receipt_is_told_of_it():
    keeper, other = UserFactory(), UserFactory()
    made = approved_order(line(quantity=10))
    theirs = receiving.receive(made, by=other, arrivals=came(made, 4))

    with pytest.raises(ReceivedMeanwhile) as refusal:
        receiving.receive(made, by=keeper, arrivals=came(made, 4), last_seen=0)
    receiving.receive(made, by=keeper, arrivals=came(made, 5), last_seen=theirs.pk)

    assert str(refusal.value).startswith(f"Meanwhile {other} received {theirs} of this order.")
    assert refusal.value.details == {"receipt": theirs.pk}
    assert received(made) == [9]


def test_who_has_not_seen_the_last_receipt_of_all_is_told_of_that_rather_than_of_the_status():
    made = approved_order()
    receiving.receive(made, by=UserFactory())

    with pytest.raises(ReceivedMeanwhile):
        receiving.receive(made, by=UserFactory(), last_seen=0)


def test_a_lot_comes_with_its_number_and_expiry():
    keeper, milk = UserFactory(), ItemFactory(tracking=Tracking.LOT)
    made = approved_order(line(milk, 5), by=keeper)
    expiry = date(2031, 12, 31)

    receiving.receive(made, by=keeper, arrivals=came(made, 2, lot="L1", expires_on=expiry))
    receiving.receive(made, by=keeper, arrivals=[*came(made, 1, lot="l1"), *came(made, 2, lot="L2")])

    assert [(lot.number, lot.expires_on) for lot in milk.lots.order_by("pk")] == [
        ("L1", expiry),
        ("L2", None),
    ]
    assert [m.lot.number for m in StockMovement.objects.order_by("pk")] == ["L1", "L1", "L2"]
    assert made.status == "delivered"


def test_serial_numbers_come_one_by_one():
    keeper, pump = UserFactory(), ItemFactory(tracking=Tracking.SERIAL)
    made = approved_order(line(pump, 2), by=keeper)

    with pytest.raises(InvalidInput) as refusal:
        receiving.receive(made, by=keeper, arrivals=came(made, 2, lot="SN-1"))
    receiving.receive(made, by=keeper, arrivals=[*came(made, 1, lot="SN-1"), *came(made, 1, lot="SN-2")])

    assert set(refusal.value.details["lines"][0]) == {"quantity"}
    assert (made.status, on_hand(pump)) == ("delivered", 2)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        pytest.param({"quantity": Decimal(0)}, "quantity", id="nothing came"),
        pytest.param({"quantity": Decimal(-1)}, "quantity", id="less than nothing"),
        pytest.param({"quantity": Decimal("NaN")}, "quantity", id="no number"),
        pytest.param({"quantity": Decimal("0.00001")}, "quantity", id="finer than its unit"),
        pytest.param({"lot": "L1"}, "lot", id="a lot of what has none"),
        pytest.param({"expires_on": date(2031, 1, 1)}, "lot", id="an expiry without a lot"),
        pytest.param({"line_id": 0}, "line", id="a line of no order"),
    ],
)
def test_what_cannot_have_come_is_marked_on_its_line(how, field):
    keeper, made = UserFactory(), approved_order(line(), line())
    first, second = came(made, 1, 1)

    with pytest.raises(InvalidInput) as refusal:
        receiving.receive(
            made,
            by=keeper,
            arrivals=[first, Arrival(**{"line_id": second.line_id, "quantity": Decimal(1), **how})],
        )

    nothing, errors = refusal.value.details["lines"]
    assert (nothing, set(errors)) == ({}, {field})
    assert received(made) == [0, 0]


def test_a_line_of_another_order_does_not_come_with_this_one():
    made, other = approved_order(), approved_order()

    with pytest.raises(InvalidInput) as refusal:
        receiving.receive(made, by=UserFactory(), arrivals=came(other, 1))

    assert refusal.value.details == {"lines": [{"line": ["This is not a line of the order."]}]}


def test_a_delivery_of_nothing_is_none():
    with pytest.raises(InvalidInput) as refusal:
        receiving.receive(approved_order(), by=UserFactory(), arrivals=[])

    assert set(refusal.value.details) == {"lines"}


def test_goods_go_where_the_arrival_says_else_the_order_else_the_item():
    keeper, own, store, yard = UserFactory(), LocationFactory(), LocationFactory(), LocationFactory()
    bolt = ItemFactory(location=own)
    to_store, to_its_own = (
        approved_order(line(bolt, 10), by=keeper, deliver_to=place) for place in (store, None)
    )

    receiving.receive(to_store, by=keeper, arrivals=came(to_store, 1, location=yard))
    receiving.receive(to_store, by=keeper, arrivals=came(to_store, 2))
    receiving.receive(to_its_own, by=keeper, arrivals=came(to_its_own, 3))

    assert [on_hand(bolt, place) for place in (yard, store, own)] == [1, 2, 3]


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(lambda: None, id="no place at all"),
        pytest.param(lambda: LocationFactory(is_active=False), id="one that is closed"),
        pytest.param(lambda: virtual_location(LocationKind.CONSUMPTION), id="one outside the gate"),
    ],
)
def test_goods_need_a_place_where_stock_can_stand(place):
    made = approved_order(line(ItemFactory(location=None)), deliver_to=None)

    with pytest.raises(InvalidInput) as refusal:
        receiving.receive(made, by=UserFactory(), arrivals=came(made, 1, location=place()))

    assert set(refusal.value.details["lines"][0]) == {"location"}


@pytest.mark.parametrize("status", ["draft", "pending"])
def test_nothing_comes_before_the_order_is_approved(status):
    made = order(submit=status == "pending")

    with pytest.raises(OrderStateForbids) as refusal:
        receiving.receive(made, by=UserFactory())

    assert refusal.value.details["status"] == status
    assert not GoodsReceipt.objects.exists()


def test_an_order_that_is_delivered_receives_no_more():
    keeper, made = UserFactory(), approved_order()
    receiving.receive(made, by=keeper)

    with pytest.raises(OrderStateForbids) as refusal:
        receiving.receive(made, by=keeper)

    assert refusal.value.details == {"status": "delivered", "allowed": []}


def test_goods_come_at_the_price_of_the_line_times_the_rate_of_the_approval():
    bolt, store = ItemFactory(), LocationFactory()
    stock(bolt, store, 100, unit_cost=Decimal("0.50"))
    made = approved_order(
        line(bolt, 250, "333.3333", tax_rate=18), currency="RWF", exchange_rate="0.00075", deliver_to=store
    )
    ExchangeRate.objects.create(currency="RWF", rate=Decimal("0.9"), valid_from=timezone.localdate())

    receiving.receive(made, by=UserFactory(), arrivals=came(made, 100))
    receiving.receive(made, by=UserFactory(), arrivals=came(made, 150))

    # By hand: 333.3333 x 0.00075 = 0.249999975, so 0.24999998; of it 100 are 24.999998 and 150 are 37.499997.
    costs = [(m.unit_cost, m.value) for m in StockMovement.objects.filter(document__startswith="GRN")]
    assert sorted(costs, key=lambda cost: cost[1]) == [
        (Decimal("0.24999998"), Decimal("25.00")),
        (Decimal("0.24999998"), Decimal("37.50")),
    ]
    # 100 at 0.50 were there: (50.00 + 25.00 + 37.50) / 350 = 0.321428571…
    assert valuation(bolt).value == Decimal("112.50")
    assert valuation(bolt).average_cost == Decimal("0.32142857")


def test_the_average_cost_follows_what_came_and_went():
    keeper, bolt, store = UserFactory(), ItemFactory(), LocationFactory()
    first = approved_order(line(bolt, 30, "4.00"), deliver_to=store)
    second = approved_order(line(bolt, 50, "6.40"), deliver_to=store)

    receiving.receive(first, by=keeper)
    receiving.receive(second, by=keeper, arrivals=came(second, 20))
    after_two = valuation(bolt).average_cost
    (issued,) = stores.remove(bolt, quantity=Decimal(25), location=store, by=keeper)
    receiving.receive(second, by=keeper)

    # (30 x 4.00 + 20 x 6.40) / 50 = 4.96; 25 of them leave 124.00; with 30 x 6.40 it is 316.00 for 55.
    assert (after_two, issued.value) == (Decimal("4.96"), Decimal("124.00"))
    assert valuation(bolt).value == Decimal("316.00")
    assert valuation(bolt).average_cost == Decimal("5.74545455")


def test_a_price_and_a_rate_of_many_digits_are_multiplied_exactly():
    made = approved_order(
        line(quantity="0.0001", unit_price="123456789012.12345678"),
        currency="EUR",
        exchange_rate="1.0000000001",
    )

    receiving.receive(made, by=UserFactory())

    assert StockMovement.objects.get().unit_cost == Decimal("123456789024.46913568")


def test_a_cost_beyond_its_column_is_refused_in_words():
    made = approved_order(
        line(quantity="0.0001", unit_price="999999999999"), currency="EUR", exchange_rate="9999999999"
    )

    with pytest.raises(InvalidInput) as refusal:
        receiving.receive(made, by=UserFactory())

    assert set(refusal.value.details["lines"][0]) == {"unit_cost"}


def test_a_late_paper_keeps_its_own_day():
    made, last_week = approved_order(), timezone.now() - timedelta(days=7)

    receipt = receiving.receive(made, by=UserFactory(), occurred_at=last_week)

    assert receipt.occurred_at == last_week
    assert receipt.lines.get().movement.occurred_at == last_week
    assert made.delivered_at == last_week


def test_nothing_comes_from_the_future():
    with pytest.raises(InvalidInput) as refusal:
        receiving.receive(approved_order(), by=UserFactory(), occurred_at=timezone.now() + timedelta(hours=1))

    assert set(refusal.value.details["lines"][0]) == {"occurred_at"}


def test_receiving_tells_whoever_wants_to_know():
    made = approved_order(line(quantity=10))
    OutboxEvent.objects.all().delete()

    receiving.receive(made, by=UserFactory(), arrivals=came(made, 4))
    receiving.receive(made, by=UserFactory())

    told = OutboxEvent.objects.order_by("pk").values_list("topic", "payload")
    assert list(told) == [
        ("order.partially_delivered", {"order": made.pk}),
        ("order.delivered", {"order": made.pk}),
    ]


def test_deliveries_of_many_orders_come_all_or_none():
    keeper, bolt = UserFactory(), ItemFactory()
    first, second = approved_order(line(bolt, 10)), approved_order(line(bolt, 10))

    with pytest.raises(OverReceipt):
        receiving.receive_many(
            [Delivery(order=first), Delivery(order=second, arrivals=came(second, 11))], by=keeper
        )
    receipts = receiving.receive_many(
        [Delivery(order=first), Delivery(order=second, arrivals=came(second, 4), reference="DN 2")], by=keeper
    )

    assert [receipt.order for receipt in receipts] == [first, second]
    assert (first.status, second.status) == ("delivered", "partially_delivered")
    assert (on_hand(bolt), GoodsReceipt.objects.count()) == (14, 2)


def test_receiving_costs_the_same_queries_for_one_line_as_for_fifty(
    django_assert_num_queries, django_assert_max_num_queries
):
    keeper = UserFactory()
    first, small, large = (approved_order(*(line() for _ in range(count))) for count in (1, 1, 50))
    receiving.receive(first, by=keeper)  # what is asked once and remembered

    with django_assert_max_num_queries(25) as for_one:
        receiving.receive(small, by=keeper)
    with django_assert_num_queries(len(for_one)):
        receiving.receive(large, by=keeper)
