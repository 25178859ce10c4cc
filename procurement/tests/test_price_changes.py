"""What an order asks against what was paid last."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory
from ipms.models import ExchangeRate
from procurement import ordering, price_changes
from procurement.tests.factories import line, order
from procurement.tests.shelves import bought

pytestmark = pytest.mark.django_db


def only(made, **how):
    ((comparison,),) = price_changes.compare([made], **how).values()
    return comparison


def test_a_price_is_compared_with_the_newest_one_that_was_committed_to():
    bolt = ItemFactory()
    bought(bolt, unit_price="1.50", days_ago=60)
    last = bought(bolt, unit_price="2.00", days_ago=10)
    order(line(bolt, unit_price=9))  # only asked for

    found = only(order(line(bolt, unit_price="2.25")))

    assert (found.price, found.paid, found.rise) == (Decimal("2.25"), Decimal(2), Decimal("12.5"))
    assert (found.paid_order, found.paid_on) == (last.po_number, last.ordered_on)


def test_prices_are_compared_in_base_currency_at_the_rate_that_was_frozen():
    bolt = ItemFactory()
    bought(bolt, unit_price=10, currency="EUR", exchange_rate="1.10")
    ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.21"), valid_from="2020-01-01")

    found = only(order(line(bolt, unit_price=10), currency="EUR"))

    assert (found.paid, found.price, found.rise) == (Decimal(11), Decimal("12.1"), Decimal(10))


@pytest.mark.parametrize(
    ("paid", "asked", "rise"),
    [
        pytest.param("4.00", "3.00", Decimal(-25), id="cheaper"),
        pytest.param("3.00", "3.00", Decimal(0), id="the same"),
        pytest.param("0", "3.00", None, id="it was free"),
        pytest.param(None, "3.00", None, id="never bought"),
    ],
)
def test_the_rise_is_in_percent_of_what_was_paid(paid, asked, rise):
    bolt = ItemFactory()
    if paid is not None:
        bought(bolt, unit_price=paid)

    assert only(order(line(bolt, unit_price=asked))).rise == rise


def test_without_a_rate_there_is_nothing_to_compare():
    bolt = ItemFactory()
    bought(bolt)

    found = only(order(line(bolt), currency="EUR"))

    assert (found.price, found.rise) == (None, None)


def test_an_approved_order_is_compared_with_what_was_paid_before_it():
    bolt = ItemFactory()
    bought(bolt, unit_price=2, days_ago=30)
    made = bought(bolt, unit_price=3, days_ago=20)
    bought(bolt, unit_price=5, days_ago=10)

    assert only(made, before=made).paid == 2


def test_the_highest_rise_comes_first_and_the_rest_is_counted():
    items = ItemFactory.create_batch(3)
    for item in items:
        bought(item, unit_price=10)
    bolt, nut, pin = items
    made = order(line(bolt, unit_price=11), line(nut, unit_price=15), line(pin, unit_price=9))

    (found,) = price_changes.compare([made], most=2).values()

    assert [(comparison.item_id, comparison.line_count) for comparison in found] == [
        (nut.pk, 3),
        (bolt.pk, 3),
    ]


def test_many_orders_are_compared_with_one_query(django_assert_num_queries):
    bolt = ItemFactory()
    bought(bolt)
    made = [order(line(bolt), line()) for _number in range(5)]

    with django_assert_num_queries(1):
        found = price_changes.compare(made)

    assert [len(lines) for lines in found.values()] == [2] * 5


def test_a_cancelled_order_says_nothing_of_prices():
    bolt, manager = ItemFactory(), UserFactory(admin=True)
    bought(bolt, unit_price=2, days_ago=10)
    given_up = bought(bolt, unit_price=9, days_ago=1)
    ordering.cancel(given_up, by=manager, reason="Too dear")

    assert only(order(line(bolt))).paid == 2
    assert given_up.ordered_on > timezone.localdate() - timedelta(days=10)
