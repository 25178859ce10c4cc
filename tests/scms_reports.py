"""The reports on the SCMS history, figure by figure, against plain arithmetic over the rows of the file."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from statistics import median, stdev
from typing import Any

from tests.scms import Delivery
from tests.stock_story import data, round_half_up

ZERO = Decimal(0)


def check(client: Any, history: Sequence[Delivery]) -> None:
    """Compare what the API reports to a manager with what the file says."""
    rows = _by_order(history)
    _check_spend(data(client.get("/api/reports/purchase-orders")), rows)
    _check_selection(client, rows)
    _check_suppliers(data(client.get("/api/reports/suppliers")), rows)


def _by_order(history: Sequence[Delivery]) -> list[Delivery]:
    """Give each row the days of its order, the earliest sent and the latest promised, and a tidy supplier."""
    sent, promised = defaultdict(list), defaultdict(list)
    for row in history:
        sent[row.order].append(row.ordered_on)
        promised[row.order].append(row.expected_on)
    return [
        replace(
            row,
            ordered_on=min(sent[row.order]),
            expected_on=max(promised[row.order]),
            supplier=" ".join(row.supplier.split()),
        )
        for row in history
    ]


def _check_spend(report: dict[str, Any], rows: Sequence[Delivery]) -> None:
    total, orders = sum(row.value for row in rows), len({row.order for row in rows})
    assert _sums(report["totals"]) == (orders, total, total)
    assert _told(report["by_supplier"], _name_of("supplier")) == _expected(rows, lambda row: row.supplier)
    assert _told(report["by_location"], _name_of("location")) == _expected(rows, lambda row: row.country)
    months = _told(report["by_month"], lambda entry: entry["month"])
    assert {month: sums for month, sums in months.items() if sums[0]} == _expected(
        rows, lambda row: f"{row.ordered_on:%Y-%m}"
    )
    assert list(months) == sorted(months)
    first, last = min(row.ordered_on for row in rows), max(row.ordered_on for row in rows)
    assert len(months) == 12 * (last.year - first.year) + last.month - first.month + 1
    assert {entry["status"]: entry["orders"] for entry in report["by_status"]}["delivered"] == orders
    assert (report["overdue"], report["without_rate"]) == ([], [])
    _check_cycle_time(report["cycle_time"], rows)


def _check_cycle_time(spans: dict[str, Any], rows: Sequence[Delivery]) -> None:
    came, ordered = defaultdict(list), {}
    for row in rows:
        came[row.order].append(row.delivered_on)
        ordered[row.order] = row.ordered_on
    to_first = [(min(days) - ordered[order]).days for order, days in came.items()]
    to_last = [(max(days) - ordered[order]).days for order, days in came.items()]
    first_to_last = [(max(days) - min(days)).days for days in came.values()]
    nothing = {"orders": 0, "median_days": None, "mean_days": None}
    assert spans["ordered_to_approved"] == spans["approved_to_first_receipt"] == nothing
    for name, days in (
        ("ordered_to_first_receipt", to_first),
        ("first_receipt_to_delivered", first_to_last),
        ("ordered_to_delivered", to_last),
    ):
        span = spans[name]
        assert span["orders"] == len(days)
        assert Decimal(span["median_days"]) == Decimal(median(days))
        assert Decimal(span["mean_days"]) == round_half_up(_mean(map(Decimal, days)), Decimal("0.01"))


def _check_selection(client: Any, rows: Sequence[Delivery]) -> None:
    """One supplier, one year: what is asked for and no more."""
    year = [row for row in rows if row.ordered_on.year == 2012]
    mine = [row for row in year if row.supplier == "Aurobindo Pharma Limited"]
    asked = {"date_from": "2012-01-01", "date_to": "2012-12-31", "supplier": "AUROBINDO-PHARMA-LIMITED"}
    report = data(client.get("/api/reports/purchase-orders", asked))
    assert report["totals"]["orders"] == len({row.order for row in mine})
    assert _told(report["by_location"], _name_of("location")) == _expected(mine, lambda row: row.country)
    (figures,) = data(client.get("/api/reports/suppliers", asked))["suppliers"]
    assert Decimal(figures["price_variance"]) == _price_variance(mine, rows)


def _check_suppliers(report: dict[str, Any], rows: Sequence[Delivery]) -> None:
    told = {figures["supplier"]["name"]: figures for figures in report["suppliers"]}
    by_supplier = defaultdict(list)
    for row in rows:
        by_supplier[row.supplier].append(row)
    assert set(told) == set(by_supplier)
    for supplier, mine in by_supplier.items():
        figures, days = told[supplier], [Decimal((row.delivered_on - row.ordered_on).days) for row in mine]
        assert figures["orders"] == len({row.order for row in mine})
        assert Decimal(figures["spend"]) == sum(row.value for row in mine)
        on_time = _mean(Decimal(row.delivered_on <= row.expected_on) for row in mine)
        assert Decimal(figures["on_time_rate"]) == round_half_up(on_time, Decimal("0.0001"))
        assert Decimal(figures["average_lead_time_days"]) == round_half_up(_mean(days), Decimal("0.01"))
        assert figures["fill_rate"] == "1"
        assert _decimal(figures["lead_time_reliability"]) == _reliability(days)
        assert _decimal(figures["price_variance"]) == _price_variance(mine, rows), supplier
    scores = [Decimal(figures["score"]) for figures in report["suppliers"]]
    assert scores == sorted(scores, reverse=True)


def _reliability(days: Sequence[Decimal]) -> Decimal | None:
    if len(days) < 2 or _mean(days) <= 0:
        return None
    return round_half_up(min(max(1 - stdev(days) / _mean(days), ZERO), Decimal(1)), Decimal("0.0001"))


def _price_variance(mine: Iterable[Delivery], rows: Iterable[Delivery]) -> Decimal | None:
    of_item = defaultdict(list)
    for row in rows:
        of_item[row.item].append((row.ordered_on, row.quantity, _cost(row)))
    paid = usual = ZERO
    with localcontext(prec=60):
        for row in mine:
            since, until = _a_year_before(row.ordered_on), row.ordered_on - timedelta(1)
            before = [(quantity, cost) for on, quantity, cost in of_item[row.item] if since <= on <= until]
            if worth := sum(cost for _quantity, cost in before):
                paid += _cost(row)
                usual += row.quantity * worth / sum(quantity for quantity, _cost_of_it in before)
        return round_half_up((paid - usual) / usual, Decimal("0.0001")) if usual else None


def _cost(row: Delivery) -> Decimal:
    """What a line costs at its price of one pack, which has eight decimals."""
    with localcontext(prec=60):
        return row.quantity * (row.value / row.quantity).quantize(Decimal("1e-8"), ROUND_HALF_UP)


def _a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _expected(
    rows: Iterable[Delivery], key: Callable[[Delivery], str]
) -> dict[str, tuple[int, Decimal, Decimal]]:
    orders, value = defaultdict(set), defaultdict(Decimal)
    for row in rows:
        orders[key(row)].add(row.order)
        value[key(row)] += row.value
    return {name: (len(orders[name]), value[name], value[name]) for name in orders}


def _told(entries: Iterable[dict[str, Any]], key: Callable[[dict[str, Any]], str]) -> dict[str, Any]:
    return {key(entry): _sums(entry) for entry in entries}


def _sums(entry: dict[str, Any]) -> tuple[int, Decimal, Decimal]:
    return entry["orders"], Decimal(entry["amount"]), Decimal(entry["spend"])


def _name_of(record: str) -> Callable[[dict[str, Any]], str]:
    return lambda entry: entry[record]["name"]


def _mean(values: Iterable[Decimal]) -> Decimal:
    values = list(values)
    return sum(values, ZERO) / len(values)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
