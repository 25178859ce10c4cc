"""What an order comes to in base currency: estimated while it is open, frozen when it is approved."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from ipms import money, rates, site
from ipms.errors import InvalidInput
from procurement import drafts
from procurement.models import PurchaseOrder

#: What fits the column of a rate.
_RATE_LIMIT, _RATE_DECIMALS = Decimal(10) ** 10, 10


def estimate(orders: Sequence[PurchaseOrder]) -> None:
    """Set rate and total in base currency by the newest stored rate, None where there is none.

    Raises `InvalidInput` where a total is beyond any that can be kept.
    """
    base = site.base_currency()
    rate_of = _rates({order.currency for order in orders}, base=base, given=None)
    for order in orders:
        if not _convert(order, rate_of[order.currency], base=base):
            raise InvalidInput({"lines": [_("The total is more than an order can hold.")]})


def freeze(orders: Sequence[PurchaseOrder], *, given: Decimal | None = None) -> str:
    """Set rate and total in base currency for good: by the rate that is given, else the newest stored one.

    A given rate is base currency for one unit of the currency of all orders. Answers with the base currency.
    Raises `InvalidInput` on `exchange_rate` where no rate is known, or the one given cannot be.
    """
    base = site.base_currency()
    rate_of = _rates({order.currency for order in orders}, base=base, given=given)
    for order in orders:
        rate = rate_of[order.currency]
        if rate is None:
            sentence = _("There is no exchange rate for %(currency)s: enter one.")
            raise _refused_rate(sentence % {"currency": order.currency})
        if not _convert(order, rate, base=base):
            raise _refused_rate(_("At this rate the total is more than an order can hold."))
    return base


def _convert(order: PurchaseOrder, rate: rates.Rate | None, *, base: str) -> bool:
    """Set rate and total of an order; say whether the total can be kept."""
    if rate is None:
        order.exchange_rate, order.exchange_rate_source, order.total_base = None, "", None
        return True
    total = money.multiply(order.total_amount, rate.rate, base)
    order.exchange_rate, order.exchange_rate_source, order.total_base = rate.rate, rate.source, total
    return total < drafts.AMOUNT_LIMIT


def _rates(currencies: set[str], *, base: str, given: Decimal | None) -> dict[str, rates.Rate | None]:
    today = timezone.localdate()
    if given is None:
        return {currency: rates.newest(currency, on=today) for currency in currencies}
    if not given.is_finite() or not 0 < given < _RATE_LIMIT:
        raise _refused_rate(_("Enter a rate above zero."))
    if given != round(given, _RATE_DECIMALS):
        raise _refused_rate(_("At most %(decimals)s decimals, please.") % {"decimals": _RATE_DECIMALS})
    if base in currencies and given != 1:
        raise _refused_rate(_("The order is in base currency: its rate is 1."))
    if len(currencies) > 1:
        raise _refused_rate(_("One rate does not hold for several currencies."))
    if base in currencies:
        return {base: rates.newest(base, on=today)}
    return dict.fromkeys(currencies, rates.Rate(rate=given, source=_("entered at approval")))


def _refused_rate(sentence: str) -> InvalidInput:
    return InvalidInput({"exchange_rate": [sentence]})
