"""Whatever is done in whatever order, the books agree with themselves and with sums done by hand."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from inventory import ledger, verification
from inventory import stock as stores
from inventory.errors import InsufficientStock
from inventory.models import Item, StockMovement, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory
from ipms.errors import InvalidInput, InvalidState

ITEMS, PLACES, LOTS = 3, 2, 2

coming_in = st.decimals("0.0001", 100, places=4) | st.integers(1, 50).map(Decimal)
going_out = st.decimals("0.0001", 20, places=4) | st.integers(1, 10).map(Decimal)
costs = st.none() | st.decimals(0, 30, places=8) | st.integers(0, 9).map(Decimal)
item = st.integers(0, ITEMS - 1)
place = st.integers(0, PLACES - 1)
lot = st.integers(0, LOTS - 1)
maybe_lot = st.none() | lot

operations = st.one_of(
    st.tuples(st.just("add"), item, place, lot, coming_in, costs),
    st.tuples(st.just("remove"), item, place, maybe_lot, going_out),
    st.tuples(st.just("remove_all"), item, place),
    st.tuples(st.just("transfer"), item, place, maybe_lot, going_out),
    st.tuples(st.just("adjust"), item, place, maybe_lot, st.just(Decimal(0)) | coming_in),
    st.tuples(st.just("reverse"), st.integers(0, 100)),
)


@dataclass
class Sums:
    """What the books should say of one item, summed up without them."""

    quantity: Fraction = Fraction(0)
    value: Fraction = Fraction(0)
    at: dict = field(default_factory=lambda: defaultdict(Fraction))

    def count(self, movement: StockMovement) -> None:
        quantity, value = Fraction(movement.quantity), Fraction(movement.value)
        comes_in, goes_out = movement.to_location.is_real, movement.from_location.is_real
        if goes_out and not comes_in:
            assert movement.value == self.value_out(movement)
        if comes_in and not goes_out and not movement.reverses_id:
            assert movement.value == cents(quantity * Fraction(movement.unit_cost))
        if comes_in:
            self.at[movement.to_location_id, movement.lot_id] += quantity
        if goes_out:
            self.at[movement.from_location_id, movement.lot_id] -= quantity
        self.quantity += quantity * (comes_in - goes_out)
        self.value += value * (comes_in - goes_out)

    def value_out(self, movement: StockMovement) -> Decimal:
        """The last unit takes what is left; a reversal what it brought; else its share of the value."""
        if movement.quantity == self.quantity:
            return Decimal(self.value.numerator) / self.value.denominator
        if movement.reverses_id:
            return min(movement.reverses.value, cents(self.value))
        return min(cents(self.value * Fraction(movement.quantity) / self.quantity), cents(self.value))


def rounded(amount: Fraction, places: int) -> Decimal:
    """Round half-up, exactly."""
    whole, rest = divmod(amount * 10**places, 1)
    return Decimal(whole + (rest >= Fraction(1, 2))).scaleb(-places)


def cents(amount: Fraction) -> Decimal:
    return rounded(amount, 2)


class Stores:
    """A small store in which the operations of a test are done."""

    def __init__(self) -> None:
        self.manager = UserFactory(manager=True)
        self.places = [LocationFactory() for _ in range(PLACES)]
        self.items = [
            ItemFactory(unit_price=Decimal("1.35")),
            ItemFactory(tracking=Tracking.LOT),
            ItemFactory(tracking=Tracking.LOT, unit_price=Decimal("0.00000007")),
        ]
        for number in range(ITEMS):
            for where in range(PLACES):
                self.add(number, where, number % LOTS, Decimal(20), Decimal("1.11"))

    def do(self, operation) -> list[StockMovement]:
        """Do it; an empty list where it is refused, as it may be."""
        name, *given = operation
        try:
            return getattr(self, name)(*given)
        except (InsufficientStock, InvalidInput, InvalidState):
            return []

    def add(self, number, where, batch, quantity, unit_cost):
        goods = self.items[number]
        return stores.add(
            goods,
            quantity=quantity,
            location=self.places[where],
            lot=self.named(goods, batch),
            unit_cost=unit_cost,
            by=self.manager,
        )

    def remove(self, number, where, batch, quantity):
        goods = self.items[number]
        return stores.remove(
            goods,
            quantity=quantity,
            location=self.places[where],
            lot=self.named(goods, batch),
            by=self.manager,
        )

    def remove_all(self, number, where):
        balances = self.items[number].balances.filter(location=self.places[where])
        return self.remove(number, where, None, sum(balance.on_hand for balance in balances))

    def transfer(self, number, where, batch, quantity):
        goods = self.items[number]
        return stores.transfer(
            goods,
            quantity=quantity,
            from_location=self.places[where],
            to_location=self.places[1 - where],
            lot=self.named(goods, batch),
            by=self.manager,
        )

    def adjust(self, number, where, batch, counted):
        goods = self.items[number]
        return stores.adjust(
            goods,
            counted=counted,
            location=self.places[where],
            lot=self.named(goods, batch),
            reason="Count",
            by=self.manager,
        )

    def reverse(self, which):
        movements = list(StockMovement.objects.order_by("pk"))
        return [ledger.reverse(movements[which % len(movements)], by=self.manager, reason="Mistake")]

    @staticmethod
    def named(goods: Item, batch) -> str:
        return "" if batch is None or goods.tracking == Tracking.NONE else f"L{batch}"


@pytest.fixture
def fresh_stores(db):
    """Return a maker of stores; each time what the time before was done is undone."""
    marks = []

    def make() -> Stores:
        if marks:
            transaction.savepoint_rollback(marks.pop())
        marks.append(transaction.savepoint())
        return Stores()

    return make


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(operations, min_size=10, max_size=25))
def test_the_books_agree_whatever_is_done(fresh_stores, script):
    small = fresh_stores()
    there = StockMovement.objects.count()

    posted = [len(small.do(operation)) for operation in script]

    movements = StockMovement.objects.select_related("from_location", "to_location", "reverses")
    sums = defaultdict(Sums)
    for movement in movements.order_by("pk"):
        before = sums[movement.item_id]
        before.count(movement)
        assert movement.on_hand_after == before.quantity
    assert there + sum(posted) == movements.count()
    assert list(verification.offences()) == []
    for goods in small.items:
        expected = sums[goods.pk]
        goods.valuation.refresh_from_db()
        assert Fraction(goods.valuation.quantity) == expected.quantity
        assert Fraction(goods.valuation.value) == expected.value
        average = expected.value / expected.quantity if expected.quantity else Fraction(0)
        assert goods.valuation.average_cost == rounded(average, 8)
        for balance in goods.balances.all():
            assert Fraction(balance.on_hand) == expected.at[balance.location_id, balance.lot_id]
