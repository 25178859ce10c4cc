"""Stock of the past on the SCMS history, against plain arithmetic over the rows of the file.

Everything came and nothing was issued, so what stood on a day is what had been delivered by then.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from reporting import stock_roll_up
from tests.scms import Delivery
from tests.stock_story import data

#: Before the first delivery, ends and middles of months, and after the last one.
_DAYS = [date(2005, 12, 31), date(2008, 2, 29), date(2010, 6, 15), date(2013, 1, 31), date(2016, 1, 1)]
_AGES = {"0-30": (0, 30), "31-90": (31, 90), "91-180": (91, 180), "181-365": (181, 365), ">365": (366, 99999)}


def check(client: Any, history: Sequence[Delivery]) -> None:
    """Compare what the API reports of each day with what the file says, before and after summing up."""
    found = [_ask(client, day) for day in _DAYS]
    for day, report in zip(_DAYS, found, strict=True):
        _check(report, day, [row for row in history if row.delivered_on <= day])

    stock_roll_up.catch_up()

    assert stock_roll_up.offences() == 0
    # Another number of days is another answer than the one that is kept.
    assert [_ask(client, day, days=181) for day in _DAYS] == found


def _ask(client: Any, day: date, **asked: Any) -> dict[str, Any]:
    report = data(client.get("/api/reports/inventory", {"as_of": day.isoformat(), **asked}))
    return {name: report[name] for name in ("totals", "by_location", "ageing", "as_of")}


def _check(report: dict[str, Any], day: date, rows: Sequence[Delivery]) -> None:
    totals = report["totals"]
    assert totals["items"] == len({row.item for row in rows})
    assert Decimal(totals["quantity"]) == sum(row.quantity for row in rows)
    assert Decimal(totals["stock_value"]) == sum(row.value for row in rows)
    places = report["by_location"]
    assert {place["location"]["name"]: Decimal(place["quantity"]) for place in places} == _sums(
        rows, lambda row: row.country
    )
    assert sum(Decimal(place["stock_value"]) for place in places) == sum(row.value for row in rows)
    ages = _sums(rows, lambda row: _age((day - row.delivered_on).days))
    assert {age["bucket"]: Decimal(age["quantity"]) for age in report["ageing"]} == {
        bucket: ages.get(bucket, 0) for bucket in _AGES
    }
    assert report["as_of"] == f"{day.isoformat()}T23:59:59.999999Z"


def _age(days: int) -> str:
    return next(bucket for bucket, (first, last) in _AGES.items() if first <= days <= last)


def _sums(rows: Sequence[Delivery], key: Callable[[Delivery], str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[key(row)] += row.quantity
    return dict(found)
