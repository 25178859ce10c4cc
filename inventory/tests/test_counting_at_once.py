"""Counts while others count, sell and click, with real threads; and whatever happens in whatever order."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from inventory import count_entry, counting, ledger, verification
from inventory import stock as stores
from inventory.count_entry import Figure
from inventory.count_scope import Scope
from inventory.errors import ShortageGone
from inventory.models import CountLine, Item, StockBalance, StockCount, StockMovement, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from inventory.tests.test_concurrency import at_once, outcome
from ipms.errors import DomainError

_AT_ONCE = pytest.mark.django_db(transaction=True)


@_AT_ONCE
def test_a_second_click_on_approve_is_refused():
    bolt, shelf, manager = ItemFactory(), LocationFactory(), UserFactory(manager=True)
    stock(bolt, shelf, 10)
    count = counting.create(Scope(location=shelf), by=manager)
    count_entry.enter(count, [Figure(item=bolt, counted=Decimal(7))], by=UserFactory())
    counting.submit(count, by=UserFactory())

    outcomes = at_once(
        lambda _number: [outcome(counting.approve, StockCount.objects.get(pk=count.pk), by=manager)]
    )

    assert outcomes == {"done": 1, "INVALID_STATE": 15}
    assert on_hand(bolt) == 7
    assert StockMovement.objects.filter(kind="count").count() == 1


@_AT_ONCE
def test_many_count_one_store_while_it_is_used():
    shelf, manager = LocationFactory(), UserFactory(manager=True)
    goods = [ItemFactory() for _ in range(8)]
    milk = ItemFactory(tracking=Tracking.LOT)
    for item in goods:
        stock(item, shelf, 100)
    stock(milk, shelf, 1, lot="L0")
    count = counting.create(Scope(location=shelf), by=manager)
    people = [UserFactory() for _ in range(16)]

    def work(number):
        by = people[number]
        if number % 2:
            # Half of the people issue and receive; what they do is in the books at once.
            results = []
            for item in goods if number % 4 == 1 else goods[::-1]:
                results.append(outcome(stores.remove, item, quantity=Decimal(3), location=shelf, by=by))
                results.append(outcome(stores.add, item, quantity=Decimal(1), location=shelf, by=by))
            return results
        figures = [Figure(item=goods[number // 2], counted=Decimal(90))]
        found = Figure(item=Item.objects.get(pk=milk.pk), lot="NEW", location=shelf, counted=Decimal(2))
        return [outcome(count_entry.enter, StockCount.objects.get(pk=count.pk), [*figures, found], by=by)]

    outcomes = at_once(work)

    assert outcomes == {"done": 8 * 16 + 8}
    assert count.lines.filter(item=milk, is_added=True).count() == 1
    _assert_posting_leaves_what_was_counted(count)


@_AT_ONCE
def test_a_sale_while_a_count_is_posted_is_neither_lost_nor_counted_twice():
    shelf, manager, keeper = LocationFactory(), UserFactory(manager=True), UserFactory()
    goods = [ItemFactory() for _ in range(3)]
    for item in goods:
        stock(item, shelf, 100)
    count = counting.create(Scope(location=shelf), by=manager)
    count_entry.enter(count, [Figure(item=item, counted=Decimal(95)) for item in goods], by=keeper)
    counting.submit(count, by=keeper)

    def work(number):
        if number == 3:
            return [("post", outcome(counting.approve, StockCount.objects.get(pk=count.pk), by=manager))]
        return [
            ("sell", outcome(stores.remove, item, quantity=Decimal(1), location=shelf, by=keeper))
            for item in (goods if number % 2 else goods[::-1])
        ]

    outcomes = at_once(work)

    assert outcomes == {("post", "done"): 1, ("sell", "done"): 15 * 3}
    assert {on_hand(item) for item in goods} == {95 - 15}
    assert list(verification.offences()) == []


def _assert_posting_leaves_what_was_counted(count):
    """After posting there stands what was counted and what goods moved since, by plain Python."""
    counting.submit(count, by=UserFactory(), leave_uncounted=True)
    try:
        counting.approve(count, by=UserFactory(manager=True))
    except ShortageGone:
        return
    for line in count.lines.filter(counted_quantity__isnull=False):
        since = _goods_moved(line, after=line.counted_at)
        balance = StockBalance.objects.filter(item=line.item_id, location=line.location_id, lot=line.lot_id)
        on_hand = balance.values_list("on_hand", flat=True).first() or 0
        assert on_hand == line.counted_quantity + since
    assert list(verification.offences()) == []


def _goods_moved(line: CountLine, *, after) -> Decimal:
    moved = Decimal(0)
    movements = StockMovement.objects.filter(item=line.item_id, lot=line.lot_id)
    for movement in movements.select_related("reverses"):
        original = movement.reverses or movement
        if original.kind in ("opening", "adjustment", "count") or original.occurred_at <= after:
            continue
        if movement.to_location_id == line.location_id:
            moved += movement.quantity
        if movement.from_location_id == line.location_id:
            moved -= movement.quantity
    return moved


# Whatever happens while a count goes on, in whatever order.

quantity = st.integers(1, 12).map(Decimal)
item, place, lot = st.integers(0, 1), st.integers(0, 1), st.integers(0, 1)
late = st.integers(0, 3)
steps = st.one_of(
    st.tuples(st.just("receive"), item, place, lot, quantity, late),
    st.tuples(st.just("issue"), item, place, lot, quantity, late),
    st.tuples(st.just("transfer"), item, place, lot, quantity),
    st.tuples(st.just("adjust"), item, place, lot, st.integers(0, 30).map(Decimal)),
    st.tuples(st.just("reverse"), st.integers(0, 50)),
    st.tuples(st.just("enter"), item, place, lot, st.integers(0, 40).map(Decimal)),
)


class Hall:
    """Two places, an item by the piece and one by lot, and a count that goes on."""

    def __init__(self) -> None:
        self.manager, self.keeper = UserFactory(manager=True), UserFactory()
        hall = LocationFactory()
        self.places = [LocationFactory(parent=hall), LocationFactory(parent=hall)]
        self.items = [ItemFactory(), ItemFactory(tracking=Tracking.LOT)]
        for number in range(2):
            for where in range(2):
                stock(self.items[number], self.places[where], 20, lot=self.lot(number, where))
        self.count = counting.create(Scope(location=hall), by=self.manager)
        #: Moments of the count, for papers that come late.
        self.moments = [counting.now()]

    def do(self, step) -> None:
        name, *given = step
        try:
            with transaction.atomic():
                getattr(self, name)(*given)
        except DomainError:
            pass
        self.moments.append(counting.now())

    def lot(self, number, batch) -> str:
        return f"L{batch}" if number else ""

    def moment(self, ago):
        return self.moments[-1 - ago % len(self.moments)]

    def receive(self, number, where, batch, quantity, ago):
        stores.add(
            self.items[number],
            quantity=quantity,
            location=self.places[where],
            lot=self.lot(number, batch),
            occurred_at=self.moment(ago),
            by=self.keeper,
        )

    def issue(self, number, where, batch, quantity, ago):
        stores.remove(
            self.items[number],
            quantity=quantity,
            location=self.places[where],
            lot=self.lot(number, batch),
            occurred_at=self.moment(ago),
            by=self.keeper,
        )

    def transfer(self, number, where, batch, quantity):
        stores.transfer(
            self.items[number],
            quantity=quantity,
            from_location=self.places[where],
            to_location=self.places[1 - where],
            lot=self.lot(number, batch),
            by=self.keeper,
        )

    def adjust(self, number, where, batch, counted):
        stores.adjust(
            self.items[number],
            counted=counted,
            location=self.places[where],
            lot=self.lot(number, batch),
            reason="Seen",
            by=self.manager,
        )

    def reverse(self, which):
        movements = list(StockMovement.objects.order_by("pk"))
        ledger.reverse(movements[which % len(movements)], by=self.manager, reason="Mistake")

    def enter(self, number, where, batch, counted):
        figure = Figure(
            item=self.items[number],
            location=self.places[where],
            lot=self.lot(number, batch),
            counted=counted,
            at=counting.now(),
        )
        count_entry.enter(self.count, [figure], by=self.keeper)


@pytest.fixture
def fresh_hall(db):
    """Return a maker of halls; each time what the time before was done is undone."""
    marks = []

    def make() -> Hall:
        if marks:
            transaction.savepoint_rollback(marks.pop())
        marks.append(transaction.savepoint())
        return Hall()

    return make


@settings(
    max_examples=60,
    deadline=timedelta(seconds=30),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=4, max_size=20))
def test_after_posting_there_stands_what_was_counted_and_what_moved_since(fresh_hall, script):
    hall = fresh_hall()
    count_entry.enter(
        hall.count, [Figure(line=hall.count.lines.first(), counted=Decimal(20))], by=hall.keeper
    )

    for step in script:
        hall.do(step)

    for line in hall.count.lines.filter(counted_quantity__isnull=False, is_added=False).compared():
        # The two ways of the definition: back from what stands, and forward from where the count began.
        assert line.expected == line.book_quantity + _entered_since(line)
    _assert_posting_leaves_what_was_counted(hall.count)


def _entered_since(line) -> Decimal:
    """Return what was entered since the count began, but for goods that moved after they were counted."""
    since = line.count.started_at
    total = Decimal(0)
    for movement in StockMovement.objects.filter(item=line.item_id, lot=line.lot_id, posted_at__gt=since):
        if movement.to_location_id == line.location_id:
            total += movement.quantity
        if movement.from_location_id == line.location_id:
            total -= movement.quantity
    return total - _goods_moved(line, after=line.counted_at)
