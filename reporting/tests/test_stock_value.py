"""The value of the stock at the ends of months is what `stock_history` says of those moments."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.models import ItemValuation
from ipms.models import SiteSettings
from ipms.testing.back_office import count_queries
from reporting import stock_history, stock_roll_up, stock_value
from reporting.tests.histories import BEGIN, Store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_database_alone")]

MONTHS = [date(2031, 1, 1), date(2031, 2, 1), date(2031, 3, 1)]
#: Hours after the beginning of January: around the ends of its months, in any time zone, and in between.
hours = st.sampled_from([0, 700, 732, 739, 743, 744, 750, 756, 1400, 1404, 1414, 1416, 1419, 1427, 1500])


@st.composite
def papers(draw):
    source, target = draw(st.permutations(range(4)))[:2]
    happened, posted = sorted((draw(hours), draw(hours)))
    return (
        draw(st.integers(0, 1)),
        source,
        target,
        1,
        draw(st.decimals(0, 1000, places=2)),
        happened,
        posted,
    )


def take_over_values(store):
    """Let the valuations say what the movements that were entered come to, as the ledger would have."""
    for item in store.items:
        quantity = value = Decimal(0)
        for movement in item.movements.select_related("from_location", "to_location"):
            gate = movement.to_location.is_real - movement.from_location.is_real
            quantity, value = quantity + gate * movement.quantity, value + gate * movement.value
        ItemValuation.objects.filter(item=item).update(quantity=quantity, value=value)


@pytest.fixture
def fresh_store(db):
    marks = []

    def make():
        if marks:
            transaction.savepoint_rollback(marks.pop())
        marks.append(transaction.savepoint())
        return Store()

    return make


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(papers(), min_size=1, max_size=8),
    st.integers(0, 8),
    st.sampled_from(["UTC", "Africa/Nairobi", "Atlantic/Cape_Verde", "Pacific/Kiritimati"]),
)
def test_it_is_the_stock_of_that_moment_however_much_is_summed_up(fresh_store, rows, summed_up, zone):
    store = fresh_store()
    SiteSettings.objects.update_or_create(pk=1, defaults={"timezone": zone})
    # Enough that nothing is ever issued which is not there.
    store.enter([(item, 0, 2, 1000, 10_000, 0, 0) for item in (0, 1)])
    store.enter(rows[:summed_up])
    stock_roll_up.catch_up()
    store.enter(rows[summed_up:])
    take_over_values(store)
    now = datetime(2031, 4, 20, tzinfo=UTC)
    cache.clear()  # keys of movements come back where an example is undone

    found = stock_value.at_ends_of(MONTHS, now=now)

    for end in found:
        of_items = stock_history.by_item(stock_history.moment(as_of=end.day, now=now))
        assert end.value == sum((stock.value for stock in of_items.values()), Decimal(0))


def test_the_month_that_is_not_over_ends_now():
    store = Store(items=1)
    store.enter([(0, 0, 2, 1, 10, 0, 0), (0, 0, 2, 1, 7, 24 * 40, 24 * 40)])
    take_over_values(store)

    january, february = stock_value.at_ends_of(MONTHS[:2], now=BEGIN + timedelta(days=45))

    assert (january.day, january.value) == (date(2031, 1, 31), 10)
    assert (february.day, february.value) == (date(2031, 2, 15), 17)


def test_sums_that_are_kept_are_added_to_by_what_comes_and_given_up_for_newer_ones():
    store, now = Store(items=1), datetime(2031, 4, 1, tzinfo=UTC)
    store.enter([(0, 0, 2, 1, 10, 1, 1)])
    stock_roll_up.catch_up()
    take_over_values(store)
    stock_value.at_ends_of(MONTHS, now=now)

    store.enter([(0, 0, 2, 1, 5, 800, 800)])
    take_over_values(store)
    beyond = [end.value for end in stock_value.at_ends_of(MONTHS, now=now)]
    stock_roll_up.catch_up()
    summed_up = [end.value for end in stock_value.at_ends_of(MONTHS, now=now)]

    assert beyond == summed_up == [10, 15, 15]


def test_it_costs_the_same_for_much_stock():
    def cost():
        return count_queries(lambda: stock_value.at_ends_of(MONTHS, now=datetime(2031, 4, 1, tzinfo=UTC)))

    cost()
    few = cost()
    Store(items=5).enter([(item, 0, 2, 1, 1, hour, hour) for item in range(5) for hour in (1, 800, 1500)])

    assert cost() == few
