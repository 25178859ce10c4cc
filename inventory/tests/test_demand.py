"""Demand as the ledger tells it: what was issued, less what came back, in the period it was asked for."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from inventory import demand, ledger, stock
from inventory.demand import Period, Source
from inventory.ledger import Posting
from inventory.models import LocationKind, MovementKind
from inventory.stock import virtual_location
from inventory.tests.factories import ItemFactory, LocationFactory
from inventory.tests.factories import stock as receive
from ipms import site

pytestmark = pytest.mark.django_db

#: A Monday; the last full week before is that of 1 July 2024.
TODAY = date(2024, 7, 8)


def at(day, hour=12):
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00").replace(tzinfo=UTC)


def issue(item, shelf, quantity, day, hour=12, **how):
    (movement,) = stock.remove(
        item,
        quantity=Decimal(quantity),
        location=shelf,
        by=UserFactory(),
        occurred_at=at(day, hour),
        **how,
    )
    return movement


def bring_back(item, shelf, quantity, day):
    back = Posting(
        kind=MovementKind.RETURN,
        item=item,
        quantity=Decimal(quantity),
        from_location=virtual_location(LocationKind.CONSUMPTION),
        to_location=shelf,
        occurred_at=at(day),
    )
    ledger.post([back], by=UserFactory())


def values(item, **how):
    how = {"on": TODAY, "periods": 4, **how}
    found = demand.series(**how).get(item.pk)
    return found and [int(value) for value in found.values]


@pytest.fixture
def shelf():
    return LocationFactory()


@pytest.fixture
def bolt(shelf):
    """A bolt that came in the week of 10 June: four full weeks ago."""
    item = ItemFactory()
    receive(item, shelf, 500, occurred_at=at("2024-06-12"))
    return item


def test_weeks_without_an_issue_are_zeros_and_the_running_week_does_not_count(bolt, shelf):
    issue(bolt, shelf, 5, "2024-06-17")
    issue(bolt, shelf, 3, "2024-06-23")
    issue(bolt, shelf, 2, "2024-07-07")
    issue(bolt, shelf, 9, "2024-07-08")

    assert values(bolt) == [0, 8, 0, 2]


def test_a_series_begins_with_the_first_movement_of_whatever_kind(bolt, shelf):
    issue(bolt, shelf, 2, "2024-07-02")

    found = demand.series(on=TODAY, periods=104)[bolt.pk]

    assert found.first == date(2024, 6, 10)
    assert [(str(day), int(value)) for day, value in found.dated()][-1] == ("2024-07-01", 2)
    assert len(found.values) == 4


def test_an_item_that_came_this_week_has_no_full_week_yet(shelf):
    nut = ItemFactory()
    receive(nut, shelf, 5, occurred_at=at("2024-07-08"))

    assert values(nut) is None


def test_what_is_older_than_the_window_is_left_out(bolt, shelf):
    issue(bolt, shelf, 5, "2024-06-23")
    issue(bolt, shelf, 6, "2024-06-24")

    assert values(bolt, periods=2) == [6, 0]


def test_a_reversed_issue_never_was(bolt, shelf):
    mistake = issue(bolt, shelf, 50, "2024-06-18")
    issue(bolt, shelf, 4, "2024-06-25")
    ledger.reverse(mistake, by=UserFactory(manager=True), reason="Wrong item")

    assert values(bolt) == [0, 0, 4, 0]


def test_what_comes_back_is_taken_off_its_week_and_then_off_those_before(bolt, shelf):
    issue(bolt, shelf, 10, "2024-06-18")
    issue(bolt, shelf, 4, "2024-06-25")
    bring_back(bolt, shelf, 7, "2024-07-02")

    assert values(bolt) == [0, 7, 0, 0]


def test_scrap_transfers_and_counts_are_no_demand(bolt, shelf):
    issue(bolt, shelf, 1, "2024-06-18", kind=MovementKind.SCRAP)
    stock.transfer(
        bolt,
        quantity=Decimal(5),
        from_location=shelf,
        to_location=LocationFactory(),
        by=UserFactory(),
        occurred_at=at("2024-06-18"),
    )
    stock.adjust(
        bolt,
        counted=Decimal(400),
        location=shelf,
        reason="Count",
        by=UserFactory(),
        occurred_at=at("2024-06-19"),
    )

    assert values(bolt) == [0, 0, 0, 0]


def test_the_day_is_that_of_the_site(bolt, shelf):
    record = site.current()
    record.timezone = "Africa/Kigali"
    record.save()
    issue(bolt, shelf, 3, "2024-06-23", hour=22)  # Monday, midnight, in Kigali

    assert values(bolt) == [0, 0, 3, 0]


def test_months_are_those_of_the_calendar(bolt, shelf):
    issue(bolt, shelf, 5, "2024-06-30")
    issue(bolt, shelf, 9, "2024-07-01")

    assert values(bolt, period=Period.MONTH, periods=3) == [5]
    assert values(bolt, period=Period.MONTH, periods=3, on=date(2024, 8, 1)) == [5, 9]


def test_only_what_left_the_named_places_is_counted(bolt, shelf):
    annex = LocationFactory()
    receive(bolt, annex, 10, occurred_at=at("2024-06-12"))
    issue(bolt, shelf, 5, "2024-06-18")
    issue(bolt, annex, 3, "2024-06-18")

    assert values(bolt, locations=[annex.pk]) == [0, 3, 0, 0]


def test_deliveries_stand_for_demand_when_that_is_asked_for(bolt, shelf):
    receive(bolt, shelf, 20, occurred_at=at("2024-06-25"))
    issue(bolt, shelf, 5, "2024-06-25")

    assert values(bolt, source=Source.RECEIPTS) == [500, 0, 20, 0]


def test_quantities_stay_exact(shelf):
    oil = ItemFactory(unit_id="LTR")
    receive(oil, shelf, 10, occurred_at=at("2024-06-12"))
    issue(oil, shelf, "0.1", "2024-06-18")
    issue(oil, shelf, "0.2003", "2024-06-18")

    assert demand.series(on=TODAY, periods=4)[oil.pk].values[1] == Decimal("0.3003")


@pytest.mark.parametrize("count", [1, 6])
def test_any_number_of_items_costs_two_queries(shelf, count):
    goods = [ItemFactory() for _number in range(count)]
    for item in goods:
        receive(item, shelf, 5, occurred_at=at("2024-06-12"))
        issue(item, shelf, 1, "2024-06-18")
    site.current()

    with CaptureQueriesContext(connection) as queries:
        found = demand.series(on=TODAY, periods=52, items=[item.pk for item in goods])

    assert len(found) == count
    assert len(queries) == 2
