"""What the stores may refuse."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from ipms.errors import DomainError, InvalidInput, InvalidState, NotAllowed
from ipms.money import plain

if TYPE_CHECKING:
    from inventory.models import CountLine, Item, Location, StockCount


class InsufficientStock(DomainError):
    """A location would give more than is available there.

    Message and details are those of the first line that falls short; where several were posted at once,
    `lines` maps the place of each that does to its errors by field.
    """

    code = "INSUFFICIENT_STOCK"
    lines: Mapping[int, Mapping[str, Any]] = {}

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


class UndoNotAllowed(NotAllowed):
    """People undo what they did themselves a short while ago; the rest is for those who may reverse."""


class LedgerBroken(DomainError):
    """Movements, balances and valuations do not tell the same story."""

    code = "LEDGER_BROKEN"

    def __init__(self, *, offences: int) -> None:
        sentence = _("%(count)d rows break an invariant of the ledger: manage.py verify_ledger lists them.")
        super().__init__(sentence % {"count": offences}, offences=offences)


class CountStateForbids(InvalidState):
    """The status of the stock count does not allow what was asked; details name where it may go."""

    def __init__(self, count: "StockCount", *, allowed: Sequence[str]) -> None:
        sentence = _("%(number)s is “%(status)s”: this cannot be done now.")
        super().__init__(
            sentence % {"number": count.number, "status": count.get_status_display()},
            status=count.status,
            allowed=[str(status) for status in allowed],
        )


class OwnCount(DomainError):
    """Nobody approves what they counted or submitted."""

    code = "SELF_APPROVAL"

    def __init__(self, count: "StockCount") -> None:
        sentence = _("You counted or submitted %(number)s: somebody else has to approve it.")
        super().__init__(sentence % {"number": count.number})


class ShortageGone(DomainError):
    """What a count found missing is not there any more to be taken off the books, or is promised."""

    code = "INSUFFICIENT_STOCK"

    def __init__(self, line: "CountLine", *, shortage: Decimal, available: Decimal) -> None:
        item, location = line.item, line.location
        sentence = _(
            "%(sku)s at %(location)s: the count is %(shortage)s %(unit)s short, but only %(available)s can "
            "still be taken off the books there. Ask for this line to be counted again."
        )
        super().__init__(
            sentence
            % {
                "sku": f"{item.sku} ({line.lot.number})" if line.lot else item.sku,
                "location": location.code,
                "shortage": plain(shortage),
                "unit": item.unit_id,
                "available": plain(available),
            },
            line=line.pk,
            item={"id": item.pk, "sku": item.sku, "name": item.name},
            location={"id": location.pk, "code": location.code, "name": location.name},
            requested=plain(shortage),
            available=plain(available),
        )
