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

MAX_LINES = 2000
#: No amount beyond this fits its column.
AMOUNT_LIMIT = Decimal(10) ** 18
_QUANTITY_LIMIT = Decimal(10) ** 14
_PRICE_LIMIT = Decimal(10) ** 12
_PRICE_DECIMALS, _TAX_DECIMALS = 8, 4
_LONGEST_REFERENCE, _LONGEST_DESCRIPTION = 100, 300


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


def check(
    *,
    supplier: Supplier | None = None,
    currency: str | None = None,
    deliver_to: Location | None = None,
    reference: str = "",
    lines: Sequence[LineDraft] | None = None,
) -> None:
    """Raise `InvalidInput` with all that cannot be ordered; what is left out is not looked at.

    Each item of a line needs its unit at hand.
    """
    errors: dict[str, Any] = {}
    if supplier and not supplier.is_active:
        errors["supplier"] = [_("This supplier is inactive.")]
    elif supplier and supplier.on_hold:
        errors["supplier"] = [_("This supplier is on hold: no new orders.")]
    if currency is not None and currency not in money.MINOR_UNITS:
        errors["currency"] = [_("“%(code)s” is not an ISO 4217 currency code.") % {"code": currency}]
    if deliver_to and not (deliver_to.is_real and deliver_to.is_active):
        errors["deliver_to"] = [_("Goods cannot be delivered to this location.")]
    if len(reference) > _LONGEST_REFERENCE:
        errors["reference"] = [_too_long(_LONGEST_REFERENCE)]
    if lines is not None and (found := _errors_of_lines(lines)):
        errors["lines"] = found
    if errors:
        raise InvalidInput(errors)


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
                description=draft.description or draft.item.name,
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
    if order.total_amount >= AMOUNT_LIMIT:
        raise InvalidInput({"lines": [_("The total is more than an order can hold.")]})
    return made


def of_line(line: PurchaseOrderLine) -> LineDraft:
    """Return what would ask for this line again."""
    return LineDraft(
        item=line.item,
        quantity=line.quantity,
        unit_price=line.unit_price,
        tax_rate=line.tax_rate,
        description=line.description,
    )


def _errors_of_lines(lines: Sequence[LineDraft]) -> list[Any]:
    """Return a sentence about the lines as such, or a mapping of errors for each; nothing if all is well."""
    if not lines:
        return [_("An order has at least one line.")]
    if len(lines) > MAX_LINES:
        return [_("An order has at most %(count)s lines.") % {"count": MAX_LINES}]
    errors = [_errors_of_line(line) for line in lines]
    return errors if any(errors) else []


def _errors_of_line(line: LineDraft) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    if not line.item.is_active:
        errors["item"] = [_("This item is inactive.")]
    if len(line.description) > _LONGEST_DESCRIPTION:
        errors["description"] = [_too_long(_LONGEST_DESCRIPTION)]
    if not line.quantity.is_finite() or line.quantity <= 0:
        errors["quantity"] = [_("Enter a quantity above zero.")]
    elif line.quantity >= _QUANTITY_LIMIT:
        errors["quantity"] = [_("This is more than can be kept.")]
    elif finer := _finer_than(line.item.unit.decimals, line.quantity):
        errors["quantity"] = finer
    if not line.unit_price.is_finite() or line.unit_price < 0:
        errors["unit_price"] = [_("Enter a price of zero or more.")]
    elif line.unit_price >= _PRICE_LIMIT:
        errors["unit_price"] = [_("This is more than can be kept.")]
    elif finer := _finer_than(_PRICE_DECIMALS, line.unit_price):
        errors["unit_price"] = finer
    if not line.tax_rate.is_finite() or not 0 <= line.tax_rate <= 100:
        errors["tax_rate"] = [_("Enter a tax rate between 0 and 100 percent.")]
    elif finer := _finer_than(_TAX_DECIMALS, line.tax_rate):
        errors["tax_rate"] = finer
    return errors


def _too_long(longest: int) -> str:
    return _("At most %(count)s characters, please.") % {"count": longest}


def _finer_than(decimals: int, number: Decimal) -> list[str]:
    if number == round(number, decimals):
        return []
    if not decimals:
        return [_("This item is ordered in whole units.")]
    return [_("At most %(decimals)s decimals, please.") % {"decimals": decimals}]
