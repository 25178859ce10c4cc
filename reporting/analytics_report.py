"""Where use and spend are heading, what matters, what turns over, what to expect, and what to order.

Definitions stand where the figures come from: `reporting.consumption` (use, average stock, turnover),
`inventory.abc_xyz`, `inventory.demand` and `inventory.forecasting`, `procurement.replenishment`. Values are
in base currency. ABC and turnover are of the last 365 days, XYZ of the last twelve full months, forecasts of
the last 104 full weeks. Spend is the total with tax of orders that are approved, partially delivered or
delivered, by the day they were placed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DecimalField, F, Sum
from django.db.models.functions import Coalesce, TruncMonth

from inventory import abc_xyz, demand
from inventory.abc_xyz import Importance
from inventory.demand import Period
from inventory.forecasting import Accuracy, Regularity, kinds
from inventory.models import Category, Item, Location, StockBalance
from ipms import money, site, trees
from procurement import reasons, replenishment
from procurement.models import PurchaseOrder, PurchaseOrderLine
from procurement.models.orders import COMMITTED
from procurement.replenishment import Suggestion
from reporting import consumption
from reporting.consumption import Use
from reporting.references import Reference
from suppliers.models import Supplier

#: Days that ABC and turnover look back, full months that XYZ does.
DAYS, MONTHS_OF_XYZ = 365, 12
#: With fewer full months nothing can be said of regularity.
_FEWEST_MONTHS = 3
_NOTHING, _UNUSED = Decimal(0), Use()


@dataclass(frozen=True, slots=True)
class ItemReference:
    """An item as the report names it."""

    id: int
    sku: str
    name: str
    unit: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class _Scope:
    """What the report is about: keys of items and places, None for all."""

    items: Collection[int] | None
    places: Collection[int] | None
    category: Category | None
    supplier: Supplier | None


def build(
    *,
    at: datetime,
    category: Category | None = None,
    location: Location | None = None,
    supplier: Supplier | None = None,
    months: int = 12,
    top: int = 20,
) -> dict[str, Any]:
    """Return the report as of a moment that is now.

    Of a category or location, each with all below it, and of what was ever ordered from a supplier, if these
    are given. `months` is the length of the trends, this month included; lists of items hold the `top` ones.
    The number of queries does not grow with items, movements or orders.
    """
    here = site.current()
    zone, currency = ZoneInfo(here.timezone), here.base_currency
    today = at.astimezone(zone).date()
    scope = _scope(category, location, supplier)
    first = Period.MONTH.before(Period.MONTH.starting(today), periods=months - 1)
    begin = datetime.combine(first, time.min, zone)
    used = consumption.by_item(
        since=at - timedelta(days=DAYS), until=at, items=scope.items, locations=scope.places
    )
    goods = _goods(scope)
    outlook = replenishment.outlook(on=today, items=scope.items)
    report = {
        "consumption_trend": _consumption_trend(scope, first, begin, at, months),
        "spend_trend": _spend_trend(scope, first, months),
        "abc_xyz": _abc_xyz(scope, goods, used, today, top),
        "turnover": _turnover(goods, used, top),
        "forecast": _forecasts(outlook, used, top),
        "reorder_suggestions": _suggestions(outlook, top),
        "currency": currency,
    }
    _round(report, currency)
    return {**report, "as_of": at}


def _scope(category: Category | None, location: Location | None, supplier: Supplier | None) -> _Scope:
    places = trees.subtree_ids(Location, (location.pk,)) if location else None
    if category is None and supplier is None and places is None:
        return _Scope(items=None, places=None, category=None, supplier=None)
    items = Item.objects.all()
    if category is not None:
        items = items.filter(category__in=trees.subtree_ids(Category, (category.pk,)))
    if supplier is not None:
        lines = PurchaseOrderLine.objects.filter(order__supplier=supplier, order__status__in=COMMITTED)
        items = items.filter(pk__in=lines.order_by().values("item"))
    if places is not None:
        items = items.filter(
            pk__in=StockBalance.objects.filter(location__in=places).order_by().values("item")
        )
    keys = list(items.order_by().values_list("pk", flat=True))
    return _Scope(items=keys, places=places, category=category, supplier=supplier)


@dataclass(frozen=True, slots=True)
class _Good:
    reference: ItemReference
    category: Reference | None
    is_active: bool


def _goods(scope: _Scope) -> dict[int, _Good]:
    """Return the items that the report may name, by key."""
    items = Item.objects.order_by("sku")
    if scope.items is not None:
        items = items.filter(pk__in=scope.items)
    rows = items.values_list(
        "pk", "sku", "name", "unit_id", "is_active", "category_id", "category__slug", "category__name"
    )
    categories: dict[int, Reference] = {}
    found = {}
    for pk, sku, name, unit, is_active, category, slug, title in rows:
        if category is not None and category not in categories:
            categories[category] = Reference(category, slug, title)
        found[pk] = _Good(ItemReference(pk, sku, name, str(unit)), categories.get(category), is_active)
    return found


def _consumption_trend(
    scope: _Scope, first: date, begin: datetime, at: datetime, months: int
) -> list[dict[str, Any]]:
    """Value used and number of issues by month, without a gap."""
    rows = consumption.by_month(since=begin, until=at, items=scope.items, locations=scope.places)
    found = {month: {"value": value, "issues": issues} for month, value, issues in rows}
    nothing = {"value": _NOTHING, "issues": 0}
    return [{"month": month, **found.get(month, nothing)} for month in _months(first, months)]


def _spend_trend(scope: _Scope, first: date, months: int) -> list[dict[str, Any]]:
    """Spend by the month of the order, without a gap.

    Of a category it is that of its lines, at the rate of their order: there each line is converted by itself.
    """
    orders = PurchaseOrder.objects.order_by().filter(status__in=COMMITTED, ordered_on__gte=first)
    if scope.supplier is not None:
        orders = orders.filter(supplier=scope.supplier)
    if scope.places is not None:
        orders = orders.filter(deliver_to__in=scope.places)
    if scope.category is None:
        rows: Iterable[Mapping[str, Any]] = orders.values(month=TruncMonth("ordered_on")).annotate(
            amount=Sum("total_base", default=_NOTHING), orders=Count("pk")
        )
    else:
        lines = PurchaseOrderLine.objects.order_by().filter(order__in=orders, item__in=scope.items or ())
        amount = (F("line_total") + F("tax_amount")) * F("order__exchange_rate")
        rows = lines.values(month=TruncMonth("order__ordered_on")).annotate(
            amount=Coalesce(Sum(amount, output_field=DecimalField()), _NOTHING, output_field=DecimalField()),
            orders=Count("order", distinct=True),
        )
    found = {row["month"]: {"amount": row["amount"], "orders": row["orders"]} for row in rows}
    nothing = {"amount": _NOTHING, "orders": 0}
    return [{"month": month, **found.get(month, nothing)} for month in _months(first, months)]


def _abc_xyz(
    scope: _Scope, goods: Mapping[int, _Good], used: Mapping[int, Use], today: date, top: int
) -> dict[str, Any]:
    """ABC by the value used, XYZ by the variation of monthly demand, and how many items are in both."""
    asked = demand.series(
        on=today,
        periods=MONTHS_OF_XYZ,
        items=scope.items,
        locations=scope.places,
        period=Period.MONTH,
    )
    values = {
        pk: used.get(pk, _UNUSED).value
        for pk, good in goods.items()
        if good.is_active or used.get(pk, _UNUSED).value > 0
    }
    matrix: dict[tuple[str, str], dict[str, Any]] = {
        (importance, regularity): {"abc": importance, "xyz": regularity, "items": 0, "value": _NOTHING}
        for importance in Importance
        for regularity in Regularity
    }
    rows: list[dict[str, Any]] = []
    for ranked in abc_xyz.ranked(values):
        months = [float(value) for value in asked[ranked.key].values] if ranked.key in asked else []
        is_known = len(months) >= _FEWEST_MONTHS
        variation = kinds.variation(months) if is_known else None
        regularity = kinds.regularity_of(months) if is_known else Regularity.Z
        cell = matrix[ranked.importance, regularity]
        cell["items"] += 1
        cell["value"] += ranked.value
        if len(rows) < top and ranked.value:
            rows.append(
                {
                    "item": goods[ranked.key].reference,
                    "abc": ranked.importance,
                    "xyz": regularity,
                    "value": ranked.value,
                    "share": ranked.share,
                    "cumulative_share": ranked.cumulative_share,
                    "variation": _figure(variation),
                }
            )
    return {
        "days": DAYS,
        "total_items": len(values),
        "total_value": sum((cell["value"] for cell in matrix.values()), _NOTHING),
        "matrix": [*matrix.values()],
        "items": rows,
    }


def _turnover(goods: Mapping[int, _Good], used: Mapping[int, Use], top: int) -> dict[str, Any]:
    """How often stock turns over: in all, by category, and of the items with the most value on the shelf."""
    sums: dict[Reference | None, list[Decimal]] = defaultdict(lambda: [_NOTHING, _NOTHING])
    for pk, use in used.items():
        if pk in goods:
            entry = sums[goods[pk].category]
            entry[0] += use.value
            entry[1] += use.stock_value
    total = [sum((entry[part] for entry in sums.values()), _NOTHING) for part in (0, 1)]
    largest = sorted((pk for pk in used if pk in goods), key=lambda pk: -used[pk].stock_value)[:top]
    return {
        "days": DAYS,
        "totals": _turning(*total),
        "by_category": [
            {"category": category, **_turning(*entry)}
            for category, entry in sorted(sums.items(), key=lambda row: -row[1][1])
            if any(entry)
        ],
        "items": [
            {"item": goods[pk].reference, **_turning(used[pk].value, used[pk].stock_value)}
            for pk in largest
            if used[pk].stock_value > 0
        ],
    }


def _turning(value: Decimal, stock_value: Decimal) -> dict[str, Any]:
    return {
        "consumption": value,
        "average_stock_value": stock_value,
        "turnover": consumption.turnover(value, stock_value),
        "days_of_inventory": consumption.days_of_inventory(value, stock_value, days=DAYS),
    }


def _forecasts(outlook: Sequence[Suggestion], used: Mapping[int, Use], top: int) -> list[dict[str, Any]]:
    """What the items of most value used are expected to need, and how far such forecasts were off."""
    asked = [found for found in outlook if found.demand_per_day]
    worth = {
        found.item.pk: used[found.item.pk].value if found.item.pk in used else _NOTHING for found in asked
    }
    asked.sort(key=lambda found: (-worth[found.item.pk], found.item.sku))
    return [
        {
            "item": _reference(found.item),
            "kind": found.forecast.kind,
            "method": found.forecast.method,
            "parameters": {name: str(value) for name, value in found.forecast.parameters.items()},
            "weeks": found.forecast.periods,
            "per_week": _figure(found.forecast.per_period),
            "per_day": round(found.demand_per_day, 4),
            "deviation": _figure(found.forecast.deviation),
            "accuracy": _accuracy(found.forecast.accuracy),
            "naive": _accuracy(found.forecast.naive),
        }
        for found in asked[:top]
    ]


def _accuracy(accuracy: Accuracy | None) -> dict[str, Any] | None:
    if accuracy is None:
        return None
    return {
        "periods": accuracy.periods,
        "rmsse": _figure(accuracy.rmsse),
        "mase": _figure(accuracy.mase),
        "bias": _figure(accuracy.bias),
    }


def _suggestions(outlook: Sequence[Suggestion], top: int) -> list[dict[str, Any]]:
    due = sorted((found for found in outlook if found.quantity), key=replenishment.urgency)
    return [
        {
            "item": _reference(found.item),
            "available": found.available,
            "on_order": found.on_order,
            "requested": found.requested,
            "per_day": round(found.demand_per_day, 4),
            "days_left": None if found.days_left is None else round(found.days_left, 1),
            "lead_time_days": round(found.lead_time.days.mean, 1),
            "lead_time_source": found.lead_time.source,
            "safety_stock": found.safety_stock,
            "reorder_point": found.reorder_point,
            "quantity": found.quantity,
            "supplier": Reference(found.supplier.pk, found.supplier.code, found.supplier.name)
            if found.supplier
            else None,
            "unit_price": found.unit_price,
            "currency": found.currency,
            "why": reasons.why(found),
        }
        for found in due[:top]
    ]


def _reference(item: Item) -> ItemReference:
    return ItemReference(item.pk, item.sku, item.name, item.unit.code)


def _months(first: date, count: int) -> list[date]:
    return [Period.MONTH.before(first, periods=-number) for number in range(count)]


def _figure(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _round(report: dict[str, Any], currency: str) -> None:
    """Give each amount the decimals of the base currency, once all is summed up."""
    turnover, classes = report["turnover"], report["abc_xyz"]
    rows = [*report["consumption_trend"], *report["spend_trend"], classes, *classes["matrix"]]
    rows += [*classes["items"], turnover["totals"], *turnover["by_category"], *turnover["items"]]
    for row in rows:
        for name in ("value", "total_value", "amount", "consumption", "average_stock_value"):
            if name in row:
                row[name] = money.round_amount(row[name], currency)
