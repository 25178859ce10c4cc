from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.tests.factories import UserFactory
from ipms.models import ExchangeRate, OutboxEvent
from procurement import ordering, overdue, rate_watch
from procurement.models import PurchaseOrder
from procurement.tests.factories import approved_order, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

DAY = date(2031, 3, 1)


def told(topic):
    return list(OutboxEvent.objects.filter(topic=topic).order_by("pk").values_list("payload", flat=True))


def test_an_overdue_order_is_told_once_a_week():
    late = approved_order(ordered_on=DAY - timedelta(days=9), expected_date=DAY)

    for days in (0, 1, 2, 6, 7, 9, 14):
        overdue.tell_overdue(on=DAY + timedelta(days=days))

    assert told("order.overdue") == [
        {"order": late.pk, "days_late": 1},
        {"order": late.pk, "days_late": 7},
        {"order": late.pk, "days_late": 14},
    ]


def test_a_date_that_was_put_off_counts_anew():
    late = approved_order(ordered_on=DAY - timedelta(days=9), expected_date=DAY)
    overdue.tell_overdue(on=DAY + timedelta(days=1))
    PurchaseOrder.objects.filter(pk=late.pk).update(expected_date=DAY + timedelta(days=1))

    assert overdue.tell_overdue(on=DAY + timedelta(days=1)) == 0
    assert overdue.tell_overdue(on=DAY + timedelta(days=2)) == 1


def test_only_what_the_supplier_owes_is_overdue():
    order(ordered_on=DAY - timedelta(days=9), expected_date=DAY)
    given_up = approved_order(ordered_on=DAY - timedelta(days=9), expected_date=DAY)
    ordering.cancel(given_up, by=UserFactory(admin=True), reason="Bought elsewhere")

    assert overdue.tell_overdue(on=DAY + timedelta(days=30)) == 0


def test_an_old_rate_of_a_currency_in_use_is_told_once_a_week():
    SupplierFactory(currency="EUR")
    SupplierFactory(currency="GBP")
    SupplierFactory(currency="USD")
    ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.1"), valid_from=DAY - timedelta(days=8))
    ExchangeRate.objects.create(currency="GBP", rate=Decimal("1.3"), valid_from=DAY - timedelta(days=7))
    ExchangeRate.objects.create(currency="ZAR", rate=Decimal("0.1"), valid_from=DAY - timedelta(days=90))

    assert rate_watch.tell_stale_rates(on=DAY, days=7) == ["EUR"]
    assert rate_watch.tell_stale_rates(on=DAY, days=7) == []

    assert told("rate.stale") == [{"currency": "EUR", "newest": "2031-02-21"}]


def test_a_currency_without_any_rate_is_told_too():
    order(currency="KES")

    assert rate_watch.tell_stale_rates(on=DAY, days=7) == ["KES"]

    assert told("rate.stale") == [{"currency": "KES", "newest": None}]
