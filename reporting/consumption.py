"""What was used, at what it cost, and what stood on the shelves meanwhile; from the ledger, in base currency.

*Consumption* is what was issued less what came back from it, at the average cost at which it left (IAS 2),
by `occurred_at`. A reversal takes back at the moment of the movement it undoes: that issue never was.
*Average stock value* is exact over time: what stood there, weighted by how long it did. *Turnover* is
consumption over average stock value, and *days of inventory* the length of the window over turnover (Silver,
Pyke & Thomas, *Inventory and Production Management in Supply Chains*, 4th ed., ch. 1).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from inventory.models import LocationKind
from ipms import site

# ruff: noqa: S608 - queries are put together from the constants of this module; values are parameters

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What was used of an item in a window, and what stood there on the average of its moments."""

    quantity: Decimal = _NOTHING
    value: Decimal = _NOTHING
    stock_value: Decimal = _NOTHING


def by_item(
    *,
    since: datetime,
    until: datetime,
    items: Collection[int] | None = None,
    locations: Collection[int] | None = None,
) -> dict[int, Use]:
    """Return the use of each item that ever moved (of `items`) from one moment to another, with one query.

    With `locations`, what was issued from these, and the share by quantity of the item's average value that
    stood there: one average cost holds for all units of an item, wherever they are.
    """
    parameters = {**_parameters(items, locations), "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_BY_ITEM, parameters)
        rows = cursor.fetchall()
    return {
        item: Use(quantity=quantity, value=value, stock_value=_share(worth, here, everywhere, locations))
        for item, quantity, value, worth, here, everywhere in rows
    }


def by_month(
    *,
    since: datetime,
    until: datetime,
    items: Collection[int] | None = None,
    locations: Collection[int] | None = None,
) -> Iterator[tuple[date, Decimal, int]]:
    """Yield each month (site's time zone) that has some, with the value used and the number of issues."""
    parameters = {
        **_parameters(items, locations),
        "since": since,
        "until": until,
        "zone": site.current().timezone,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_MONTH, parameters)
        yield from cursor.fetchall()


def turnover(used: Decimal, stock_value: Decimal) -> Decimal | None:
    """Return how often the average stock was used up in the window; None where there was no stock."""
    if stock_value <= 0:
        return None
    return (used / stock_value).quantize(Decimal("0.01"), ROUND_HALF_UP)


def days_of_inventory(used: Decimal, stock_value: Decimal, *, days: int) -> Decimal | None:
    """Return for how many days the average stock would have lasted; None where nothing was used."""
    if used <= 0 or stock_value < 0:
        return None
    return (stock_value * days / used).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _share(worth: Decimal, here: Decimal, everywhere: Decimal, locations: Collection[int] | None) -> Decimal:
    if locations is None:
        return worth
    return worth * here / everywhere if everywhere else _NOTHING


def _parameters(items: Collection[int] | None, locations: Collection[int] | None) -> dict[str, Any]:
    return {
        "items": None if items is None else sorted(items),
        "places": None if locations is None else sorted(locations),
        "consumption": str(LocationKind.CONSUMPTION),
        "real": [str(kind) for kind in LocationKind.real()],
    }


# Every movement with its sign: to consumption and from it, into the gate and out of it. Only a reversal asks
# for the movement it undoes.
_SIGNED = """
WITH used AS MATERIALIZED (SELECT id FROM inventory_location WHERE kind = %(consumption)s),
real AS MATERIALIZED (SELECT id FROM inventory_location WHERE kind = ANY(%(real)s)),
here AS MATERIALIZED (
    SELECT id FROM real WHERE %(places)s::bigint[] IS NULL OR id = ANY(%(places)s)
), signed AS (
    SELECT m.item_id, m.quantity, m.value, m.occurred_at, m.kind,
        CASE WHEN m.reverses_id IS NULL THEN m.occurred_at
            ELSE (SELECT occurred_at FROM inventory_stockmovement WHERE id = m.reverses_id) END AS moment,
        CASE WHEN m.to_location_id IN (SELECT id FROM used) AND m.from_location_id IN (SELECT id FROM here)
                THEN 1
            WHEN m.from_location_id IN (SELECT id FROM used) AND m.to_location_id IN (SELECT id FROM here)
                THEN -1
            ELSE 0 END AS used,
        (m.to_location_id IN (SELECT id FROM real))::int
            - (m.from_location_id IN (SELECT id FROM real))::int AS gate,
        (m.to_location_id IN (SELECT id FROM here))::int
            - (m.from_location_id IN (SELECT id FROM here))::int AS here
    FROM inventory_stockmovement m
    WHERE m.occurred_at < %(until)s AND (%(items)s::bigint[] IS NULL OR m.item_id = ANY(%(items)s))
)
"""
#: How much of the window was left when the movement happened: all of it for what came before.
_WEIGHT = """(extract(epoch FROM %(until)s::timestamptz - greatest(occurred_at, %(since)s::timestamptz))
    / extract(epoch FROM %(until)s::timestamptz - %(since)s::timestamptz))"""
_BY_ITEM = f"""{_SIGNED}
SELECT item_id,
    coalesce(sum(used * quantity) FILTER (WHERE moment >= %(since)s), 0),
    coalesce(sum(used * value) FILTER (WHERE moment >= %(since)s), 0),
    coalesce(sum(gate * value * {_WEIGHT}), 0),
    coalesce(sum(here * quantity * {_WEIGHT}), 0),
    coalesce(sum(gate * quantity * {_WEIGHT}), 0)
FROM signed
WHERE used <> 0 OR gate <> 0 OR here <> 0
GROUP BY item_id
ORDER BY item_id
"""
_BY_MONTH = f"""{_SIGNED}
SELECT date_trunc('month', moment AT TIME ZONE %(zone)s)::date AS month, sum(used * value),
    count(*) FILTER (WHERE used = 1 AND kind = 'issue')
        - count(*) FILTER (WHERE used = -1 AND kind = 'reversal')
FROM signed
WHERE used <> 0 AND moment >= %(since)s
GROUP BY month
ORDER BY month
"""
