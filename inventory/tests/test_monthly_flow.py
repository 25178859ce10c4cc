from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory import ledger, monthly_flow, stock
from inventory.models import MovementKind
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand
from inventory.tests.factories import stock as take_in
from ipms.testing.back_office import count_queries

pytestmark = pytest.mark.django_db
JUNE, JULY, AUGUST = date(2025, 6, 1), date(2025, 7, 1), date(2025, 8, 1)


def moment(month, day=10, hour=9):
    return datetime(2025, month, day, hour, tzinfo=UTC)


def flows(item, *, months=3):
    found = monthly_flow.of(item, on=date(2025, 8, 20), months=months)
    return [(flow.first, flow.came_in, flow.went_out, flow.at_end) for flow in found]


def issue(item, shelf, quantity, at):
    (movement,) = stock.remove(
        item, quantity=Decimal(quantity), location=shelf, occurred_at=at, by=UserFactory()
    )
    return movement


def test_each_month_tells_what_came_what_went_and_what_stood_at_its_end():
    bolt, shelf = ItemFactory(), LocationFactory()
    take_in(bolt, shelf, 100, occurred_at=moment(5))
    take_in(bolt, shelf, 40, occurred_at=moment(6))
    issue(bolt, shelf, 25, moment(6, day=20))
    issue(bolt, shelf, 30, moment(8))

    assert flows(bolt) == [(JUNE, 40, 25, 115), (JULY, 0, 0, 115), (AUGUST, 0, 30, 85)]


def test_a_transfer_neither_comes_in_nor_goes_out():
    bolt, shelf, cellar = ItemFactory(), LocationFactory(), LocationFactory()
    take_in(bolt, shelf, 100, occurred_at=moment(6))
    stock.transfer(
        bolt,
        quantity=Decimal(60),
        from_location=shelf,
        to_location=cellar,
        occurred_at=moment(7),
        by=UserFactory(),
    )

    assert flows(bolt)[1] == (JULY, 0, 0, 100)


def test_a_reversal_takes_back_from_what_it_undoes():
    bolt, shelf = ItemFactory(), LocationFactory()
    take_in(bolt, shelf, 100, occurred_at=moment(6))
    wrong = issue(bolt, shelf, 30, moment(8))
    ledger.reverse(wrong, by=UserFactory(), reason="Wrong pallet")

    now = timezone.localdate()
    (flow,) = monthly_flow.of(bolt, on=now, months=1)

    assert on_hand(bolt) == flow.at_end == 100
    assert (flow.came_in, flow.went_out) == (0, -30)


def test_a_month_is_that_of_the_site_and_not_of_greenwich():
    from ipms import site

    record = site.current()
    record.timezone = "Africa/Kigali"
    record.save()
    bolt, shelf = ItemFactory(), LocationFactory()
    take_in(bolt, shelf, 5, occurred_at=datetime(2025, 6, 30, 23, 30, tzinfo=UTC))

    assert flows(bolt)[:2] == [(JUNE, 0, 0, 0), (JULY, 5, 0, 5)]


def test_an_item_that_never_moved_stands_at_nothing_for_one_query():
    bolt = ItemFactory()

    assert flows(bolt, months=2) == [(JULY, 0, 0, 0), (AUGUST, 0, 0, 0)]
    assert count_queries(lambda: flows(bolt)) <= 2  # the site's time zone is the other one


def test_what_is_neither_issued_nor_received_shows_as_well():
    bolt, shelf = ItemFactory(), LocationFactory()
    take_in(bolt, shelf, 100, occurred_at=moment(6))
    stock.remove(
        bolt,
        quantity=Decimal(4),
        location=shelf,
        kind=MovementKind.SCRAP,
        occurred_at=moment(7),
        by=UserFactory(),
    )

    assert flows(bolt)[1] == (JULY, 0, 4, 96)
