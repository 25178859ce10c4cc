"""What an order asks for its items against what was paid for them last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from procurement.models import PurchaseOrder
from procurement.models.orders import COMMITTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A line of an order with its price and the last one paid, both in base currency per stock unit.

    `price` is None where no rate of the order's currency is known, `paid` where the item was never bought.
    `rise` is in percent of what was paid, one decimal; below zero it has become cheaper.
    """

    order_id: int
    line_id: int
    number: int
    item_id: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    price: Decimal | None
    paid: Decimal | None
    paid_on: date | None
    paid_order_id: int | None
    paid_order: str | None
    rise: Decimal | None
    line_count: int


def compare(
    orders: Sequence[PurchaseOrder], *, most: int | None = None, before: PurchaseOrder | None = None
) -> dict[int, list[Comparison]]:
    """Return the lines of orders against what was paid last, by order: one query.

    The last price paid for an item is the unit price, without tax, of its newest order line that the company
    has committed itself to (its order is approved, partially delivered or delivered), times the rate that was
    frozen at approval. The newest is that of the latest day of order, then of the highest key. Quantities are
    in the stock unit, so prices are per stock unit.

    `before` leaves out that order and all that is newer than it: what was paid before an approved order.
    The lines of each order come with the highest rise first, then by number; `most` keeps so many of each.
    """
    if not orders:
        return {}
    values: dict[str, Any] = {
        "orders": [order.pk for order in orders],
        "committed": [str(status) for status in COMMITTED],
        "day": before.ordered_on if before else None,
        "key": before.pk if before else None,
        "most": most,
    }
    found: dict[int, list[Comparison]] = {order.pk: [] for order in orders}
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, values)
        names = [column.name for column in cursor.description]
        for row in cursor.fetchall():
            comparison = Comparison(**dict(zip(names, row, strict=True)))
            found[comparison.order_id].append(comparison)
    return found


_COMPARE = """
    WITH asked AS (
        SELECT line.*, asking.exchange_rate
        FROM procurement_purchaseorderline line
        JOIN procurement_purchaseorder asking ON asking.id = line.order_id
        WHERE line.order_id = ANY(%(orders)s)
    ), paid AS (
        SELECT DISTINCT ON (line.item_id)
            line.item_id, line.unit_price * past.exchange_rate AS price, past.ordered_on, past.id AS order_id,
            past.po_number
        FROM procurement_purchaseorderline line
        JOIN procurement_purchaseorder past ON past.id = line.order_id
        WHERE line.item_id IN (SELECT item_id FROM asked)
            AND past.status = ANY(%(committed)s)
            AND (%(key)s::bigint IS NULL OR (past.ordered_on, past.id) < (%(day)s::date, %(key)s::bigint))
        ORDER BY line.item_id, past.ordered_on DESC, past.id DESC, line.number
    ), compared AS (
        SELECT asked.*, asked.unit_price * asked.exchange_rate AS price, paid.price AS paid,
            paid.ordered_on AS paid_on, paid.order_id AS paid_order_id, paid.po_number AS paid_order,
            round((asked.unit_price * asked.exchange_rate / nullif(paid.price, 0) - 1) * 100, 1) AS rise
        FROM asked LEFT JOIN paid ON paid.item_id = asked.item_id
    ), ranked AS (
        SELECT compared.*, count(*) OVER (PARTITION BY order_id) AS line_count,
            row_number() OVER (PARTITION BY order_id ORDER BY rise DESC NULLS LAST, number) AS place
        FROM compared
    )
    SELECT ranked.order_id, ranked.id AS line_id, ranked.number, ranked.item_id, item.sku, item.name,
        item.unit_id AS unit, ranked.quantity, ranked.unit_price, ranked.price, ranked.paid, ranked.paid_on,
        ranked.paid_order_id, ranked.paid_order, ranked.rise, ranked.line_count
    FROM ranked JOIN inventory_item item ON item.id = ranked.item_id
    WHERE %(most)s::int IS NULL OR ranked.place <= %(most)s::int
    ORDER BY ranked.order_id, ranked.place
"""
