"""What is asked for before it is an order: checked here, priced here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from inventory.models import Item, Location
from ipms import money
from ipms.errors import InvalidInput
from procurement.models import PurchaseOrder, PurchaseOrderLine
from suppliers.models import Supplier

_MAX_LINES = 2000
#: No amount beyond this fits its column.
_AMOUNT_LIMIT = Decimal(10) ** 18


@dataclass(frozen=True, kw_only=True)
class LineDraft:
    """One line: quantity in the item's stock unit, unit price in the order's currency, tax in percent."""

    item: Item
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal = Decimal(0)
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderDraft:
    """An order that is asked for. The currency defaults to the supplier's, the day to today."""

    supplier: Supplier
    lines: Sequence[LineDraft]
    currency: str = ""
    ordered_on: date | None = None
    expected_date: date | None = None
    deliver_to: Location | None = None
    notes: str = ""
    reference: str = ""


def check_supplier(supplier: Supplier) -> None:
    """Raise `InvalidInput` unless the supplier can be ordered from now."""
    if not supplier.is_active:
        raise InvalidInput({"supplier": [_("This supplier is inactive.")]})
    if supplier.on_hold:
        raise InvalidInput({"supplier": [_("This supplier is on hold: no new orders.")]})


def check_deliver_to(location: Location | None) -> None:
    """Raise `InvalidInput` unless goods can be delivered there."""
    if location and not (location.is_real and location.is_active):
        raise InvalidInput({"deliver_to": [_("Goods cannot be delivered to this location.")]})


def check_lines(lines: Sequence[LineDraft]) -> None:
    """Raise `InvalidInput` with the errors of all lines. Each item needs its unit at hand."""
    if not lines:
        raise InvalidInput({"lines": [_("An order has at least one line.")]})
    if len(lines) > _MAX_LINES:
        raise InvalidInput({"lines": [_("An order has at most %(count)s lines.") % {"count": _MAX_LINES}]})
    errors = [_line_errors(line) for line in lines]
    if any(errors):
        raise InvalidInput({"lines": errors})


def priced(order: PurchaseOrder, lines: Sequence[LineDraft]) -> list[PurchaseOrderLine]:
    """Return the lines of an order with their amounts, and set the order's totals from them.

    Line total = quantity x unit price, rounded to the currency's minor unit; tax of the line rounded; the
    order's totals are their sums. Raises `InvalidInput` where an amount is beyond any that can be kept.
    """
    made = []
    for number, draft in enumerate(lines, start=1):
        line_total = money.multiply(draft.quantity, draft.unit_price, order.currency)
        made.append(
            PurchaseOrderLine(
                order=order,
                number=number,
                item=draft.item,
                description=draft.description or draft.item.name[:300],
                quantity=draft.quantity,
                unit_price=draft.unit_price,
                tax_rate=draft.tax_rate,
                line_total=line_total,
                tax_amount=money.multiply(line_total, draft.tax_rate / 100, order.currency),
            )
        )
    order.subtotal = sum((line.line_total for line in made), Decimal(0))
    order.tax_amount = sum((line.tax_amount for line in made), Decimal(0))
    order.total_amount = order.subtotal + order.tax_amount
    if order.total_amount >= _AMOUNT_LIMIT:
        raise InvalidInput({"lines": [_("The total is more than an order can hold.")]})
    return made


def _line_errors(line: LineDraft) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    decimals = line.item.unit.decimals
    if not line.item.is_active:
        errors["item"] = [_("This item is inactive.")]
    if not line.quantity.is_finite() or not 0 < line.quantity < Decimal(10) ** 14:
        errors["quantity"] = [_("Enter a quantity above zero.")]
    elif line.quantity != round(line.quantity, decimals):
        sentence = _("At most %(decimals)s decimals, please.")
        errors["quantity"] = [sentence % {"decimals": decimals}]
    if not line.unit_price.is_finite() or not 0 <= line.unit_price < Decimal(10) ** 12:
        errors["unit_price"] = [_("Enter a price of zero or more.")]
    elif line.unit_price != round(line.unit_price, 8):
        errors["unit_price"] = [_("At most 8 decimals, please.")]
    if not line.tax_rate.is_finite() or not 0 <= line.tax_rate <= 100:
        errors["tax_rate"] = [_("Enter a tax rate between 0 and 100 percent.")]
    elif line.tax_rate != round(line.tax_rate, 4):
        errors["tax_rate"] = [_("At most 4 decimals, please.")]
    return errors
