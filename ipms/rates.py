"""Exchange rates into the base currency."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from ipms import site
from ipms.models import ExchangeRate


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A rate with where it comes from, so that a document can keep both."""

    rate: Decimal
    source: str


def newest(currency: str, *, on: date) -> Rate | None:
    """Return base currency for one unit of `currency`: the newest stored rate valid on that day, or None."""
    if currency == site.base_currency():
        return Rate(rate=Decimal(1), source=_("base currency"))
    stored = (
        ExchangeRate.objects.filter(currency=currency, valid_from__lte=on).order_by("-valid_from").first()
    )
    if stored is None:
        return None
    source = stored.source or _("rates table")
    return Rate(rate=stored.rate, source=f"{source}, {stored.valid_from}")
