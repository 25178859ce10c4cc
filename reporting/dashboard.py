"""The figures of the dashboard: how things stand, and how the stores and the purchasing do.

Money is in base currency. Rates are shares of one. A figure that cannot be measured is None, never zero.
Periods end with the moment of computing: a year is 365 days, a day that of the site's time zone. Things
count when they happened (`occurred_at`, `ordered_on`), also those that came by import.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import TruncDate, TruncMonth

from inventory.models import Item, ItemStatus, ItemValuation, LocationKind
from ipms import money, site
from procurement.models import GoodsReceiptLine, OrderStatus, PurchaseOrder
from procurement.models.orders import COMMITTED
from reporting import consumption
from reporting import dashboard_sql as queries
from reporting.aggregates import DaysBetween, Mean
from reporting.references import Reference
from suppliers.models import Supplier

#: Days of the year's figures, and of the month's.
YEAR, MONTH = 365, 30
MONTHS = 12
#: So many of the items that are used most are named.
TOP_ITEMS = 10
_OUTSTANDING = (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)
_SHARE, _DAYS = Decimal("0.0001"), Decimal("0.1")


def summary(*, now: datetime) -> dict[str, Any]:
    """Return how many items, orders and suppliers there are in which state, and what the stock is worth.

    An item's status is the item's own (`Item.status`); what is inactive is in none of the three. Overdue are
    orders of which something is still to come and that were expected before today. Active suppliers are
    those that can be ordered from now.
    """
    here = site.current()
    today = now.astimezone(ZoneInfo(here.timezone)).date()
    statuses = Item.objects.count_by_status()
    total = sum(statuses.values())
    value = ItemValuation.objects.aggregate(value=Sum("value"))["value"]
    orders: Any = PurchaseOrder.objects.order_by().values_list("status").annotate(count=Count("pk"))
    of_status = dict(orders)
    late = PurchaseOrder.objects.filter(status__in=_OUTSTANDING, expected_date__lt=today)
    return {
        "items": {
            "total": total,
            "active": total - statuses[ItemStatus.INACTIVE],
            "in_stock": statuses[ItemStatus.IN_STOCK],
            "low_stock": statuses[ItemStatus.LOW_STOCK],
            "out_of_stock": statuses[ItemStatus.OUT_OF_STOCK],
        },
        "stock_value": money.round_amount(value or Decimal(0), here.base_currency),
        "currency": here.base_currency,
        "purchase_orders": {status: of_status.get(status, 0) for status in OrderStatus.values}
        | {"overdue": late.count()},
        "suppliers": Supplier.objects.order_by().aggregate(
            total=Count("pk"), active=Count("pk", filter=Q(pk__in=Supplier.objects.usable().values("pk")))
        ),
        "as_of": now,
    }


def metrics(*, now: datetime) -> dict[str, Any]:
    """Return how the stores and the purchasing did: see the functions for each figure.

    The number of queries does not grow with items, orders or movements.
    """
    here = site.current()
    currency, zone = here.base_currency, ZoneInfo(here.timezone)
    today = now.astimezone(zone).date()
    used = _used(now)
    value = used[0]["total"] if used else Decimal(0)
    stock_value = _average_stock_value(now)
    return {
        "currency": currency,
        "stock_turnover": consumption.turnover(value, stock_value),
        "days_of_inventory": consumption.days_of_inventory(value, stock_value, days=YEAR),
        **_availability(now),
        "po_cycle_days": _cycle_days(today, zone),
        "on_time_delivery_rate": _on_time_rate(today, zone),
        **spend(today, currency),
        "movements_by_day": _movements_by_day(today, zone, currency),
        "top_items": [
            {
                "item": Reference(row["id"], row["sku"], row["name"]),
                "unit": row["unit"],
                "quantity": row["quantity"],
                "value": money.round_amount(row["value"], currency),
            }
            for row in used
            if row["value"] > 0
        ],
        "as_of": now,
    }


def _used(now: datetime) -> list[dict[str, Any]]:
    """Items by the value that was used of them in a year, the most first, and the total of all.

    Used is what was issued less what came back, at the cost at which it left (`reporting.consumption`).
    """
    return _rows(queries.USED, since=now - timedelta(YEAR), until=now, most=TOP_ITEMS)


def _average_stock_value(now: datetime) -> Decimal:
    """What stood in the stores in a year, weighted by how long it did.

    *Stock turnover* is the value used over it, *days of inventory* the year over turnover: as in
    `reporting.consumption`, from today's value and the movements of the year alone. Source: Silver, Pyke &
    Thomas, *Inventory and Production Management in Supply Chains*, 4th ed., ch. 1.
    """
    (row,) = _rows(queries.AVERAGE_STOCK_VALUE, since=now - timedelta(YEAR), until=now)
    return row["value"]


def _availability(now: datetime) -> dict[str, Decimal | None]:
    """How much of the last 30 days active items were out of stock, and how much demand that met.

    *Stockout rate* is the part of all items' time at which nothing was on hand, exact to the moment, over all
    real locations, each item from its first movement on. An item that never moved does not count.

    *Fill rate* is the part of the demand that stock could serve. What was asked for and not there is not
    recorded, since an issue is only posted of what is there; so it is estimated: each item is taken to be
    asked for at the pace, by value, at which it was used in the last year, and all that falls into its time
    without stock is lost. It is null where nothing was used in a year.

    Source: Silver, Pyke & Thomas, op. cit., ch. 6: the ready rate (the part of time with stock on hand),
    which for demand in single units equals the fill rate; here weighed by the value of the demand.
    """
    (row,) = _rows(
        queries.AVAILABILITY, since=now - timedelta(MONTH), until=now, used_since=now - timedelta(YEAR)
    )
    lost = _share(row["lost"], row["demand"])
    return {
        "fill_rate": None if lost is None else 1 - lost,
        "stockout_rate": _share(row["out"], row["counted"]),
    }


def _cycle_days(today: date, zone: ZoneInfo) -> Decimal | None:
    """Return the mean of the calendar days from order to last receipt, of orders completed within a year.

    Source: order fulfilment cycle time of the SCOR model (RS.1.1), seen from the buyer.
    """
    completed = (
        PurchaseOrder.objects.filter(status=OrderStatus.DELIVERED)
        .order_by()
        .annotate(last_on=TruncDate(Max("receipts__occurred_at"), tzinfo=zone))
        .filter(last_on__gt=today - timedelta(YEAR))
    )
    found = completed.aggregate(days=Mean(DaysBetween(F("ordered_on"), F("last_on"))))["days"]
    return None if found is None else Decimal(found).quantize(_DAYS, ROUND_HALF_UP)


def _on_time_rate(today: date, zone: ZoneInfo) -> Decimal | None:
    """Return the share of a year's receipt lines that came on the expected date of their order or before.

    Source: SCOR, delivery performance to customer commit date (RL.2.2), by line.
    """
    lines = (
        GoodsReceiptLine.objects.filter(
            receipt__order__expected_date__isnull=False,
            receipt__occurred_at__gte=datetime.combine(today - timedelta(YEAR - 1), time.min, zone),
        )
        .order_by()
        .annotate(came_on=TruncDate("receipt__occurred_at", tzinfo=zone))
    )
    found = lines.aggregate(
        all=Count("pk"), on_time=Count("pk", filter=Q(came_on__lte=F("receipt__order__expected_date")))
    )
    return _share(Decimal(found["on_time"]), Decimal(found["all"]))


def spend(today: date, currency: str) -> dict[str, Any]:
    """Totals, with tax, of orders to which the company is committed, by the day they were placed.

    The last 30 days end with today; the months are this one and the eleven before it.
    """
    months = last_months(today)
    committed = PurchaseOrder.objects.filter(
        status__in=COMMITTED, ordered_on__gte=min(months[0], today - timedelta(MONTH - 1))
    ).order_by()
    recent = Q(ordered_on__gt=today - timedelta(MONTH), ordered_on__lte=today)
    by_month: Any = (
        committed.annotate(month=TruncMonth("ordered_on"))
        .values_list("month")
        .annotate(amount=Sum("total_base"), recent=Sum("total_base", filter=recent))
    )
    amounts, within = {}, Decimal(0)
    for month, amount, part in by_month:
        amounts[month] = amount
        within += part or 0
    return {
        "spend_30d": money.round_amount(within, currency),
        "spend_by_month": [
            {"month": month, "amount": money.round_amount(amounts.get(month, Decimal(0)), currency)}
            for month in months
        ],
    }


def _movements_by_day(today: date, zone: ZoneInfo, currency: str) -> list[dict[str, Any]]:
    """How many movements brought stock in and took stock out on each of 30 days, and their values.

    Transfers do neither. Movements are counted, since quantities of different units cannot be added up.
    """
    days = [today - timedelta(back) for back in range(MONTH - 1, -1, -1)]
    rows = _rows(queries.MOVEMENTS_BY_DAY, since=datetime.combine(days[0], time.min, zone), zone=str(zone))
    found: Mapping[date, Any] = {row["day"]: row for row in rows}
    nothing = {"came": 0, "went": 0, "value_in": Decimal(0), "value_out": Decimal(0)}
    return [
        {
            "date": day,
            "in": row["came"],
            "out": row["went"],
            "value_in": money.round_amount(row["value_in"], currency),
            "value_out": money.round_amount(row["value_out"], currency),
        }
        for day in days
        for row in [found.get(day, nothing)]
    ]


def _rows(query: str, **params: Any) -> list[dict[str, Any]]:
    places: dict[str, Any] = {
        "consumption": str(LocationKind.CONSUMPTION),
        "real": [str(kind) for kind in LocationKind.real()],
    }
    with connection.cursor() as cursor:
        cursor.execute(query, {**places, **params})
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return ((part or Decimal(0)) / whole).quantize(_SHARE, ROUND_HALF_UP) if whole else None


def last_months(today: date) -> list[date]:
    """Return the first days of the month of a day and of the eleven before it, the oldest first."""
    first = today.year * 12 + today.month - MONTHS
    return [date((first + number) // 12, (first + number) % 12 + 1, 1) for number in range(MONTHS)]


def last_day_of(month: date) -> date:
    """Return the last day of the month of a day."""
    return (month.replace(day=1) + timedelta(31)).replace(day=1) - timedelta(1)
