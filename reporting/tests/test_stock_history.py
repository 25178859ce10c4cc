"""Stock of the past is what a plain sum of the ledger says, however much of it has been summed up before."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from inventory import ledger
from inventory import stock as stores
from inventory.models import Category
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, stock
from ipms import site
from ipms.errors import InvalidInput
from reporting import stock_history, stock_roll_up
from reporting.models import StockRollUp
from reporting.stock_history import Moment, Stock
from reporting.tests.histories import BEGIN, Store, plain_sums

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_database_alone")]

#: Three moments in each of three months: what happens and what is asked meet in whole and in broken ones.
moments = st.sampled_from([24 * day for day in (0, 9, 18, 31, 40, 49, 59, 68, 77)])


@st.composite
def papers(draw):
    """A movement: somewhere to somewhere else, posted when it happened or later, sometimes much later."""
    source, target = draw(st.permutations(range(4)))[:2]
    occurred, posted = sorted((draw(moments), draw(moments)))
    return (
        draw(st.integers(0, 1)),
        source,
        target,
        draw(st.decimals("0.0001", 1000, places=4)),
        draw(st.decimals(0, 1000, places=2)),
        occurred,
        posted,
    )


questions = st.lists(st.tuples(moments, moments | st.none()), min_size=8, max_size=8, unique=True)
#: Papers that come together, and whether all is summed up afterwards.
batches = st.lists(
    st.tuples(st.lists(papers(), min_size=1, max_size=6), st.booleans()), min_size=1, max_size=5
)


@pytest.fixture
def fresh_store(db):
    """Return a maker of stores; each time what was entered before is undone."""
    marks = []

    def make():
        if marks:
            transaction.savepoint_rollback(marks.pop())
        marks.append(transaction.savepoint())
        return Store()

    return make


def at(after):
    return None if after is None else BEGIN + timedelta(hours=after)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(batches, questions)
def test_stock_of_any_moment_is_the_plain_sum_of_the_ledger(fresh_store, history, asked):
    store = fresh_store()

    for rows, is_summed_up in history:
        store.enter(rows)
        if is_summed_up:
            stock_roll_up.roll_up(most=5)

    assert stock_roll_up.offences() == 0
    for as_of, known_at in asked:
        moment = Moment(as_of=at(as_of), known_at=at(known_at))
        expected = plain_sums(as_of=moment.as_of, known_at=moment.known_at)
        standing = stock_history.by_location(moment)
        assert {key: found.quantity for key, found in standing.items() if found.quantity} == {
            key: total.quantity for key, total in expected.items() if total.quantity
        }
        whole = {item: found.value for item, found in stock_history.by_item(moment).items() if found.value}
        assert of_items(standing) == whole == of_items(expected)


def of_items(standing):
    """Add up the values of each item over its locations."""
    worth = defaultdict(Decimal)
    for (item, _place), found in standing.items():
        worth[item] += found.value
    return {item: value for item, value in worth.items() if value}


def test_summing_up_in_one_go_or_in_pieces_gives_the_same():
    store = Store()
    rows = [(0, 0, 2, 5, 10, hour, hour + late) for hour, late in ((1, 0), (800, 0), (30, 900), (1600, 1))]
    store.enter(rows)

    pieces = [stock_roll_up.roll_up(most=1) for _ in rows]

    assert stock_roll_up.roll_up() == 0
    assert sum(pieces) == len(rows)
    assert stock_roll_up.offences() == 0


@pytest.mark.parametrize("seen", [0, 1], ids=["before the first sums", "before the newest sums"])
def test_sums_that_appear_while_one_asks_are_not_missed_and_not_counted_twice(monkeypatch, seen):
    store = Store()
    store.enter([(0, 0, 2, 5, 10, hour, hour) for hour in (1, 800, 1600)])
    stock_roll_up.roll_up(most=1)
    before = StockRollUp.objects.get().watermark * seen
    stock_roll_up.roll_up()
    monkeypatch.setattr(stock_history, "_summed_up_to", lambda: before)

    (found,) = stock_history.by_item(Moment(as_of=at(1700))).values()

    assert found == Stock(quantity=Decimal(15), value=Decimal(30))


def test_a_paper_that_came_late_is_not_in_the_stock_as_the_books_knew_it():
    store = Store(items=1, shelves=1)
    december, january = datetime(2031, 12, 20, tzinfo=UTC), datetime(2032, 1, 9, tzinfo=UTC)
    hours = [(moment - BEGIN) // timedelta(hours=1) for moment in (december, january)]
    store.enter([(0, 0, 2, 10, 30, hours[0], hours[0]), (0, 2, 1, 4, 12, hours[0], hours[1])])
    year_end = datetime(2031, 12, 31, 23, 59, tzinfo=UTC)
    (bolt,) = store.items

    for _ in "before", "after":
        by_now = stock_history.by_item(Moment(as_of=year_end))
        as_known = stock_history.by_item(Moment(as_of=year_end, known_at=datetime(2032, 1, 5, tzinfo=UTC)))

        assert by_now == {bolt.pk: Stock(quantity=Decimal(6), value=Decimal(18))}
        assert as_known == {bolt.pk: Stock(quantity=Decimal(10), value=Decimal(30))}
        stock_roll_up.roll_up()


def test_stock_of_this_moment_is_what_the_balances_say():
    bolt, main, line = ItemFactory(), LocationFactory(), LocationFactory()
    stock(bolt, main, 10, unit_cost=Decimal("1.00"))
    stock(bolt, line, 5, unit_cost=Decimal("4.00"))
    stores.transfer(bolt, quantity=Decimal(2), from_location=main, to_location=line, by=UserFactory())
    receipt = stock(bolt, main, 3)
    ledger.reverse(receipt, by=UserFactory(), reason="Twice")

    now = stock_history.by_location()

    assert now == {
        (bolt.pk, main.pk): Stock(quantity=Decimal(8), value=Decimal("16.00")),
        (bolt.pk, line.pk): Stock(quantity=Decimal(7), value=Decimal("14.00")),
    }
    assert stock_history.by_location(Moment(as_of=timezone.now())) == now


def test_shares_of_a_value_add_up_to_it_to_the_last_cent():
    bolt, places = ItemFactory(), [LocationFactory() for _ in range(3)]
    stock(bolt, places[0], 3, unit_cost=Decimal("3.3333"))
    for place in places[1:]:
        stores.transfer(
            bolt, quantity=Decimal(1), from_location=places[0], to_location=place, by=UserFactory()
        )

    values = [found.value for found in stock_history.by_location().values()]

    assert sorted(values) == [Decimal("3.33"), Decimal("3.33"), Decimal("3.34")]


def test_location_that_was_emptied_is_worth_nothing():
    bolt, dear, cheap = ItemFactory(), LocationFactory(), LocationFactory()
    stock(bolt, cheap, 10, unit_cost=Decimal(1))
    stock(bolt, dear, 10, unit_cost=Decimal(3))
    stores.remove(bolt, quantity=Decimal(10), location=cheap, by=UserFactory())

    standing = stock_history.by_location(Moment(as_of=timezone.now()))

    assert standing == {(bolt.pk, dear.pk): Stock(quantity=Decimal(10), value=Decimal("20.00"))}


def test_category_and_location_are_asked_with_all_below_them():
    metal = CategoryFactory()
    rods = CategoryFactory(parent=metal)
    site_a = LocationFactory(kind="site")
    shelf = LocationFactory(parent=site_a)
    rod, paint = ItemFactory(category=rods), ItemFactory(category=CategoryFactory())
    elsewhere = LocationFactory()
    stock(rod, shelf, 4, unit_cost=Decimal(1))
    stock(rod, elsewhere, 5, unit_cost=Decimal(1))
    stock(paint, shelf, 6, unit_cost=Decimal(1))

    assert set(stock_history.by_location(category=metal)) == {(rod.pk, shelf.pk), (rod.pk, elsewhere.pk)}
    assert set(stock_history.by_location(location=site_a)) == {(rod.pk, shelf.pk), (paint.pk, shelf.pk)}
    assert stock_history.by_item(category=Category.objects.get(pk=rods.pk)).keys() == {rod.pk}


class TestMoment:
    now = datetime(2031, 5, 31, 12, 0, tzinfo=UTC)

    def test_day_means_its_end_where_the_site_is(self):
        settings = site.current()
        settings.timezone = "Africa/Kigali"
        settings.save()

        found = stock_history.moment(date(2031, 5, 30), now=self.now).as_of

        end = datetime(2031, 5, 30, 23, 59, 59, 999999, tzinfo=ZoneInfo("Africa/Kigali"))
        assert found == end == datetime(2031, 5, 30, 21, 59, 59, 999999, tzinfo=UTC)

    def test_today_means_now(self):
        assert stock_history.moment(date(2031, 5, 31), now=self.now) == Moment()

    @pytest.mark.parametrize("future", [date(2031, 6, 1), now + timedelta(seconds=1)], ids=["day", "moment"])
    @pytest.mark.parametrize("name", ["as_of", "known_at"])
    def test_the_future_is_refused(self, name, future):
        with pytest.raises(InvalidInput) as refusal:
            stock_history.moment(**{name: future}, now=self.now)

        assert refusal.value.details.keys() == {name}
