"""What the stores may refuse."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from ipms.errors import DomainError, InvalidInput
from ipms.money import plain

if TYPE_CHECKING:
    from inventory.models import Item, Location


class InsufficientStock(DomainError):
    """A location would give more than is available there."""

    code = "INSUFFICIENT_STOCK"

    def __init__(self, *, item: "Item", location: "Location", requested: Decimal, available: Decimal) -> None:
        super().__init__(
            _("%(location)s can give only %(available)s %(unit)s of %(sku)s, not %(requested)s.")
            % {
                "available": plain(available),
                "unit": item.unit_id,
                "sku": item.sku,
                "location": location.code,
                "requested": plain(requested),
            },
            item={"id": item.pk, "sku": item.sku, "name": item.name},
            location={"id": location.pk, "code": location.code, "name": location.name},
            requested=plain(requested),
            available=plain(available),
        )


class InvalidPosting(InvalidInput):
    """Postings that cannot be taken. `lines` maps the place of each in the call to its errors by field.

    The details are those of the first faulty line, as a caller with one posting wants them.
    """

    def __init__(self, lines: Mapping[int, Mapping[str, Any]]) -> None:
        super().__init__(next(iter(lines.values())))
        self.lines = lines


class LedgerBroken(DomainError):
    """Movements, balances and valuations do not tell the same story."""

    code = "LEDGER_BROKEN"

    def __init__(self, *, offences: int) -> None:
        sentence = _("%(count)d rows break an invariant of the ledger: manage.py verify_ledger lists them.")
        super().__init__(sentence % {"count": offences}, offences=offences)
