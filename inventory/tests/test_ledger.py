"""The rules of the ledger, at its one door."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory import ledger, verification
from inventory import stock as stores
from inventory.errors import InsufficientStock, InvalidPosting
from inventory.ledger import Posting
from inventory.models import LocationKind, LotStatus, MovementKind, StockBalance, StockMovement, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from ipms.errors import InvalidInput, InvalidState
from ipms.models import ExchangeRate, OutboxEvent

pytestmark = pytest.mark.django_db


def issue(item, location, quantity, **how):
    return Posting(
        kind=MovementKind.ISSUE,
        item=item,
        quantity=Decimal(quantity),
        from_location=location,
        to_location=stores.virtual_location(LocationKind.CONSUMPTION),
        **how,
    )


def receive(item, location, quantity, **how):
    return Posting(
        kind=MovementKind.RECEIPT,
        item=item,
        quantity=Decimal(quantity),
        from_location=stores.virtual_location(LocationKind.SUPPLIER),
        to_location=location,
        **how,
    )


def valuation(item):
    item.valuation.refresh_from_db()
    return item.valuation


def test_one_short_line_stops_the_whole_issue():
    bolt, nut, shelf = ItemFactory(), ItemFactory(), LocationFactory()
    stock(bolt, shelf, 10)
    stock(nut, shelf, 2)

    with pytest.raises(InsufficientStock) as refusal:
        ledger.post([issue(bolt, shelf, 5), issue(nut, shelf, 5)], by=UserFactory())

    assert refusal.value.details["item"]["sku"] == nut.sku
    assert (refusal.value.details["requested"], refusal.value.details["available"]) == ("5", "2")
    assert on_hand(bolt, shelf) == 10
    assert on_hand(nut, shelf) == 2


def test_a_later_line_may_issue_what_an_earlier_line_received():
    bolt, shelf = ItemFactory(), LocationFactory()

    received, issued = ledger.post(
        [receive(bolt, shelf, 5, unit_cost=Decimal(2)), issue(bolt, shelf, 3)], by=UserFactory()
    )

    assert (received.on_hand_after, issued.on_hand_after) == (5, 2)
    assert on_hand(bolt, shelf) == 2


def test_average_cost_moves_with_each_receipt_and_not_with_an_issue():
    bolt, shelf = ItemFactory(), LocationFactory()
    stock(bolt, shelf, 10, unit_cost=Decimal("2.00"))
    stock(bolt, shelf, 30, unit_cost=Decimal("4.00"))

    (issued,) = stores.remove(bolt, quantity=Decimal(8), location=shelf, by=UserFactory())

    assert issued.unit_cost == Decimal("3.50")
    assert issued.value == Decimal("28.00")
    assert valuation(bolt).value == Decimal("112.00")
    assert valuation(bolt).average_cost == Decimal("3.50")


def test_the_last_unit_out_takes_what_is_left_of_the_value():
    bolt, shelf, keeper = ItemFactory(), LocationFactory(), UserFactory()
    stock(bolt, shelf, 3, unit_cost=Decimal("0.333333"))

    values = [stores.remove(bolt, quantity=Decimal(1), location=shelf, by=keeper)[0].value for _ in range(3)]

    assert values == [Decimal("0.33"), Decimal("0.34"), Decimal("0.33")]
    assert valuation(bolt).value == 0


def test_unit_cost_defaults_to_the_average_and_before_that_to_the_unit_price():
    bolt, shelf = ItemFactory(unit_price=Decimal("1.25")), LocationFactory()

    first = stock(bolt, shelf, 4)
    stock(bolt, shelf, 4, unit_cost=Decimal("3.25"))
    third = stock(bolt, shelf, 4)

    assert first.unit_cost == Decimal("1.25")
    assert third.unit_cost == Decimal("2.25")


def test_a_transfer_moves_stock_and_leaves_its_value():
    bolt, shelf, bench = ItemFactory(), LocationFactory(), LocationFactory()
    stock(bolt, shelf, 10, unit_cost=Decimal("1.10"))

    stores.transfer(bolt, quantity=Decimal(4), from_location=shelf, to_location=bench, by=UserFactory())

    assert (on_hand(bolt, shelf), on_hand(bolt, bench)) == (6, 4)
    assert valuation(bolt).value == Decimal("11.00")


def test_adjusting_posts_the_difference_and_nothing_where_the_count_agrees():
    bolt, shelf, manager = ItemFactory(), LocationFactory(), UserFactory(manager=True)
    stock(bolt, shelf, 10, unit_cost=Decimal(1))

    (found_less,) = stores.adjust(bolt, counted=Decimal(7), location=shelf, reason="Count", by=manager)
    agreed = stores.adjust(bolt, counted=Decimal(7), location=shelf, reason="Count", by=manager)
    (found_more,) = stores.adjust(bolt, counted=Decimal("7.5"), location=shelf, reason="Count", by=manager)

    assert (found_less.quantity, found_less.to_location.kind) == (3, LocationKind.ADJUSTMENT)
    assert agreed == []
    assert (found_more.quantity, found_more.from_location.kind) == (Decimal("0.5"), LocationKind.ADJUSTMENT)
    assert on_hand(bolt, shelf) == Decimal("7.5")


def test_what_expires_first_goes_out_first():
    milk, cold_room = ItemFactory(tracking=Tracking.LOT), LocationFactory()
    today = timezone.localdate()
    stock(milk, cold_room, 5, lot="LATE", expires_on=today + timedelta(days=60))
    stock(milk, cold_room, 5, lot="SOON", expires_on=today + timedelta(days=3))
    stock(milk, cold_room, 5, lot="NEVER")

    movements = stores.remove(milk, quantity=Decimal(12), location=cold_room, by=UserFactory())

    assert [
        (m.lot.number, m.quantity)
        for m in StockMovement.objects.filter(pk__in=[m.pk for m in movements]).order_by("pk")
    ] == [
        ("SOON", 5),
        ("LATE", 5),
        ("NEVER", 2),
    ]


@pytest.mark.parametrize("status", [LotStatus.QUARANTINE, LotStatus.RECALLED, LotStatus.EXPIRED])
def test_a_lot_that_is_not_fit_for_use_is_not_issued(status):
    milk, cold_room, keeper = ItemFactory(tracking=Tracking.LOT), LocationFactory(), UserFactory()
    stock(milk, cold_room, 5, lot="BAD")
    milk.lots.update(status=status)

    with pytest.raises(InsufficientStock):
        stores.remove(milk, quantity=Decimal(1), location=cold_room, by=keeper)
    with pytest.raises(InvalidPosting):
        stores.remove(milk, quantity=Decimal(1), location=cold_room, lot="BAD", by=keeper)

    stores.remove(
        milk, quantity=Decimal(1), location=cold_room, lot="BAD", kind=MovementKind.SCRAP, by=keeper
    )
    assert on_hand(milk) == 4


def test_a_lot_past_its_expiry_is_not_issued():
    milk, cold_room = ItemFactory(tracking=Tracking.LOT), LocationFactory()
    stock(milk, cold_room, 5, lot="OLD", expires_on=timezone.localdate() - timedelta(days=1))

    with pytest.raises(InsufficientStock):
        stores.remove(milk, quantity=Decimal(1), location=cold_room, by=UserFactory())


def test_a_tracked_item_names_its_lot_when_it_comes_in():
    milk, cold_room = ItemFactory(tracking=Tracking.LOT), LocationFactory()

    with pytest.raises(InvalidPosting) as refusal:
        stock(milk, cold_room, 5)

    assert set(refusal.value.details) == {"lot"}


def test_a_known_lot_keeps_its_expiry():
    milk, cold_room = ItemFactory(tracking=Tracking.LOT), LocationFactory()
    stock(milk, cold_room, 5, lot="L1", expires_on=date(2031, 5, 1))

    with pytest.raises(InvalidInput) as refusal:
        stock(milk, cold_room, 5, lot="l1", expires_on=date(2032, 5, 1))

    assert set(refusal.value.details) == {"expires_on"}
    assert milk.lots.count() == 1


@pytest.mark.parametrize("number", ["ΑΣ", "İ-1", "ß", "ǅ"])
def test_a_lot_is_known_again_in_every_script(number):
    milk, cold_room = ItemFactory(tracking=Tracking.LOT), LocationFactory()

    stock(milk, cold_room, 1, lot=number)
    stock(milk, cold_room, 2, lot=number)

    assert milk.lots.get().number == number
    assert on_hand(milk) == 3


def test_a_serial_number_is_one_piece_and_in_stock_once():
    pump, shelf, keeper = ItemFactory(tracking=Tracking.SERIAL), LocationFactory(), UserFactory()
    stock(pump, shelf, 1, lot="SN-1")

    with pytest.raises(InvalidPosting):
        stock(pump, shelf, 2, lot="SN-2")
    with pytest.raises(InvalidPosting):
        stock(pump, LocationFactory(), 1, lot="SN-1")

    stores.remove(pump, quantity=Decimal(1), location=shelf, lot="SN-1", by=keeper)
    stock(pump, shelf, 1, lot="SN-1")
    assert on_hand(pump) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"quantity": Decimal(0)}, "quantity", id="nothing"),
        pytest.param({"quantity": Decimal(-1)}, "quantity", id="less than nothing"),
        pytest.param({"quantity": Decimal("1e15")}, "quantity", id="more than fits"),
        pytest.param({"quantity": Decimal("0.00001")}, "quantity", id="finer than four decimals"),
        pytest.param({"unit_cost": Decimal(-1)}, "unit_cost", id="negative cost"),
    ],
)
def test_a_figure_that_cannot_be_meant_is_refused_on_its_field(change, field):
    bolt, shelf = ItemFactory(), LocationFactory()

    with pytest.raises(InvalidPosting) as refusal:
        stores.add(bolt, **{"quantity": Decimal(1), "location": shelf, "by": UserFactory(), **change})

    assert set(refusal.value.details) == {field}
    assert on_hand(bolt) == 0


def test_nothing_happened_in_the_future():
    bolt, shelf = ItemFactory(), LocationFactory()

    with pytest.raises(InvalidPosting) as refusal:
        stock(bolt, shelf, 1, occurred_at=timezone.now() + timedelta(hours=1))

    assert set(refusal.value.details) == {"occurred_at"}


def test_a_late_paper_is_posted_now_and_keeps_its_own_day():
    bolt, shelf = ItemFactory(), LocationFactory()
    last_month = timezone.now() - timedelta(days=30)

    movement = stock(bolt, shelf, 1, occurred_at=last_month)

    assert movement.occurred_at == last_month
    assert movement.posted_at - last_month > timedelta(days=29)


def test_an_inactive_item_or_location_takes_no_movement():
    bolt, shelf = ItemFactory(is_active=False), LocationFactory()
    nut, closed = ItemFactory(), LocationFactory(is_active=False)

    with pytest.raises(InvalidPosting) as item_refused:
        stock(bolt, shelf, 1)
    with pytest.raises(InvalidPosting) as location_refused:
        stock(nut, closed, 1)

    assert set(item_refused.value.details) == {"item"}
    assert set(location_refused.value.details) == {"location"}


def test_whole_units_are_not_split():
    glove, shelf = ItemFactory(unit_id="PR"), LocationFactory()

    with pytest.raises(InvalidPosting):
        stock(glove, shelf, "1.5")


def test_all_faulty_lines_are_told_at_once():
    bolt, shelf = ItemFactory(), LocationFactory()

    with pytest.raises(InvalidPosting) as refusal:
        ledger.post(
            [receive(bolt, shelf, 0), receive(bolt, shelf, 1), receive(bolt, shelf, -1)], by=UserFactory()
        )

    assert set(refusal.value.lines) == {0, 2}
    assert on_hand(bolt) == 0


def test_a_reversal_undoes_quantity_and_value_once():
    bolt, shelf, manager = ItemFactory(), LocationFactory(), UserFactory(manager=True)
    stock(bolt, shelf, 10, unit_cost=Decimal(2))
    mistake = stock(bolt, shelf, 10, unit_cost=Decimal(20))

    reversal = ledger.reverse(mistake, by=manager, reason="Wrong price")

    assert (on_hand(bolt), valuation(bolt).value) == (10, Decimal(20))
    with pytest.raises(InvalidState):
        ledger.reverse(mistake, by=manager, reason="Again")
    with pytest.raises(InvalidState):
        ledger.reverse(reversal, by=manager, reason="Back")


def test_reversing_a_receipt_whose_value_has_been_used_leaves_no_negative_value():
    bolt, shelf, manager = ItemFactory(), LocationFactory(), UserFactory(manager=True)
    dear = stock(bolt, shelf, 10, unit_cost=Decimal(10))
    stock(bolt, shelf, 10, unit_cost=Decimal(0))
    stores.remove(bolt, quantity=Decimal(9), location=shelf, by=manager)

    ledger.reverse(dear, by=manager, reason="Never came")

    assert valuation(bolt).quantity == 1
    assert valuation(bolt).value == 0
    assert list(verification.offences()) == []


def test_falling_to_the_reorder_level_is_told_once_per_crossing():
    bolt, shelf, keeper = ItemFactory(reorder_level=Decimal(5)), LocationFactory(), UserFactory()
    stock(bolt, shelf, 8)

    for quantity in (2, 2, 1, 3):
        stores.remove(bolt, quantity=Decimal(quantity), location=shelf, by=keeper)

    assert list(OutboxEvent.objects.order_by("pk").values_list("topic", flat=True)) == [
        "stock.low",
        "stock.out",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory_stockmovement SET quantity = 999",
        "DELETE FROM inventory_stockmovement",
        "TRUNCATE inventory_stockmovement CASCADE",
        "ALTER TABLE inventory_stockmovement DISABLE TRIGGER ALL",
    ],
)
def test_the_application_cannot_rewrite_the_ledger(statement, as_application):
    stock(ItemFactory(), LocationFactory(), 1)

    with pytest.raises(DatabaseError), transaction.atomic():
        as_application(statement)

    assert StockMovement.objects.get().quantity == 1


@pytest.mark.parametrize(
    "statement",
    ["UPDATE inventory_stockmovement SET quantity = 999", "DELETE FROM inventory_stockmovement"],
)
def test_not_even_the_owner_rewrites_the_ledger(statement, as_owner):
    stock(ItemFactory(), LocationFactory(), 1)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        as_owner(statement)


def test_posting_costs_the_same_queries_for_one_line_as_for_fifty(django_assert_num_queries):
    shelf, keeper = LocationFactory(), UserFactory()
    items = ItemFactory.create_batch(50)
    stores.virtual_location(LocationKind.SUPPLIER)

    with django_assert_num_queries(5):
        ledger.post([receive(items[0], shelf, 1)], by=keeper)
    with django_assert_num_queries(5):
        ledger.post([receive(item, shelf, 1) for item in items], by=keeper)


def test_verify_ledger_names_the_row_that_drifted(capsys, as_owner):
    bolt, shelf = ItemFactory(), LocationFactory()
    stock(bolt, shelf, 10)
    assert list(verification.offences()) == []

    StockBalance.objects.update(on_hand=11)

    found = list(verification.offences())
    assert {offence.row["item"] for offence in found} == {bolt.pk}
    assert found[0].row["moved"] == 10
    assert found[0].row["on_hand"] == 11


def test_a_price_whose_worth_in_base_currency_cannot_be_kept_is_refused_on_its_field():
    ExchangeRate.objects.create(currency="KWD", rate=Decimal("9999999999"), valid_from=date(2000, 1, 1))
    gem, vault = ItemFactory(currency="KWD", unit_price=Decimal("999999999999.99999999")), LocationFactory()

    with pytest.raises(InvalidPosting) as refusal:
        stock(gem, vault, 1)

    assert set(refusal.value.details) == {"unit_cost"}
    assert on_hand(gem) == 0


def test_a_price_in_another_currency_is_taken_over_half_up():
    ExchangeRate.objects.create(currency="KWD", rate=Decimal("0.5"), valid_from=date(2000, 1, 1))
    gem, vault = ItemFactory(currency="KWD", unit_price=Decimal("0.00000005")), LocationFactory()

    assert stock(gem, vault, 1).unit_cost == Decimal("0.00000003")
