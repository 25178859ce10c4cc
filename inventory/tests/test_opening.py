from decimal import Decimal

import pytest

from inventory import ledger, opening, stock
from inventory.errors import InvalidPosting
from inventory.models import ItemValuation, MovementKind, StockMovement
from inventory.opening import OpeningBalance
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand
from ipms.testing.back_office import count_queries

pytestmark = pytest.mark.django_db


def balance(item, location, quantity, **how):
    if "unit_cost" in how:
        how["unit_cost"] = Decimal(how["unit_cost"])
    return OpeningBalance(item=item, location=location, quantity=Decimal(quantity), **how)


def test_opening_balances_stand_in_the_ledger_with_their_value(manager):
    bolt, shelf, cellar = ItemFactory(), LocationFactory(), LocationFactory()

    opening.post(
        [balance(bolt, shelf, 10, unit_cost="2.50"), balance(bolt, cellar, 30, unit_cost="3.50")], by=manager
    )

    assert on_hand(bolt, shelf) == 10
    assert on_hand(bolt, cellar) == 30
    assert ItemValuation.objects.get(item=bolt).value == Decimal("130.00")
    assert set(StockMovement.objects.values_list("kind", flat=True)) == {MovementKind.OPENING}


def test_a_paper_that_comes_twice_counts_once(manager):
    bolt, nut, shelf = ItemFactory(), ItemFactory(), LocationFactory()
    opening.post([balance(bolt, shelf, 10)], by=manager)

    answer = opening.post([balance(bolt, shelf, 10), balance(nut, shelf, 5)], by=manager)

    assert answer[0] is None
    assert answer[1].quantity == 5
    assert on_hand(bolt) == 10


def test_what_was_used_since_does_not_make_the_paper_new(manager):
    bolt, shelf = ItemFactory(), LocationFactory()
    opening.post([balance(bolt, shelf, 10)], by=manager)
    stock.remove(bolt, quantity=Decimal(4), location=shelf, by=manager)

    answer = opening.post([balance(bolt, shelf, 10)], by=manager)

    assert answer == [None]
    assert on_hand(bolt) == 6


def test_another_quantity_for_an_opened_place_is_refused(manager):
    bolt, shelf = ItemFactory(), LocationFactory()
    opening.post([balance(bolt, shelf, 10)], by=manager)

    with pytest.raises(InvalidPosting) as refusal:
        opening.post([balance(bolt, shelf, 12)], by=manager)

    assert list(refusal.value.lines[0]) == ["quantity"]
    assert on_hand(bolt) == 10


def test_a_place_where_stock_has_moved_is_not_opened(manager):
    bolt, shelf, cellar = ItemFactory(), LocationFactory(), LocationFactory()
    stock.add(bolt, quantity=Decimal(3), location=shelf, by=manager)

    with pytest.raises(InvalidPosting) as refusal:
        opening.post([balance(bolt, cellar, 10), balance(bolt, shelf, 10)], by=manager)

    assert list(refusal.value.lines) == [1]
    assert on_hand(bolt, cellar) == 0


def test_an_opening_that_was_reversed_can_be_posted_anew(manager):
    bolt, shelf = ItemFactory(), LocationFactory()
    (wrong,) = opening.post([balance(bolt, shelf, 100)], by=manager)
    ledger.reverse(wrong, by=manager, reason="A zero too many")

    opening.post([balance(bolt, shelf, 10)], by=manager)

    assert on_hand(bolt) == 10


def test_the_errors_of_all_lines_are_told_at_once(manager):
    bolt, shelf = ItemFactory(), LocationFactory()
    syrup = ItemFactory(tracking="lot")
    gone = LocationFactory(is_active=False)

    with pytest.raises(InvalidPosting) as refusal:
        opening.post(
            [
                balance(bolt, shelf, 10),
                balance(bolt, shelf, 11),
                balance(bolt, gone, 5),
                balance(syrup, shelf, 5),
                balance(bolt, LocationFactory(), 5, lot="L1"),
                balance(syrup, shelf, -1, lot="L1"),
            ],
            by=manager,
        )

    assert {place: list(errors) for place, errors in refusal.value.lines.items()} == {
        1: ["location"],
        2: ["location"],
        3: ["lot"],
        4: ["lot"],
        5: ["quantity"],
    }
    assert on_hand(bolt) == 0


def test_opening_costs_the_same_queries_for_one_line_as_for_thirty(manager):
    shelf = LocationFactory()
    items = [ItemFactory(tracking="lot") for _number in range(31)]
    stock.virtual_location("opening")

    def lines(some):
        return [balance(item, shelf, 5, lot=f"L{item.pk}") for item in some]

    one = count_queries(lambda: opening.post(lines(items[:1]), by=manager))

    assert count_queries(lambda: opening.post(lines(items[1:]), by=manager)) == one
