"""What an item will probably cost in a new order."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from inventory.models import Item
from ipms import rates
from procurement import prices
from procurement.prices import Paid
from suppliers.models import Supplier

_DECIMALS = 4


class Source(models.TextChoices):
    """Where a price is from."""

    SUPPLIER = "supplier", _("last paid to this supplier")
    LAST = "last", _("last paid")
    ITEM = "item", _("price of the item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """A price of one stock unit without tax, in the currency that was asked for; it is from `paid`."""

    unit_price: Decimal
    source: Source
    paid: Paid | None = None


def likely_price(item: Item, *, supplier: Supplier | None, currency: str, on: date) -> Likely | None:
    """Return what one stock unit of an item will probably cost, None where nothing is known.

    That is the price of the newest committed order to this supplier in this currency; else the newest price
    paid to anybody, by the rates of then and of `on`; else the item's own. What is converted is rounded to
    four decimals.
    """
    sellers = prices.by_supplier(item)
    for seller in sellers:
        if supplier and seller.supplier.pk == supplier.pk:
            for paid in seller.paid:
                if paid.currency == currency:
                    return Likely(unit_price=paid.unit_price, source=Source.SUPPLIER, paid=paid)
    rate = rates.newest(currency, on=on)
    if sellers and rate:
        last = sellers[0].last
        same = last.currency == currency
        unit_price = last.unit_price if same else round(last.in_base / rate.rate, _DECIMALS)
        return Likely(unit_price=unit_price, source=Source.LAST, paid=last)
    if not item.unit_price:
        return None
    if item.currency == currency:
        return Likely(unit_price=item.unit_price, source=Source.ITEM)
    own = rates.newest(item.currency, on=on)
    if rate is None or own is None:
        return None
    return Likely(unit_price=round(item.unit_price * own.rate / rate.rate, _DECIMALS), source=Source.ITEM)
