"""What was ordered, of whom, for where and when; what is late; how long an order takes.

All money is in base currency, with tax, as the order holds it (`total_base`). An order counts on the day it
was placed (`ordered_on`). *Amount* is the total of all orders of the selection, whatever their status;
*spend* is the part to which the company is committed: orders that are approved, partially delivered or
delivered. An order in a foreign currency of which no rate is known yet has no total in base currency: it
counts as an order, adds nothing to amounts, and stands in `without_rate` in its own currency.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Count,
    DecimalField,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, TruncDate, TruncMonth

from ipms import money, site
from procurement.models import ImportedLine, OrderStatus, PurchaseOrder, PurchaseOrderLine
from procurement.models.orders import COMMITTED
from reporting.aggregates import DaysBetween, Mean, Median
from reporting.references import Reference
from suppliers.models import Supplier

#: Committed orders of which something is still to come.
OUTSTANDING = (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)
#: So many late orders are listed, those that wait longest; `totals.overdue` counts all.
MOST_OVERDUE = 500

_NOTHING = Value(Decimal(0), DecimalField())
_IS_COMMITTED = Q(status__in=COMMITTED)
_SUMS: dict[str, Any] = {
    "orders": Count("pk"),
    "amount": Coalesce(Sum("total_base"), _NOTHING),
    "spend": Coalesce(Sum("total_base", filter=_IS_COMMITTED), _NOTHING),
}
#: The spans of an order's life, in their order, as `cycle_time` names them.
SPANS = (
    "ordered_to_approved",
    "approved_to_first_receipt",
    "ordered_to_first_receipt",
    "first_receipt_to_delivered",
    "ordered_to_delivered",
)


def build(
    *,
    at: datetime,
    supplier: Supplier | None = None,
    status: Sequence[str] = (),
    date_from: date | None = None,
    date_to: date | None = None,
) -> dict[str, Any]:
    """Return the report on the orders of a supplier, in some status, placed from one day to another.

    `at` says which moment is now: what is expected before that day, in the site's time zone, is overdue.
    The number of queries does not grow with the orders.
    """
    here = site.current()
    currency, zone = here.base_currency, ZoneInfo(here.timezone)
    orders = _selection(supplier=supplier, status=status, date_from=date_from, date_to=date_to)
    today = at.astimezone(zone).date()
    late = orders.filter(status__in=OUTSTANDING, expected_date__lt=today)
    report = {
        "totals": {**orders.aggregate(**_SUMS), "overdue": late.count(), "currency": currency},
        "by_status": _by_status(orders, status),
        "by_supplier": [
            {"supplier": reference, **sums} for reference, sums in _by_record(orders, "supplier") if reference
        ],
        "by_country": _sums(orders, country=F("supplier__country")),
        "by_location": [
            {"location": reference, **sums} for reference, sums in _by_record(orders, "deliver_to")
        ],
        "by_month": _by_month(orders),
        "without_rate": list(
            orders.filter(total_base__isnull=True)
            .values("currency")
            .annotate(orders=Count("pk"), amount=Sum("total_amount"))
            .order_by("currency")
        ),
        "overdue": _overdue(late, today=today),
        "cycle_time": _cycle_time(orders, zone),
    }
    _round(report, currency)
    return {**report, "as_of": at}


def _selection(
    *, supplier: Supplier | None, status: Sequence[str], date_from: date | None, date_to: date | None
) -> QuerySet[PurchaseOrder]:
    # Without an order of their own, or each row would be a group.
    orders = PurchaseOrder.objects.order_by()
    if supplier is not None:
        orders = orders.filter(supplier=supplier)
    if status:
        orders = orders.filter(status__in=status)
    if date_from is not None:
        orders = orders.filter(ordered_on__gte=date_from)
    if date_to is not None:
        orders = orders.filter(ordered_on__lte=date_to)
    return orders


def _sums(orders: QuerySet[PurchaseOrder], **keys: Combinable) -> list[dict[str, Any]]:
    """Orders, amount and spend for each value of the keys, the most spend first."""
    groups: Any = orders.values(**keys)
    return list(groups.annotate(**_SUMS).order_by("-spend", "-amount", *keys))


def _by_status(orders: QuerySet[PurchaseOrder], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """One row for each status that was asked for, also where no order is in it."""
    found = {row.pop("in_status"): row for row in _sums(orders, in_status=F("status"))}
    return [
        {"status": status, **found.get(status, _nothing())}
        for status in OrderStatus.values
        if not wanted or status in wanted
    ]


def _by_record(
    orders: QuerySet[PurchaseOrder], field: str
) -> Iterable[tuple[Reference | None, dict[str, Any]]]:
    """Sums by a supplier or location; None where an order names none."""
    for row in _sums(orders, name=F(f"{field}__name"), code=F(f"{field}__code"), key=F(f"{field}_id")):
        name, code, pk = row.pop("name"), row.pop("code"), row.pop("key")
        yield (None if pk is None else Reference(pk, code, name)), row


def _by_month(orders: QuerySet[PurchaseOrder]) -> list[dict[str, Any]]:
    """Sums by month, without a gap from the first to the last month that has an order."""
    found = {row["month"]: row for row in _sums(orders, month=TruncMonth("ordered_on"))}
    return [found.get(month, {"month": month, **_nothing()}) for month in _months(found)]


def _nothing() -> dict[str, Any]:
    return {"orders": 0, "amount": Decimal(0), "spend": Decimal(0)}


def _months(found: Mapping[date, Any]) -> list[date]:
    if not found:
        return []
    first, last = (12 * month.year + month.month - 1 for month in (min(found), max(found)))
    return [date(month // 12, month % 12 + 1, 1) for month in range(first, last + 1)]


def _overdue(late: QuerySet[PurchaseOrder], *, today: date) -> list[dict[str, Any]]:
    """The late orders that wait longest, each with the value, without tax, of what has not come."""
    missing = F("quantity") - F("received_quantity")
    outstanding = (
        PurchaseOrderLine.objects.filter(order=OuterRef("pk"))
        .order_by()
        .values("order")
        .annotate(
            value=Sum(missing * F("unit_price") * F("order__exchange_rate"), output_field=DecimalField())
        )
    )
    rows: Any = (
        late.annotate(outstanding=Coalesce(Subquery(outstanding.values("value")), _NOTHING))
        .order_by("expected_date", "pk")
        .values(
            "id",
            "po_number",
            "status",
            "expected_date",
            "total_base",
            "outstanding",
            "supplier_id",
            "supplier__code",
            "supplier__name",
        )[:MOST_OVERDUE]
    )
    return [
        {
            "id": row["id"],
            "po_number": row["po_number"],
            "supplier": Reference(row["supplier_id"], row["supplier__code"], row["supplier__name"]),
            "status": row["status"],
            "expected_date": row["expected_date"],
            "days_late": (today - row["expected_date"]).days,
            "amount": row["total_base"],
            "outstanding_amount": row["outstanding"],
        }
        for row in rows
    ]


def _cycle_time(orders: QuerySet[PurchaseOrder], zone: ZoneInfo) -> dict[str, dict[str, Any]]:
    """Median and mean of whole calendar days, in the site's time zone, between the steps of an order.

    The steps: `ordered_on`; `approved_at`; the first receipt and, of delivered orders, the last one, both by
    when they happened (`occurred_at`). An order that came by import was approved when it was imported, which
    says nothing of its life: it is left out of the spans that begin or end with the approval. Orders that
    have not made a step are left out of its spans.

    Source: the order fulfilment cycle time of the SCOR model (RS.1.1), split at our own milestones.
    """
    imported = ImportedLine.objects.filter(order_line__order=OuterRef("pk"))
    steps = orders.filter(_IS_COMMITTED).annotate(
        is_imported=Exists(imported),
        first_on=TruncDate(Min("receipts__occurred_at"), tzinfo=zone),
        last_on=TruncDate(Max("receipts__occurred_at", filter=Q(status=OrderStatus.DELIVERED)), tzinfo=zone),
        approved_on=TruncDate("approved_at", tzinfo=zone),
    )
    ordered, approved = F("ordered_on"), F("approved_on")
    spans = dict(
        zip(
            SPANS,
            (
                DaysBetween(ordered, approved),
                DaysBetween(approved, F("first_on")),
                DaysBetween(ordered, F("first_on")),
                DaysBetween(F("first_on"), F("last_on")),
                DaysBetween(ordered, F("last_on")),
            ),
            strict=True,
        )
    )
    figures: dict[str, Any] = {}
    for name, days in spans.items():
        counted = Q(is_imported=False) if "approved" in name else Q()
        figures |= {
            f"{name}.orders": Count(days, filter=counted),
            f"{name}.median": Median(days, filter=counted),
            f"{name}.mean": Mean(days, filter=counted),
        }
    found = steps.aggregate(**figures)
    return {
        name: {
            "orders": found[f"{name}.orders"],
            "median_days": _days(found[f"{name}.median"]),
            "mean_days": _days(found[f"{name}.mean"]),
        }
        for name in SPANS
    }


def _days(value: Decimal | float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _round(report: dict[str, Any], currency: str) -> None:
    """Give each amount the decimals of its currency; only what is outstanding had more."""
    rows = [report["totals"], *report["overdue"]]
    for name in ("by_status", "by_supplier", "by_country", "by_location", "by_month"):
        rows += report[name]
    for row in rows:
        for name in ("amount", "spend", "outstanding_amount"):
            if row.get(name) is not None:
                row[name] = money.round_amount(row[name], currency)
    for row in report["without_rate"]:
        row["amount"] = money.round_amount(row["amount"], row["currency"])
