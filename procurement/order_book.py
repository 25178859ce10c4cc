"""What the orders say of items: what is to come of them, and what was paid for them last."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum

from procurement.models import OrderStatus, PurchaseOrderLine
from procurement.models.orders import COMMITTED
from suppliers.models import Supplier

_TO_COME = (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)
_ASKED_FOR = (OrderStatus.DRAFT, OrderStatus.PENDING)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What orders still have to bring of an item, in its stock unit.

    `on_order` is outstanding of approved orders; `requested` stands in drafts and in orders that wait for
    approval.
    """

    on_order: Decimal = _NOTHING
    requested: Decimal = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What one stock unit cost last time, in the order's currency, at a supplier that can be ordered from."""

    supplier: Supplier
    unit_price: Decimal
    currency: str
    ordered_on: date


def expected(*, items: Collection[int] | None = None) -> dict[int, Expected]:
    """Return what is to come of the items that are in an open order, with one query."""
    lines = _of(items).filter(order__status__in=[*_TO_COME, *_ASKED_FOR]).order_by()
    outstanding = F("quantity") - F("received_quantity")
    sums = lines.values("item").annotate(
        on_order=Sum(outstanding, filter=Q(order__status__in=_TO_COME), default=_NOTHING),
        requested=Sum(outstanding, filter=Q(order__status__in=_ASKED_FOR), default=_NOTHING),
    )
    return {
        item: Expected(on_order=on_order, requested=requested)
        for item, on_order, requested in sums.values_list("item", "on_order", "requested")
    }


def last_purchases(*, on: date, items: Collection[int] | None = None) -> dict[int, Purchase]:
    """Return the newest committed order line of each item until `on`, with one query.

    Suppliers that are inactive or on hold are passed over: the last usable one before them counts.
    """
    lines = (
        _of(items)
        .filter(
            order__status__in=COMMITTED,
            order__ordered_on__lte=on,
            order__supplier__in=Supplier.objects.usable(),
        )
        .order_by("item_id", "-order__ordered_on", "-order_id", "number")
        .distinct("item_id")
        .select_related("order__supplier")
    )
    return {
        line.item_id: Purchase(
            supplier=line.order.supplier,
            unit_price=line.unit_price,
            currency=line.order.currency,
            ordered_on=line.order.ordered_on,
        )
        for line in lines
    }


def _of(items: Collection[int] | None) -> QuerySet[PurchaseOrderLine]:
    lines = PurchaseOrderLine.objects.all()
    return lines if items is None else lines.filter(item__in=items)
