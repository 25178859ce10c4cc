"""Items with a past: what came, what was issued week by week, what was paid for it."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory import ledger
from inventory.demand import Period
from inventory.ledger import Posting
from inventory.models import LocationKind, MovementKind
from inventory.stock import virtual_location
from inventory.tests.factories import ItemFactory, LocationFactory
from procurement import receiving
from procurement.tests.factories import approved_order, line


def noon(day):
    return datetime.combine(day, time(12), tzinfo=UTC)


def used_item(*weekly, left, shelf=None, **fields):
    """An item issued in these full weeks until now, the oldest first; `left` of it is left."""
    shelf = shelf or LocationFactory()
    item = ItemFactory(location=shelf, **fields)
    monday = Period.WEEK.starting(timezone.localdate())
    weeks = [monday - timedelta(weeks=number) for number in range(len(weekly), 0, -1)]
    issues = [
        Posting(
            kind=MovementKind.ISSUE,
            item=item,
            quantity=Decimal(quantity),
            from_location=shelf,
            to_location=virtual_location(LocationKind.CONSUMPTION),
            occurred_at=noon(week),
        )
        for week, quantity in zip(weeks, weekly, strict=True)
        if quantity
    ]
    came = Posting(
        kind=MovementKind.OPENING,
        item=item,
        quantity=sum((issue.quantity for issue in issues), Decimal(left)) or Decimal(1),
        from_location=virtual_location(LocationKind.OPENING),
        to_location=shelf,
        unit_cost=Decimal(4),
        occurred_at=noon(weeks[0] if weeks else monday),
    )
    ledger.post([came, *issues], by=UserFactory())
    item.refresh_from_db()
    return item


def bought(item, quantity=1, unit_price="2.50", *, days_ago=40, took=None, **how):
    """An order of an item that was approved some days ago, and received where it took some days to come."""
    ordered = timezone.localdate() - timedelta(days=days_ago)
    made = approved_order(line(item, quantity, unit_price), ordered_on=ordered, **how)
    if took is not None:
        receiving.receive(made, by=UserFactory(), occurred_at=noon(ordered + timedelta(days=took)))
    return made
