"""What came into the gate of an item and what left it, month by month, and what stood at the end of each."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from inventory.demand import Period
from inventory.models import Item, LocationKind
from ipms import site

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFlow:
    """A month, by its first day; quantities in the item's stock unit. The last one runs until now."""

    first: date
    came_in: Decimal
    went_out: Decimal
    at_end: Decimal


def of(item: Item, *, on: date, months: int = 12) -> list[MonthFlow]:
    """Return the last months up to that of `on`, the oldest first, by `occurred_at` in the site's time zone.

    Transfers are neither in nor out: the goods stay inside the gate. A reversal takes back from what it
    undoes, in its own month. The end of a month is counted back from what stands now, in the same snapshot.
    One query, which reads the item's movements of these months alone.
    """
    first = Period.MONTH.before(on.replace(day=1), periods=months - 1)
    zone = site.current().timezone
    parameters: dict[str, Any] = {
        "item": item.pk,
        "first": first,
        "zone": zone,
        "real": [str(kind) for kind in LocationKind.real()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FLOWS, parameters)
        rows = cursor.fetchall()
    stands = rows[0][3] if rows else _NOTHING
    moved = {month: (came_in, went_out) for month, came_in, went_out, _stands in rows if month}
    flows = []
    for back in range(months):
        month = Period.MONTH.before(on.replace(day=1), periods=back)
        came_in, went_out = moved.get(month, (_NOTHING, _NOTHING))
        flows.append(MonthFlow(first=month, came_in=came_in, went_out=went_out, at_end=stands))
        stands -= came_in - went_out
    return flows[::-1]


# What undoes a receipt goes out, and is less that came in; so the other way round.
_FLOWS = """
WITH outside AS MATERIALIZED (
    SELECT coalesce(array_agg(id), '{}') AS ids FROM inventory_location WHERE kind <> ALL(%(real)s)
), crossed AS (
    SELECT date_trunc('month', m.occurred_at AT TIME ZONE %(zone)s)::date AS month,
        (m.from_location_id = ANY(outside.ids)) <> (m.kind = 'reversal') AS is_in,
        CASE WHEN m.kind = 'reversal' THEN -m.quantity ELSE m.quantity END AS quantity
    FROM inventory_stockmovement m CROSS JOIN outside
    WHERE m.item_id = %(item)s AND m.occurred_at >= %(first)s::date::timestamp AT TIME ZONE %(zone)s
        AND (m.from_location_id = ANY(outside.ids)) <> (m.to_location_id = ANY(outside.ids))
), months AS (
    SELECT month, coalesce(sum(quantity) FILTER (WHERE is_in), 0) AS came_in,
        coalesce(sum(quantity) FILTER (WHERE NOT is_in), 0) AS went_out
    FROM crossed GROUP BY month
)
SELECT months.month, months.came_in, months.went_out, v.quantity
FROM inventory_itemvaluation v LEFT JOIN months ON true
WHERE v.item_id = %(item)s
"""
