"""What the stock was worth as time went by: its value at the end of each month, and now.

Each value is what `reporting.stock_history` says of that moment. They are worked out back from today's, from
the sums of months alone: of the ledger itself only what is not summed up yet is read, and the hours by which
a month of the site's time zone begins before or after that of UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from ipms import site
from reporting import stock_history
from reporting.dashboard import last_day_of
from reporting.models import StockRollUp
from reporting.stock_roll_up import REAL, month_of

# ruff: noqa: S608 - queries are put together from the constants of this module; values are parameters


@dataclass(frozen=True, kw_only=True)
class ValueOn:
    """What the stock was worth at the end of a day, in base currency."""

    day: date
    value: Decimal


def at_ends_of(months: Sequence[date], *, now: datetime) -> list[ValueOn]:
    """Return the value of all stock at the end of each month, the last of them now where it is not over.

    Months are named by their first day, in order and without a gap. Two queries.
    """
    last_days = [last_day_of(month) for month in months]
    today = now.astimezone(ZoneInfo(site.current().timezone)).date()
    days = [min(day, today) for day in last_days]
    # The end of a month that is not over is now: whatever was posted counts.
    ends = [stock_history.moment(as_of=day, now=now).as_of for day in days]
    with connection.cursor() as cursor:
        cursor.execute(
            _VALUES,
            {
                "months": list(months),
                "ends": ends,
                "utc_ends": [_utc_end(day) for day in last_days],
                "first": months[0],
                "after_first": datetime.combine(last_day_of(months[0]) + timedelta(1), time.min, UTC),
                "summed_up_to": StockRollUp.objects.values_list("watermark", flat=True).first() or 0,
            },
        )
        values: dict[date, Any] = dict(cursor.fetchall())
    return [ValueOn(day=day, value=values[month]) for day, month in zip(days, months, strict=True)]


def _utc_end(day: date) -> datetime:
    return datetime.combine(day + timedelta(1), time.min, UTC) - timedelta(microseconds=1)


#: Into the gate 1, out of it -1, from place to place 0.
_GATE = f"((m.to_location_id IN ({REAL}))::int - (m.from_location_id IN ({REAL}))::int)"
#: The watermark as this very query sees it; the number that was read before helps the planner.
_MARK = "coalesce((SELECT watermark FROM reporting_stockrollup), 0)"
_VALUES = f"""
    WITH ends AS (
        SELECT * FROM unnest(%(months)s::date[], %(ends)s::timestamptz[], %(utc_ends)s::timestamptz[])
            AS e(month, moment, utc_end)
    ), moved AS (
        SELECT occurred_month AS month, sum(value) AS value FROM reporting_stockmonth
        WHERE occurred_month > %(first)s GROUP BY 1
        UNION ALL
        SELECT {month_of("m.occurred_at")}, sum({_GATE} * m.value) FROM inventory_stockmovement m
        WHERE m.id > %(summed_up_to)s AND m.id > {_MARK} AND m.occurred_at >= %(after_first)s
        GROUP BY 1
    ), between AS (
        SELECT e.month,
            sum({_GATE} * m.value * CASE WHEN m.occurred_at > e.moment THEN -1 ELSE 1 END) AS value
        FROM ends e JOIN inventory_stockmovement m
            ON m.occurred_at > least(e.moment, e.utc_end) AND m.occurred_at <= greatest(e.moment, e.utc_end)
        GROUP BY e.month
    )
    SELECT e.month,
        (SELECT coalesce(sum(value), 0) FROM inventory_itemvaluation)
        - CASE WHEN e.moment IS NULL THEN 0
            ELSE coalesce((SELECT sum(moved.value) FROM moved WHERE moved.month > e.month), 0)
                - coalesce((SELECT b.value FROM between b WHERE b.month = e.month), 0) END
    FROM ends e
"""
