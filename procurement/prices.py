"""What an item cost lately: at each supplier, and how that moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from inventory.models import Item
from procurement.models import PurchaseOrderLine
from procurement.models.orders import COMMITTED
from suppliers.models import Supplier

#: So many of the newest purchases of an item are looked at.
NEWEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """The price of one stock unit without tax: as ordered, and in base currency at the rate of the order."""

    ordered_on: date
    unit_price: Decimal
    currency: str
    in_base: Decimal
    order_id: int
    order: str


@dataclass(frozen=True, kw_only=True)
class SupplierPrices:
    """What a supplier took for an item, the newest first; there is at least one."""

    supplier: Supplier
    paid: Sequence[Paid]

    @property
    def last(self) -> Paid:
        return self.paid[0]

    @property
    def change(self) -> Decimal | None:
        """Return by which share of the one before the last price rose or fell, in base currency."""
        if len(self.paid) < 2 or not self.paid[1].in_base:
            return None
        return self.last.in_base / self.paid[1].in_base - 1


def by_supplier(item: Item) -> list[SupplierPrices]:
    """Return the prices of the item's newest committed orders, who was ordered from last first. One query."""
    lines = (
        PurchaseOrderLine.objects.filter(item=item, order__status__in=COMMITTED)
        .select_related("order__supplier")
        .order_by("-order__ordered_on", "-order_id", "number")
    )
    found: dict[int, tuple[Supplier, list[Paid]]] = {}
    for line in lines[:NEWEST]:
        order = line.order
        _supplier, paid = found.setdefault(order.supplier_id, (order.supplier, []))
        paid.append(
            Paid(
                ordered_on=order.ordered_on,
                unit_price=line.unit_price,
                currency=order.currency,
                in_base=line.unit_price * (order.exchange_rate or 0),
                order_id=order.pk,
                order=order.po_number,
            )
        )
    return [SupplierPrices(supplier=supplier, paid=paid) for supplier, paid in found.values()]
