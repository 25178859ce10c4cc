"""Stock counts: what is counted, by whom, and what the books say afterwards."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory import count_entry, counting, ledger, opening, verification
from inventory import stock as stores
from inventory.count_entry import Figure
from inventory.count_scope import Scope
from inventory.errors import CountStateForbids, OwnCount, ShortageGone
from inventory.models import (
    CountHistory,
    Lot,
    MovementKind,
    StockBalance,
    StockCount,
    StockMovement,
    Tracking,
)
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, on_hand, stock
from ipms.errors import InvalidInput, NotAllowed
from ipms.models import OutboxEvent, SiteSettings
from ipms.testing.back_office import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


def start(location=None, **how):
    by = how.pop("by", None) or UserFactory(manager=True)
    is_blind = how.pop("is_blind", False)
    return counting.create(Scope(location=location, **how), by=by, is_blind=is_blind)


def line_of(count, item, location=None, lot=None):
    found = count.lines.compared().filter(item=item)
    if location:
        found = found.filter(location=location)
    return found.get(lot__number=lot) if lot else found.get()


def found(count, item, counted, *, by=None, **more):
    """Enter one figure, as a storekeeper does."""
    figure = Figure(item=item, counted=Decimal(counted), **more)
    (line,) = count_entry.enter(count, [figure], by=by or UserFactory())
    return line


def handed_over(count, **how):
    counting.submit(count, by=UserFactory(), **how)
    return count


def posted(count, **how):
    return counting.approve(handed_over(count, **how), by=UserFactory(manager=True))


def test_a_count_ends_with_what_was_found(shelf):
    bolt, nut, washer = ItemFactory(), ItemFactory(), ItemFactory()
    for item in (bolt, nut, washer):
        stock(item, shelf, 10, unit_cost=Decimal("2.50"))
    count = start(shelf)
    found(count, bolt, 8)
    found(count, nut, 11)
    found(count, washer, 10)

    movements = posted(count)

    assert (on_hand(bolt), on_hand(nut), on_hand(washer)) == (8, 11, 10)
    assert [(m.kind, m.quantity, m.value, m.document) for m in movements] == [
        (MovementKind.COUNT, 2, Decimal("5.00"), count.number),
        (MovementKind.COUNT, 1, Decimal("2.50"), count.number),
    ]
    assert {line.item: line.posted_value for line in count.lines.all()} == {
        bolt: Decimal("-5"),
        nut: Decimal("2.5"),
        washer: 0,
    }
    assert line_of(count, bolt).movement == movements[0]
    assert list(verification.offences()) == []


def test_counts_have_numbers_without_gaps(shelf):
    stock(ItemFactory(), shelf, 1)
    year = timezone.localdate().year

    first = start(shelf)
    with pytest.raises(InvalidInput):
        start(LocationFactory())
    second = start(shelf)

    assert (first.number, second.number) == (f"CNT-{year}-00001", f"CNT-{year}-00002")


def test_a_place_is_counted_with_what_is_inside_and_nothing_else():
    hall, yard = LocationFactory(code="HALL"), LocationFactory(code="YARD")
    inside = LocationFactory(code="HALL-1", parent=hall)
    closed = LocationFactory(code="HALL-2", parent=hall)
    bolt, retired = ItemFactory(), ItemFactory()
    for item, place in ((bolt, hall), (bolt, inside), (bolt, yard), (bolt, closed), (retired, hall)):
        stock(item, place, 5)
    closed.is_active = retired.is_active = False
    closed.save()
    retired.save()

    count = start(hall)

    assert [(line.item, line.location, line.book_quantity) for line in count.lines.all()] == [
        (bolt, hall, 5),
        (bolt, inside, 5),
    ]


def test_a_category_is_counted_with_its_sub_categories_and_only_where_it_was_asked(shelf):
    metals = CategoryFactory()
    steel = CategoryFactory(parent=metals)
    rod, sheet, glove = ItemFactory(category=steel), ItemFactory(category=metals), ItemFactory()
    for item in (rod, sheet, glove):
        stock(item, shelf, 5)
    stock(rod, LocationFactory(), 5)

    assert {line.item for line in start(category=metals).lines.all()} == {rod, sheet}
    assert start(category=metals).lines.count() == 3
    assert start(shelf, category=metals).lines.count() == 2


def test_a_class_is_that_of_the_value_used_in_a_year(shelf):
    gold, tin, dust = ItemFactory(name="Gold"), ItemFactory(name="Tin"), ItemFactory(name="Dust")
    for item, cost in ((gold, 100), (tin, 10), (dust, 1)):
        stock(item, shelf, 50, unit_cost=Decimal(cost))
    stores.remove(gold, quantity=Decimal(9), location=shelf, by=UserFactory())
    (mistake,) = stores.remove(dust, quantity=Decimal(50), location=shelf, by=UserFactory())
    ledger.reverse(mistake, by=UserFactory(manager=True), reason="Mistake")
    stores.remove(tin, quantity=Decimal(10), location=shelf, by=UserFactory())

    assert [line.item for line in start(abc_class="A").lines.all()] == [gold]
    assert [line.item for line in start(abc_class="B").lines.all()] == [tin]
    assert [line.item for line in start(abc_class="C").lines.all()] == [dust]


def test_items_are_counted_wherever_they_stand_and_where_they_should(shelf):
    bin_1 = LocationFactory()
    bolt, nut, milk = ItemFactory(), ItemFactory(location=shelf), ItemFactory(tracking=Tracking.LOT)
    stock(bolt, shelf, 5)
    stock(bolt, bin_1, 5)
    stock(milk, shelf, 3, lot="L1")

    count = start(items=[bolt, nut, milk])

    assert count.named_items == 3
    assert {(line.item, line.location, line.lot and line.lot.number) for line in count.lines.all()} == {
        (bolt, shelf, None),
        (bolt, bin_1, None),
        (nut, shelf, None),
        (milk, shelf, "L1"),
    }


def test_empty_places_are_counted_where_they_are_asked_for(shelf):
    bolt, nut, gone = ItemFactory(), ItemFactory(location=shelf), ItemFactory()
    stock(bolt, shelf, 5)
    stock(gone, shelf, 5)
    stores.remove(gone, quantity=Decimal(5), location=shelf, by=UserFactory())

    assert {line.item for line in start(shelf).lines.all()} == {bolt}
    assert {line.item for line in start(shelf, includes_empty=True).lines.all()} == {bolt, nut, gone}


@pytest.mark.parametrize(
    ("scope", "field"),
    [({}, "location"), ({"abc_class": "X"}, "abc_class"), ({"abc_class": "A"}, "location")],
    ids=["nothing named", "no such class", "nothing in it"],
)
def test_a_scope_that_cannot_be_counted_is_refused(scope, field):
    with pytest.raises(InvalidInput) as refusal:
        start(**scope)

    assert field in refusal.value.details


# Movements while people count.


def test_what_moves_before_and_after_the_counting_is_no_variance(shelf):
    bolt, keeper = ItemFactory(), UserFactory()
    stock(bolt, shelf, 10)
    count = start(shelf)
    stores.remove(bolt, quantity=Decimal(3), location=shelf, by=keeper)
    found(count, bolt, 6)  # 7 should be there
    stores.remove(bolt, quantity=Decimal(2), location=shelf, by=keeper)
    stock(bolt, shelf, 20)

    line = line_of(count, bolt)
    assert (line.book_quantity, line.expected, line.variance) == (10, 7, -1)
    posted(count)

    assert on_hand(bolt) == 6 - 2 + 20
    assert line_of(count, bolt).variance == -1


def test_a_paper_that_came_late_explains_a_difference(shelf):
    bolt, keeper = ItemFactory(), UserFactory()
    stock(bolt, shelf, 10)
    count = start(shelf)
    left_at = counting.now()
    found(count, bolt, 6)
    stores.remove(bolt, quantity=Decimal(4), location=shelf, occurred_at=left_at, by=keeper)

    movements = posted(count)

    assert movements == []
    assert on_hand(bolt) == 6


def test_a_reversal_counts_where_the_movement_it_undoes_did(shelf):
    bolt, manager = ItemFactory(), UserFactory(manager=True)
    stock(bolt, shelf, 10)
    count = start(shelf)
    (never_was,) = stores.remove(bolt, quantity=Decimal(4), location=shelf, by=manager)
    found(count, bolt, 10)
    (also_never,) = stores.remove(bolt, quantity=Decimal(3), location=shelf, by=manager)
    ledger.reverse(never_was, by=manager, reason="Mistake")
    ledger.reverse(also_never, by=manager, reason="Mistake")

    assert posted(count) == []
    assert on_hand(bolt) == 10


def test_what_was_put_right_meanwhile_is_not_put_right_twice(shelf):
    bolt, nut, manager = ItemFactory(), ItemFactory(location=shelf), UserFactory(manager=True)
    stock(bolt, shelf, 10)
    count = start(shelf, includes_empty=True)
    found(count, bolt, 7)
    found(count, nut, 4)
    stores.adjust(bolt, counted=Decimal(7), location=shelf, reason="Seen", by=manager)
    opening.post([opening.OpeningBalance(item=nut, location=shelf, quantity=Decimal(4))], by=manager)

    assert posted(count) == []
    assert (on_hand(bolt), on_hand(nut)) == (7, 4)


def test_two_counts_of_one_shelf_agree(shelf):
    bolt = ItemFactory()
    stock(bolt, shelf, 10)
    first, second = start(shelf), start(shelf)
    found(first, bolt, 9)
    found(second, bolt, 9)

    posted(second)
    posted(first)

    assert on_hand(bolt) == 9


def test_a_shortage_that_left_meanwhile_is_refused_by_its_line(shelf):
    bolt, nut = ItemFactory(sku="BOLT"), ItemFactory()
    for item in (bolt, nut):
        stock(item, shelf, 10)
    count = start(shelf)
    found(count, bolt, 2)
    found(count, nut, 9)
    stores.remove(bolt, quantity=Decimal(7), location=shelf, by=UserFactory())
    handed_over(count)

    with pytest.raises(ShortageGone, match="BOLT at SHELF: the count is 8 EA short, but only 3") as refusal:
        counting.approve(count, by=UserFactory(manager=True))

    assert refusal.value.details["line"] == line_of(count, bolt).pk
    assert (on_hand(bolt), on_hand(nut)) == (3, 10)
    count.refresh_from_db()
    assert count.status == "submitted"


def test_what_is_promised_is_not_taken_off_the_books(shelf):
    bolt = ItemFactory()
    stock(bolt, shelf, 10)
    count = start(shelf)
    found(count, bolt, 3)
    StockBalance.objects.update(reserved=8)
    handed_over(count)

    with pytest.raises(ShortageGone):
        counting.approve(count, by=UserFactory(manager=True))


def test_an_item_that_was_closed_meanwhile_is_named(shelf):
    bolt = ItemFactory(sku="BOLT")
    stock(bolt, shelf, 10)
    count = start(shelf)
    found(count, bolt, 3)
    bolt.is_active = False
    bolt.save()
    handed_over(count)

    with pytest.raises(InvalidInput, match="BOLT, SHELF: This item is inactive"):
        counting.approve(count, by=UserFactory(manager=True))


# Lots.


def test_lots_are_counted_each_for_itself(shelf):
    milk = ItemFactory(tracking=Tracking.LOT)
    stock(milk, shelf, 5, lot="L1")
    stock(milk, shelf, 5, lot="L2")
    count = start(shelf)
    found(count, milk, 3, lot="l1")
    found(count, milk, 6, lot="L2")

    posted(count)

    assert {b.lot.number: b.on_hand for b in milk.balances.select_related("lot")} == {"L1": 3, "L2": 6}


def test_a_lot_that_the_books_do_not_know_is_added(shelf):
    milk = ItemFactory(tracking=Tracking.LOT, unit_price=Decimal("1.5"))
    stock(milk, shelf, 5, lot="L1", unit_cost=Decimal(2))
    count = start(shelf)
    found(count, milk, 5, lot="L1")
    line = found(count, milk, 4, lot="NEW", location=shelf)

    posted(count)

    assert line.is_added
    assert Lot.objects.filter(item=milk, number="NEW").exists()
    assert on_hand(milk) == 9
    assert line_of(count, milk, lot="NEW").posted_value == 8


def test_a_piece_that_stands_elsewhere_than_the_books_say_moves_there():
    drill = ItemFactory(tracking=Tracking.SERIAL)
    store = LocationFactory()
    left, right = LocationFactory(parent=store), LocationFactory(parent=store)
    stock(drill, left, 1, lot="SN1", unit_cost=Decimal("99.90"))
    count = start(store)
    found(count, drill, 1, lot="SN1", location=right)
    found(count, drill, 0, lot="SN1", location=left)

    posted(count)

    assert (on_hand(drill, left), on_hand(drill, right)) == (0, 1)
    drill.valuation.refresh_from_db()
    assert drill.valuation.value == Decimal("99.90")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "lot"),
        ({"lot": "L9", "place": "elsewhere"}, "location"),
        ({"lot": "L1", "counted": "1.00001"}, "counted"),
        ({"lot": "L1", "counted": "-1"}, "counted"),
        ({"lot": "L1", "counted": "NaN"}, "counted"),
        ({"lot": "L1", "at": timedelta(minutes=5)}, "counted_at"),
        ({"lot": "L1", "at": timedelta(days=-1)}, "counted_at"),
    ],
    ids=["no lot", "another place", "too fine", "below zero", "no number", "the future", "before the start"],
)
def test_a_figure_that_cannot_be_is_refused(shelf, more, field):
    milk, elsewhere = ItemFactory(tracking=Tracking.LOT), LocationFactory()
    stock(milk, shelf, 5, lot="L1")
    count = start(shelf)
    if more.pop("place", None):
        more["location"] = elsewhere
    if "at" in more:
        more["at"] = timezone.now() + more["at"]

    with pytest.raises(InvalidInput) as refusal:
        found(count, milk, more.pop("counted", "4"), **more)

    assert field in refusal.value.details["lines"][0]


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_kept(shelf):
    bolt, nut = ItemFactory(), ItemFactory()
    for item in (bolt, nut):
        stock(item, shelf, 5)
    count = start(shelf)
    figures = [Figure(item=bolt, counted=Decimal(5)), Figure(item=nut, counted=Decimal("0.00001"))]

    with pytest.raises(InvalidInput) as refusal:
        count_entry.enter(count, [*figures, figures[0]], by=UserFactory())

    assert [list(errors) for errors in refusal.value.details["lines"]] == [[], ["counted"], ["counted"]]
    assert not count.lines.filter(counted_quantity__isnull=False).exists()


def test_an_item_at_several_places_names_its_place():
    store = LocationFactory()
    left, right = LocationFactory(parent=store), LocationFactory(parent=store)
    bolt = ItemFactory()
    for place in (left, right):
        stock(bolt, place, 5)
    count = start(store)

    with pytest.raises(InvalidInput) as refusal:
        found(count, bolt, 5)
    found(count, bolt, 4, location=right)

    assert "location" in refusal.value.details["lines"][0]
    assert line_of(count, bolt, right).counted_quantity == 4


# Who counts, and who decides.


def test_the_same_figure_once_more_changes_nothing(shelf):
    bolt, ama, kofi = ItemFactory(), UserFactory(), UserFactory()
    stock(bolt, shelf, 10)
    count = start(shelf)
    first = found(count, bolt, 9, by=ama)
    stores.remove(bolt, quantity=Decimal(1), location=shelf, by=kofi)

    again = found(count, bolt, 9, by=kofi)

    assert (again.counted_at, again.counted_by) == (first.counted_at, ama)
    assert line_of(count, bolt).variance == -1


def test_a_later_look_replaces_the_figure(shelf):
    bolt, ama, kofi = ItemFactory(), UserFactory(), UserFactory()
    stock(bolt, shelf, 10)
    count = start(shelf)
    first = found(count, bolt, 9, by=ama)
    stores.remove(bolt, quantity=Decimal(1), location=shelf, by=kofi)

    found(count, bolt, 9, by=kofi, at=counting.now())

    line = line_of(count, bolt)
    assert (line.counted_by, line.variance) == (kofi, 0)
    with pytest.raises(InvalidInput):
        found(count, bolt, 8, by=ama, at=first.counted_at)


def test_who_knew_of_no_figure_is_told_of_another_persons_before_replacing_it(shelf):
    bolt, ama, kofi = ItemFactory(), UserFactory(first_name="Ama", last_name="Owusu"), UserFactory()
    stock(bolt, shelf, 10)
    count = start(shelf)
    found(count, bolt, 9, by=ama, is_first=True)

    with pytest.raises(InvalidInput) as refusal:
        found(count, bolt, 8, by=kofi, is_first=True)

    (told,) = refusal.value.details["lines"]
    assert told["counted"] == ["Meanwhile Ama Owusu counted 9. Save again if yours is right."]
    found(count, bolt, 9, by=kofi, is_first=True)
    assert line_of(count, bolt).counted_by == ama
    found(count, bolt, 8, by=kofi)
    assert line_of(count, bolt).counted_quantity == 8


def test_the_first_figure_opens_the_counting(shelf):
    bolt, ama = ItemFactory(), UserFactory()
    stock(bolt, shelf, 10)
    count = start(shelf)

    found(count, bolt, 10, by=ama)

    assert count.status == "counting"
    steps = CountHistory.objects.filter(count=count).values_list("from_status", "to_status", "by")
    assert list(steps) == [("", "open", count.made_by_id), ("open", "counting", ama.pk)]
    assert OutboxEvent.objects.filter(topic="count.counting", payload={"count": count.pk}).exists()


def test_what_is_not_counted_is_left_as_it_is_or_counted_first(shelf):
    bolt, nut = ItemFactory(), ItemFactory()
    for item in (bolt, nut):
        stock(item, shelf, 10)
    count = start(shelf)
    found(count, bolt, 9)

    with pytest.raises(InvalidInput, match="1 line is not counted"):
        handed_over(count)
    posted(count, leave_uncounted=True)

    assert (on_hand(bolt), on_hand(nut)) == (9, 10)
    assert line_of(count, nut).expected is None


def test_nobody_approves_what_they_counted_or_submitted(shelf):
    bolt, manager, other = ItemFactory(), UserFactory(manager=True), UserFactory(manager=True)
    stock(bolt, shelf, 10)
    count = start(shelf, by=manager)
    found(count, bolt, 9, by=manager)
    counting.submit(count, by=other)

    for person in (manager, other):
        with pytest.raises(OwnCount):
            counting.approve(count, by=person)
    counting.approve(count, by=UserFactory(manager=True))

    assert on_hand(bolt) == 9


def test_the_database_refuses_an_approval_by_who_counted(shelf):
    bolt, keeper, other = ItemFactory(), UserFactory(), UserFactory()
    stock(bolt, shelf, 10)
    count = start(shelf)
    found(count, bolt, 9, by=keeper)
    counting.submit(count, by=other)

    for person in (keeper, other):
        with pytest.raises(IntegrityError), transaction.atomic():
            StockCount.objects.update(approved_by=person, approved_at=timezone.now(), status="posted")


def test_lines_that_are_doubted_are_counted_again(shelf):
    bolt, nut, manager, kofi = ItemFactory(), ItemFactory(), UserFactory(manager=True), UserFactory()
    for item in (bolt, nut):
        stock(item, shelf, 10)
    count = start(shelf)
    found(count, bolt, 1)
    found(count, nut, 10)
    handed_over(count)

    counting.request_recount(count, [line_of(count, bolt).pk], by=manager, comment="Look behind")
    with pytest.raises(InvalidInput, match="1 line is still to be counted again"):
        handed_over(count, leave_uncounted=True)
    found(count, bolt, 10, by=kofi)
    posted(count)

    assert on_hand(bolt) == 10
    assert CountHistory.objects.filter(count=count, comment__endswith="Look behind").exists()
    assert line_of(count, bolt).counted_by == kofi


def test_a_recount_of_the_same_figure_is_a_new_one(shelf):
    bolt, kofi = ItemFactory(), UserFactory()
    stock(bolt, shelf, 10)
    count = start(shelf)
    before = found(count, bolt, 9)
    handed_over(count)
    counting.request_recount(count, [before.pk], by=UserFactory(manager=True))

    after = found(count, bolt, 9, by=kofi)

    assert after.counted_by == kofi
    assert after.counted_at > before.counted_at
    assert not after.needs_recount


def test_a_count_that_is_given_up_leaves_the_books_alone(shelf):
    bolt, maker, other = ItemFactory(), UserFactory(), UserFactory()
    stock(bolt, shelf, 10)
    count = start(shelf, by=maker)
    found(count, bolt, 9)

    with pytest.raises(NotAllowed):
        counting.cancel(count, by=other, reason="No time")
    with pytest.raises(InvalidInput):
        counting.cancel(count, by=maker, reason=" ")
    counting.cancel(count, by=maker, reason="No time")

    assert on_hand(bolt) == 10
    with pytest.raises(CountStateForbids):
        found(count, bolt, 9)


@pytest.mark.parametrize(
    "act",
    [
        lambda count: counting.approve(count, by=UserFactory(manager=True)),
        lambda count: counting.submit(count, by=UserFactory()),
        lambda count: counting.request_recount(count, [1], by=UserFactory(manager=True)),
        lambda count: counting.cancel(count, by=UserFactory(manager=True), reason="Late"),
    ],
    ids=["approve", "submit", "recount", "cancel"],
)
def test_a_posted_count_stays_as_it_is(shelf, act):
    bolt = ItemFactory()
    stock(bolt, shelf, 10)
    count = start(shelf)
    found(count, bolt, 9)
    posted(count)

    with pytest.raises(CountStateForbids) as refusal:
        act(count)

    assert refusal.value.details == {"status": "posted", "allowed": []}
    assert on_hand(bolt) == 9


def test_the_history_can_only_grow(shelf, as_owner):
    stock(ItemFactory(), shelf, 1)
    start(shelf)

    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        as_owner("UPDATE inventory_counthistory SET comment = 'x'")


def test_a_variance_is_worth_its_average_cost_else_its_price(shelf):
    SiteSettings.objects.update(base_currency="USD")
    bolt = ItemFactory()
    nut = ItemFactory(location=shelf, unit_price=Decimal("0.75"))
    dear = ItemFactory(location=shelf, unit_price=Decimal(7), currency="EUR")
    stock(bolt, shelf, 10, unit_cost=Decimal("2.50"))
    count = start(shelf, includes_empty=True)
    for item, counted in ((bolt, 6), (nut, 4), (dear, 1)):
        found(count, item, counted)

    assert {line.item: line.worth for line in count.lines.compared()} == {bolt: -10, nut: 3, dear: None}


def test_the_work_does_not_grow_with_the_lines(shelf):
    def work(lines):
        place = LocationFactory()
        items = [ItemFactory() for _ in range(lines)]
        for item in items:
            stock(item, place, 10)
        keeper, manager = UserFactory(), UserFactory(manager=True)
        figures = [Figure(item=item, counted=Decimal(9)) for item in items]
        made = []
        return [
            count_queries(lambda: made.append(start(place, by=manager))),
            count_queries(lambda: count_entry.enter(made[0], figures, by=keeper)),
            count_queries(lambda: counting.submit(made[0], by=keeper)),
            count_queries(lambda: counting.approve(made[0], by=manager)),
        ]

    few = work(2)  # whatever is asked once for all is asked here

    assert work(12) == work(3)
    assert max(few) < 40
    assert StockMovement.objects.filter(kind="count").count() == 17
