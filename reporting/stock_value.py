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

from django.core.cache import cache
from django.db import connection

from ipms import site
from reporting import stock_history
from reporting.dashboard import last_day_of
from reporting.models import StockRollUp
from reporting.stock_roll_up import REAL, month_of

# ruff: noqa: S608 - queries are put together from the constants of this module; values are parameters

_KEPT_SECONDS = 15 * 60


@dataclass(frozen=True, kw_only=True)
class ValueOn:
    """What the stock was worth at the end of a day, in base currency."""

    day: date
    value: Decimal


def at_ends_of(months: Sequence[date], *, now: datetime) -> list[ValueOn]:
    """Return the value of all stock at the end of each month, the last of them now where it is not over.

    Months are named by their first day, in order and without a gap. Two queries, and one more where the
    ledger has been summed up since the last time.
    """
    last_days = [last_day_of(month) for month in months]
    today = now.astimezone(ZoneInfo(site.current().timezone)).date()
    days = [min(day, today) for day in last_days]
    # The end of a month that is not over is now: whatever was posted counts.
    ends = [stock_history.moment(as_of=day, now=now).as_of for day in days]
    summed_up_to, sums = _sums_of_months()
    with connection.cursor() as cursor:
        cursor.execute(
            _VALUES,
            {
                "months": list(months),
                "ends": ends,
                "utc_ends": [_utc_end(day) for day in last_days],
                "after_first": datetime.combine(last_days[0] + timedelta(1), time.min, UTC),
                "summed_up_to": summed_up_to,
                "summed_months": [*sums],
                "sums": [*sums.values()],
            },
        )
        values: dict[date, Any] = dict(cursor.fetchall())
    return [ValueOn(day=day, value=values[month]) for day, month in zip(days, months, strict=True)]


def _sums_of_months() -> tuple[int, dict[date, Decimal]]:
    """Return how far the ledger is summed up, and what the movements up to there brought in each month.

    These sums stay true: what comes later is beyond. They are worked out once for each time the ledger is
    summed up, and anew after some minutes, since sums that differed from the ledger are mended in place.
    """
    mark = StockRollUp.objects.values_list("watermark", flat=True).first() or 0
    key = f"stock-value.sums.{mark}"
    kept: tuple[int, dict[date, Decimal]] | None = cache.get(key)
    if kept is None:
        with connection.cursor() as cursor:
            cursor.execute(_SUMS)
            rows = cursor.fetchall()
        # The mark as this very query saw it.
        kept = (rows[0][0], {month: value for _mark, month, value in rows}) if rows else (0, {})
        cache.set(key, kept, _KEPT_SECONDS)
    return kept


def _utc_end(day: date) -> datetime:
    return datetime.combine(day + timedelta(1), time.min, UTC) - timedelta(microseconds=1)


#: Into the gate 1, out of it -1, from place to place 0.
_GATE = f"((m.to_location_id IN ({REAL}))::int - (m.from_location_id IN ({REAL}))::int)"
_SUMS = """
    SELECT (SELECT watermark FROM reporting_stockrollup), occurred_month, sum(value)
    FROM reporting_stockmonth GROUP BY occurred_month
"""
_VALUES = f"""
    WITH ends AS (
        SELECT * FROM unnest(%(months)s::date[], %(ends)s::timestamptz[], %(utc_ends)s::timestamptz[])
            AS e(month, moment, utc_end)
    ), moved AS (
        SELECT * FROM unnest(%(summed_months)s::date[], %(sums)s::numeric[]) AS s(month, value)
        UNION ALL
        SELECT {month_of("m.occurred_at")}, sum({_GATE} * m.value) FROM inventory_stockmovement m
        WHERE m.id > %(summed_up_to)s AND m.occurred_at >= %(after_first)s
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
