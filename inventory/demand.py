"""What was asked of the stores: the demand of each item, week by week or month by month, from the ledger."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from inventory.models import LocationKind
from ipms import site

_NOTHING = Decimal(0)


class Period(models.TextChoices):
    """What demand is counted by: weeks from Monday (ISO 8601), or months of the calendar."""

    WEEK = "week", _("Week")
    MONTH = "month", _("Month")

    @property
    def days(self) -> Decimal:
        """Return the mean length in days: 7, or a twelfth of the mean Gregorian year."""
        return Decimal(7) if self is Period.WEEK else Decimal("30.436875")

    def starting(self, day: date) -> date:
        """Return the first day of the period that `day` is in."""
        return day - timedelta(days=day.weekday()) if self is Period.WEEK else day.replace(day=1)

    def before(self, first: date, *, periods: int) -> date:
        """Return the first day of the period so many before the one that starts with `first`."""
        if self is Period.WEEK:
            return first - timedelta(weeks=periods)
        months = first.year * 12 + first.month - 1 - periods
        return date(months // 12, months % 12 + 1, 1)


class Source(models.TextChoices):
    """What counts as demand.

    Consumption is what was issued. Deliveries are none; but where stock only comes in, as in an imported
    history of orders, they are all there is to tell what was needed.
    """

    CONSUMPTION = "consumption", _("Issues")
    RECEIPTS = "receipts", _("Deliveries")

    @property
    def counterpart(self) -> LocationKind:
        """Return the virtual location that the goods went to, or came from."""
        return LocationKind.CONSUMPTION if self is Source.CONSUMPTION else LocationKind.SUPPLIER


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The demand of an item for consecutive periods, the oldest first, in its stock unit; none below zero."""

    item_id: int
    period: Period
    first: date  # day that the first period starts with
    values: list[Decimal]

    def dated(self) -> Iterator[tuple[date, Decimal]]:
        """Yield each period's first day with its demand."""
        for number, value in enumerate(self.values):
            yield self.period.before(self.first, periods=-number), value


def series(
    *,
    on: date,
    periods: int,
    items: Collection[int] | None = None,
    locations: Collection[int] | None = None,
    period: Period = Period.WEEK,
    source: Source = Source.CONSUMPTION,
) -> dict[int, Series]:
    """Return the demand of items (all where none are named) in the last full periods before `on`'s.

    Demand is what was issued to consumption less what came back from it, by `occurred_at` in the site's time
    zone. A reversal takes back in the period of the movement that it undoes: that issue never was. Where
    more came back in a period than went out, the rest is taken off the periods before it. Adjustments, scrap
    and transfers are no demand. What was asked for and could not be issued is not in the ledger.

    A series starts with the period of the item's first movement, of whatever kind, or `periods` ago where
    that is later, and is filled with zeros. An item without a movement before `on`'s period has none.
    `locations` keeps what was issued from (received at) these alone. Two queries for any number of items.
    """
    end = period.starting(on)
    begin = period.before(end, periods=periods)
    place = {period.before(begin, periods=-number): number for number in range(periods)}
    found: dict[int, Series] = {}
    for item_id, first, days, quantities in _rows(
        begin, end, items=items, locations=locations, period=period, source=source
    ):
        start = max(period.starting(first), begin)
        skipped = place[start]
        values = [_NOTHING] * (periods - skipped)
        for day, quantity in zip(days, quantities, strict=True):
            values[place[day] - skipped] = quantity
        found[item_id] = Series(item_id=item_id, period=period, first=start, values=_settled(values))
    return found


def _settled(values: list[Decimal]) -> list[Decimal]:
    """Take a period's surplus of returns off the demand before it; what is left at the start is dropped."""
    surplus = _NOTHING
    for number in range(len(values) - 1, -1, -1):
        if surplus or values[number] < 0:
            net = values[number] - surplus
            values[number], surplus = max(net, _NOTHING), max(-net, _NOTHING)
    return values


def _rows(
    begin: date,
    end: date,
    *,
    items: Collection[int] | None,
    locations: Collection[int] | None,
    period: Period,
    source: Source,
) -> Iterator[tuple[int, date, list[date], list[Decimal]]]:
    """Yield each item with the day of its first movement, and where demand is not zero, period and demand."""
    sign = 1 if source is Source.CONSUMPTION else -1
    parameters: dict[str, Any] = {
        "zone": site.current().timezone,
        "begin": begin,
        "end": end,
        "period": str(period),
        "items": None if items is None else sorted(items),
        "places": None if locations is None else sorted(locations),
        "kind": str(source.counterpart),
        "sign": sign,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DEMAND, parameters)
        yield from cursor.fetchall()


# The moments of the window are computed once, so that the index on occurred_at serves; what undoes an older
# movement is found by its own date and counted at the other's. Sums travel as arrays: one row for each item
# in place of a hundred.
_DEMAND = """
WITH outside AS MATERIALIZED (
    SELECT id FROM inventory_location WHERE kind = %(kind)s
), span AS MATERIALIZED (
    SELECT %(begin)s::date::timestamp AT TIME ZONE %(zone)s AS begins,
        %(end)s::date::timestamp AT TIME ZONE %(zone)s AS ends
), began AS (
    SELECT item_id, min(occurred_at) AS first
    FROM inventory_stockmovement
    WHERE occurred_at < (SELECT ends FROM span) AND (%(items)s::bigint[] IS NULL OR item_id = ANY(%(items)s))
    GROUP BY item_id
), moved AS (
    SELECT m.item_id, coalesce(o.occurred_at, m.occurred_at) AS moment,
        CASE WHEN m.to_location_id = (SELECT id FROM outside) THEN m.quantity ELSE -m.quantity END
            * %(sign)s AS quantity
    FROM inventory_stockmovement m LEFT JOIN inventory_stockmovement o ON o.id = m.reverses_id
    WHERE m.occurred_at >= (SELECT begins FROM span)
        AND ((m.to_location_id = (SELECT id FROM outside)
                AND (%(places)s::bigint[] IS NULL OR m.from_location_id = ANY(%(places)s)))
            OR (m.from_location_id = (SELECT id FROM outside)
                AND (%(places)s::bigint[] IS NULL OR m.to_location_id = ANY(%(places)s))))
        AND (%(items)s::bigint[] IS NULL OR m.item_id = ANY(%(items)s))
), summed AS (
    SELECT item_id, date_trunc(%(period)s, moment AT TIME ZONE %(zone)s)::date AS starts,
        sum(quantity) AS quantity
    FROM moved
    WHERE moment >= (SELECT begins FROM span) AND moment < (SELECT ends FROM span)
    GROUP BY 1, 2
    HAVING sum(quantity) <> 0
), gathered AS (
    SELECT item_id, array_agg(starts) AS starts, array_agg(quantity) AS quantities
    FROM summed GROUP BY item_id
)
SELECT b.item_id, (b.first AT TIME ZONE %(zone)s)::date, coalesce(g.starts, '{}'),
    coalesce(g.quantities, '{}')
FROM began b LEFT JOIN gathered g ON g.item_id = b.item_id
ORDER BY b.item_id
"""
