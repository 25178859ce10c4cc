"""Several lines in one go, what a scan means, and undoing a slip."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory import handling, ledger, scanning
from inventory.errors import UndoNotAllowed
from inventory.handling import Line
from inventory.models import LocationKind, Lot, MovementKind, StockMovement, Tracking
from inventory.stock import virtual_location
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from ipms.errors import InvalidInput, InvalidState
from ipms.testing.back_office import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


@pytest.fixture
def bolt(shelf):
    item = ItemFactory(sku="BOLT", name="Bolt", barcode="4006381333931")
    stock(item, shelf, 10)
    return item


@pytest.fixture
def serum(shelf):
    """An item by lot: what expires first is L-1."""
    item = ItemFactory(sku="SERUM", name="Serum", barcode="09506000134352", tracking=Tracking.LOT)
    today = timezone.localdate()
    stock(item, shelf, 3, lot="L-1", expires_on=today + timedelta(days=30))
    stock(item, shelf, 5, lot="L-2", expires_on=today + timedelta(days=90))
    return item


def line(item, quantity=1, **how):
    return Line(item=item, quantity=Decimal(quantity), **how)


def test_lines_are_issued_together_and_first_expired_goes_first(shelf, bolt, serum):
    movements = handling.issue(
        [line(bolt, 4), line(serum, 4)], location=shelf, by=UserFactory(), reference="WO-7"
    )

    assert [(m.item.sku, m.quantity, m.reference) for m in movements] == [
        ("BOLT", 4, "WO-7"),
        ("SERUM", 3, "WO-7"),
        ("SERUM", 1, "WO-7"),
    ]
    assert (on_hand(bolt, shelf), on_hand(serum, shelf)) == (6, 4)


def test_every_faulty_line_is_told_and_nothing_moves(shelf, bolt, serum):
    nut = ItemFactory(sku="NUT")
    lines = [line(bolt, 4), line(nut, 1), line(serum, 9), line(bolt, 0)]

    with pytest.raises(InvalidInput) as refusal:
        handling.issue(lines, location=shelf, by=UserFactory())

    errors = refusal.value.details["lines"]
    assert errors[0] == {}
    assert errors[1] == {"quantity": ["SHELF can give only 0 EA of NUT, not 1."]}
    assert errors[2] == {"quantity": ["SHELF can give only 8 EA of SERUM, not 9."]}
    assert errors[3] == {"quantity": ["Enter a quantity above zero."]}
    assert on_hand(bolt) == 10


def test_lines_of_one_item_may_not_take_more_than_there_is_together(shelf, bolt):
    with pytest.raises(InvalidInput) as refusal:
        handling.issue([line(bolt, 6), line(bolt, 6)], location=shelf, by=UserFactory())

    assert refusal.value.details["lines"][1] == {"quantity": ["SHELF can give only 4 EA of BOLT, not 6."]}


def test_an_unknown_lot_is_told_at_its_line(shelf, bolt, serum):
    with pytest.raises(InvalidInput) as refusal:
        handling.issue([line(bolt), line(serum, lot="L-9")], location=shelf, by=UserFactory())

    assert refusal.value.details["lines"] == [{}, {"lot": ["SERUM has no lot “L-9”."]}]


def test_lines_move_to_another_place_with_their_lots(shelf, serum):
    ward = LocationFactory(code="WARD")

    handling.transfer([line(serum, 2, lot="l-2")], location=shelf, to_location=ward, by=UserFactory())

    assert serum.balances.get(location=ward).lot.number == "L-2"
    assert on_hand(serum, shelf) == 6


def test_what_comes_in_makes_its_lot(shelf, bolt, serum):
    day = date(2031, 6, 30)

    handling.receive(
        [line(bolt, 5), line(serum, 2, lot="L-3", expires_on=day)], location=shelf, by=UserFactory()
    )

    assert Lot.objects.get(item=serum, number="L-3").expires_on == day
    assert (on_hand(bolt), on_hand(serum)) == (15, 10)


def test_without_a_place_each_item_leaves_its_own(shelf, bolt):
    bolt.location = shelf
    bolt.save()
    nut = ItemFactory(sku="NUT")

    with pytest.raises(InvalidInput) as refusal:
        handling.issue([line(bolt), line(nut)], by=UserFactory())
    handling.issue([line(bolt)], by=UserFactory(), kind=MovementKind.SCRAP)

    assert refusal.value.details["lines"][1] == {"item": ["Name the location: the item has none of its own."]}
    assert StockMovement.objects.get(kind="scrap").to_location == virtual_location(LocationKind.SCRAP)


@pytest.mark.parametrize("act", [handling.issue, handling.receive], ids=["issue", "receipt"])
def test_many_lines_cost_no_more_queries_than_one(act, shelf):
    items = [ItemFactory(tracking=Tracking.LOT) for _ in range(12)]
    for item in items:
        stock(item, shelf, 50, lot="L-1")
    by = UserFactory()
    act([line(items[0], 1, lot="L-1")], location=shelf, by=by)

    one = count_queries(lambda: act([line(items[0], 1, lot="L-1")], location=shelf, by=by))
    many = count_queries(lambda: act([line(item, 1, lot="L-1") for item in items], location=shelf, by=by))

    assert many == one


def test_a_slip_is_undone_by_who_made_it(shelf, bolt):
    keeper = UserFactory()
    (movement,) = handling.issue([line(bolt, 4)], location=shelf, by=keeper)

    reversal = handling.undo(movement, by=keeper, at=movement.posted_at, reason="Wrong bin")

    assert (reversal.reverses, reversal.reason, on_hand(bolt)) == (movement, "Wrong bin", 10)


def test_a_slip_is_undone_once(shelf, bolt):
    keeper = UserFactory()
    (movement,) = handling.issue([line(bolt, 4)], location=shelf, by=keeper)
    reversal = handling.undo(movement, by=keeper, at=movement.posted_at, reason="Wrong bin")

    for again in (movement, reversal):
        with pytest.raises(InvalidState):
            handling.undo(again, by=keeper, at=movement.posted_at, reason="Wrong bin")

    assert on_hand(bolt) == 10


def test_what_somebody_else_posted_is_not_undone(shelf, bolt):
    (movement,) = handling.issue([line(bolt, 4)], location=shelf, by=UserFactory())

    with pytest.raises(UndoNotAllowed):
        handling.undo(movement, by=UserFactory(), at=movement.posted_at, reason="Wrong bin")

    assert on_hand(bolt) == 6


def test_after_a_day_a_slip_is_not_undone_any_more(shelf, bolt):
    keeper = UserFactory()
    (movement,) = handling.issue([line(bolt, 4)], location=shelf, by=keeper)
    last = movement.posted_at + handling.UNDO_WITHIN

    with pytest.raises(UndoNotAllowed):
        handling.undo(movement, by=keeper, at=last + timedelta(seconds=1), reason="Wrong bin")
    handling.undo(movement, by=keeper, at=last, reason="Wrong bin")

    assert on_hand(bolt) == 10


def test_what_a_document_caused_is_not_undone_here(shelf, bolt):
    keeper = UserFactory()
    (movement,) = ledger.post(
        [
            ledger.Posting(
                kind=MovementKind.RECEIPT,
                item=bolt,
                quantity=Decimal(5),
                from_location=virtual_location(LocationKind.SUPPLIER),
                to_location=shelf,
                document="GRN-1",
            )
        ],
        by=keeper,
    )

    with pytest.raises(UndoNotAllowed):
        handling.undo(movement, by=keeper, at=movement.posted_at, reason="Wrong bin")

    assert on_hand(bolt) == 15


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("bolt", id="SKU in any case"),
        pytest.param("4006381333931", id="barcode"),
        pytest.param("04006381333931", id="barcode with its fourteen digits"),
        pytest.param("Bolt", id="name"),
        pytest.param("0104006381333931", id="GS1 symbol"),
    ],
)
def test_an_item_is_found_by_what_it_carries(text, bolt):
    (scan,) = scanning.read([text])

    assert scan.item == bolt


def test_a_symbol_brings_lot_and_expiry(serum):
    (scan,) = scanning.read(["01095060001343521731063010L-7"])

    assert (scan.item, scan.lot, scan.expires_on) == (serum, "L-7", date(2031, 6, 30))


def test_the_number_of_a_lot_is_enough_where_one_item_has_it(serum):
    other = ItemFactory(tracking=Tracking.LOT)
    Lot.objects.create(item=other, number="L-2")

    alone, shared = scanning.read(["l-1", "L-2"])

    assert (alone.item, alone.lot) == (serum, "L-1")
    assert shared.item is None


def test_what_only_resembles_an_item_is_not_taken_for_it(bolt):
    (scan,) = scanning.read(["bol"])

    assert scan.item is None
    assert scan.alike == [bolt]


def test_many_scans_cost_no_more_queries_than_one():
    skus = [ItemFactory().sku for _ in range(12)]

    assert count_queries(lambda: scanning.read(skus)) == count_queries(lambda: scanning.read(skus[:1])) == 1
