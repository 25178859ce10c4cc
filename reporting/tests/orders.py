"""Orders of some day, and what came of them when."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from unittest import mock

from accounts.tests.factories import UserFactory
from procurement import receiving
from procurement.receiving import Arrival
from procurement.tests.factories import approved_order, line


def day(text):
    return date.fromisoformat(text)


def noon(text):
    return datetime.combine(day(text), time(12), UTC)


def ordered(on, *lines, expected=None, approved=None, **fields):
    """Make an approved order: placed on one day, approved on another (else today), expected on a third."""
    fields |= {"ordered_on": day(on), "expected_date": day(expected) if expected else None}
    if approved is None:
        return approved_order(*lines, **fields)
    # Once approved, an order stands: its moment has to be right at once.
    with mock.patch("django.utils.timezone.now", return_value=noon(approved)):
        return approved_order(*lines, **fields)


def received(order, on, *quantities):
    """Receive of each line so much, or all that is outstanding, at noon of a day."""
    arrivals = [
        Arrival(line_id=part.pk, quantity=Decimal(quantity))
        for part, quantity in zip(order.lines.order_by("number"), quantities, strict=False)
        if quantity
    ]
    return receiving.receive(order, by=UserFactory(), arrivals=arrivals or None, occurred_at=noon(on))


def bought(on, supplier, item, *, quantity=10, unit_price=2, **fields):
    """An approved order of one line."""
    wanted = line(item, quantity=quantity, unit_price=unit_price)
    return ordered(on, wanted, supplier=supplier, **fields)
