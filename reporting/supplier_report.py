"""How suppliers do: what is bought of them, whether it comes on time and in full, how soon, at what price.

All figures are of orders to which the company is committed (approved, partially delivered, delivered), by
the day on which they were placed (`ordered_on`). Goods arrive when their receipt happened (`occurred_at`, a
day in the site's time zone). Lines count alike, since quantities of different units cannot be added up.

- **orders**, **spend**: their number, and the sum of their totals in base currency, with tax.
- **on_time_rate**: of the receipt lines of orders with an expected date, the share that came on that day or
  before. Source: SCOR, "delivery performance to customer commit date" (RL.2.2), by line.
- **fill_rate**: of the order lines whose expected date has passed, the mean share of the quantity that has
  come. Source: Silver, Pyke & Thomas, *Inventory and Production Management in Supply Chains*, 4th ed., "fill
  rate", here seen from the buyer.
- **average_lead_time_days**: the mean of the calendar days from the order to each of its receipt lines.
- **lead_time_reliability**: one less the coefficient of variation (sample standard deviation ÷ mean) of
  those days, not below zero. It takes two receipt lines at least.
- **price_variance**: what was paid more (or less, below zero) than usual, as a share of what the usual price
  would have come to: Σ quantity x (price - usual) ÷ Σ quantity x usual, which weighs each line by its
  spend. The usual price of an item is what all suppliers' orders of the twelve months before the day of the
  order came to by unit, without tax, in base currency at the rates of the orders; a line without such an
  order before it has no variance. Source: the purchase price variance of standard costing (Horngren, Datar &
  Rajan, *Cost Accounting: A Managerial Emphasis*), the usual price in the place of the standard.
- **score**: 0 to 100, see `score`.

A figure that cannot be measured is null.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from ipms import money, site
from procurement.models.orders import COMMITTED
from reporting.references import Reference
from suppliers.models import Supplier

#: What a perfect supplier gets for each part of the score; together 100.
WEIGHTS = {"on_time": 40, "fill": 25, "price": 20, "lead_time": 15}
#: Who is so much dearer than usual, or more, gets nothing for the price.
WORST_PRICE_VARIANCE = Decimal("0.20")

_SHARE, _DAYS, _SCORE = Decimal("0.0001"), Decimal("0.01"), Decimal("0.1")

#: By what the report may be put in order.
ORDERINGS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "score": lambda row: row["score"],
    "spend": lambda row: row["spend"],
    "orders": lambda row: row["orders"],
    "on_time_rate": lambda row: row["on_time_rate"],
    "fill_rate": lambda row: row["fill_rate"],
    "average_lead_time_days": lambda row: row["average_lead_time_days"],
    "price_variance": lambda row: row["price_variance"],
    "supplier": lambda row: row["supplier"].name.casefold(),
}
DEFAULT_ORDERING = "-score"


def build(
    *,
    at: datetime,
    supplier: Supplier | None = None,
    country: str = "",
    date_from: date | None = None,
    date_to: date | None = None,
    ordering: str = DEFAULT_ORDERING,
) -> dict[str, Any]:
    """Return how each supplier that was ordered from did; of one supplier, or those of a country.

    `at` says which moment is now. `ordering` is a key of `ORDERINGS`, with `-` for the highest first;
    suppliers without that figure come last. One query, however many suppliers and orders there are.
    """
    here = site.current()
    with connection.cursor() as cursor:
        cursor.execute(
            _FIGURES,
            {
                "committed": list(COMMITTED),
                "zone": here.timezone,
                "today": at.astimezone(ZoneInfo(here.timezone)).date(),
                "supplier": supplier.pk if supplier else None,
                "country": country or None,
                "since": date_from,
                "until": date_to,
            },
        )
        rows = [_row(*found, currency=here.base_currency) for found in cursor.fetchall()]
    return {
        "suppliers": _in_order(rows, ordering),
        "weights": WEIGHTS,
        "currency": here.base_currency,
        "as_of": at,
    }


def score(
    *,
    on_time: Decimal | None,
    fill: Decimal | None,
    price_variance: Decimal | None,
    lead_time_reliability: Decimal | None,
) -> Decimal | None:
    """Return the score of a supplier, 0 to 100, from shares of one; None where nothing is known of it.

    Each part is a share of the best that can be: on time and fill as they are, the reliability of the lead
    time as it is, and for the price 1 at the usual one or below, falling evenly to 0 at
    `WORST_PRICE_VARIANCE` above it. Parts are weighed by `WEIGHTS`; where one is not known, its weight is
    spread over the others.

    Source: the weighted-point method of rating suppliers (Monczka et al., *Purchasing and Supply Chain
    Management*); the weights are ours.
    """
    price = None if price_variance is None else _within_one(1 - price_variance / WORST_PRICE_VARIANCE)
    parts = {"on_time": on_time, "fill": fill, "price": price, "lead_time": lead_time_reliability}
    known = {name: part for name, part in parts.items() if part is not None}
    if not known:
        return None
    points = sum((WEIGHTS[name] * part for name, part in known.items()), Decimal(0))
    return _rounded(100 * points / sum(WEIGHTS[name] for name in known), _SCORE)


def _row(
    pk: int,
    code: str,
    name: str,
    orders: int,
    spend: Decimal,
    on_time: Decimal | None,
    fill: Decimal | None,
    days: Decimal | None,
    deviation: Decimal | None,
    variance: Decimal | None,
    *,
    currency: str,
) -> dict[str, Any]:
    on_time, fill, variance = (
        None if share is None else _rounded(share, _SHARE) for share in (on_time, fill, variance)
    )
    reliability = None
    if days and days > 0 and deviation is not None:
        reliability = _rounded(_within_one(1 - deviation / days), _SHARE)
    return {
        "supplier": Reference(pk, code, name),
        "orders": orders,
        "spend": money.round_amount(spend, currency),
        "on_time_rate": on_time,
        "fill_rate": fill,
        "average_lead_time_days": None if days is None else _rounded(days, _DAYS),
        "lead_time_reliability": reliability,
        "price_variance": variance,
        # From the figures as they are shown, so that a reader can do the sum.
        "score": score(
            on_time=on_time, fill=fill, price_variance=variance, lead_time_reliability=reliability
        ),
    }


def _in_order(rows: list[dict[str, Any]], ordering: str) -> list[dict[str, Any]]:
    figure = ORDERINGS[ordering.removeprefix("-")]
    rows = sorted(rows, key=lambda row: (-row["spend"], row["supplier"].name, row["supplier"].id))
    known = [row for row in rows if figure(row) is not None]
    return [
        *sorted(known, key=figure, reverse=ordering.startswith("-")),
        *(row for row in rows if figure(row) is None),
    ]


def _within_one(share: Decimal) -> Decimal:
    return min(max(share, Decimal(0)), Decimal(1))


def _rounded(value: Decimal, to: Decimal) -> Decimal:
    # Adding zero takes the sign from a zero.
    return value.quantize(to, ROUND_HALF_UP) + 0


#: The window looks at the lines of all suppliers; only then are those of the selection taken.
_FIGURES = """
    WITH lines AS (
        SELECT l.id, l.item_id, o.supplier_id, o.ordered_on, o.expected_date, l.quantity, l.received_quantity,
            l.quantity * l.unit_price * o.exchange_rate AS cost
        FROM procurement_purchaseorderline l JOIN procurement_purchaseorder o ON o.id = l.order_id
        WHERE o.status = ANY(%(committed)s)
            AND (%(since)s::date IS NULL OR o.ordered_on >= %(since)s::date - interval '12 months')
            AND (%(until)s::date IS NULL OR o.ordered_on <= %(until)s::date)
    ), priced AS (
        SELECT lines.*, quantity * sum(cost) OVER before / sum(quantity) OVER before AS usual_cost
        FROM lines
        WINDOW before AS (
            PARTITION BY item_id ORDER BY ordered_on
            RANGE BETWEEN interval '12 months' PRECEDING AND interval '1 day' PRECEDING
        )
    ), wanted AS (
        SELECT id, code, name FROM suppliers_supplier
        WHERE (%(supplier)s::bigint IS NULL OR id = %(supplier)s::bigint)
            AND (%(country)s::text IS NULL OR country = %(country)s::text)
    ), chosen AS (
        SELECT * FROM priced
        WHERE supplier_id IN (SELECT id FROM wanted)
            AND (%(since)s::date IS NULL OR ordered_on >= %(since)s::date)
    ), bought AS (
        SELECT supplier_id, count(*) AS orders, sum(total_base) AS spend FROM procurement_purchaseorder
        WHERE status = ANY(%(committed)s)
            AND (%(since)s::date IS NULL OR ordered_on >= %(since)s::date)
            AND (%(until)s::date IS NULL OR ordered_on <= %(until)s::date)
        GROUP BY supplier_id
    ), of_lines AS (
        SELECT supplier_id,
            avg(received_quantity / quantity) FILTER (WHERE expected_date < %(today)s::date) AS fill,
            sum(cost - usual_cost) FILTER (WHERE usual_cost > 0)
                / sum(usual_cost) FILTER (WHERE usual_cost > 0) AS variance
        FROM chosen GROUP BY supplier_id
    ), arrivals AS (
        SELECT c.supplier_id, c.ordered_on, c.expected_date,
            (r.occurred_at AT TIME ZONE %(zone)s)::date AS arrived_on
        FROM chosen c
        JOIN procurement_goodsreceiptline g ON g.order_line_id = c.id
        JOIN procurement_goodsreceipt r ON r.id = g.receipt_id
    ), of_arrivals AS (
        SELECT supplier_id,
            avg((arrived_on <= expected_date)::int) AS on_time,
            avg(arrived_on - ordered_on) AS days,
            stddev_samp(arrived_on - ordered_on) AS deviation
        FROM arrivals GROUP BY supplier_id
    )
    SELECT w.id, w.code, w.name, b.orders, b.spend, a.on_time, l.fill, a.days, a.deviation, l.variance
    FROM wanted w
    JOIN bought b ON b.supplier_id = w.id
    LEFT JOIN of_lines l ON l.supplier_id = w.id
    LEFT JOIN of_arrivals a ON a.supplier_id = w.id
"""
