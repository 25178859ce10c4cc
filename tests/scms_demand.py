"""The demand of the SCMS history, month by month, against plain sums over the rows; and how forecasts do."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from inventory import backtest, demand
from inventory.demand import Period, Source
from inventory.models import Item
from tests.scms import Delivery

#: The first of the month after the newest delivery that is whole.
_AFTER = date(2015, 9, 1)
_MONTHS = 120


def check(history: Sequence[Delivery]) -> None:
    """Compare the series of all items with the file, and their forecasts with the naive method."""
    found = demand.series(on=_AFTER, periods=_MONTHS, period=Period.MONTH, source=Source.RECEIPTS)
    names = dict(Item.objects.values_list("pk", "name"))
    by_month: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in history:
        if row.delivered_on < _AFTER:
            by_month[row.item][row.delivered_on.replace(day=1)] += row.quantity
    assert {names[pk] for pk in found} == set(by_month)
    for pk, series in found.items():
        expected = by_month[names[pk]]
        assert series.first == min(expected)
        assert {month: value for month, value in series.dated() if value} == expected
        assert Period.MONTH.before(_AFTER, periods=len(series.values)) == series.first

    _count, outcomes = backtest.run(on=_AFTER, periods=_MONTHS, period=Period.MONTH, source=Source.RECEIPTS)
    for outcome in outcomes:
        assert outcome.rmsse < outcome.naive_rmsse, outcome.kind
        assert outcome.mase < outcome.naive_mase, outcome.kind
