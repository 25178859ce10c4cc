"""What purchasing may refuse."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from ipms.errors import DomainError, InvalidState
from ipms.money import plain, round_amount

if TYPE_CHECKING:
    from procurement.models import GoodsReceipt, PurchaseOrder, PurchaseOrderLine


class OrderStateForbids(InvalidState):
    """The order's status does not allow what was asked; details name the statuses it may go to."""

    def __init__(self, order: "PurchaseOrder", *, allowed: Sequence[str]) -> None:
        sentence = _("%(number)s is %(status)s: this cannot be done now.")
        super().__init__(
            sentence % {"number": order.po_number, "status": order.get_status_display().lower()},
            status=order.status,
            allowed=[str(status) for status in allowed],
        )


class ChangedMeanwhile(InvalidState):
    """The order is not any more what the person looked at."""

    def __init__(self, order: "PurchaseOrder") -> None:
        sentence = _("%(number)s was changed after you had opened it: look at it again before you decide.")
        super().__init__(sentence % {"number": order.po_number})


class SelfApproval(DomainError):
    """Nobody decides on an order that they made."""

    code = "SELF_APPROVAL"

    def __init__(self, order: "PurchaseOrder") -> None:
        sentence = _("You made %(number)s: somebody else has to decide on it.")
        super().__init__(sentence % {"number": order.po_number})


class ApprovalLimitExceeded(DomainError):
    """The total of the order in base currency is above what this person may approve."""

    code = "APPROVAL_LIMIT"

    def __init__(self, order: "PurchaseOrder", *, total: Decimal, limit: Decimal, currency: str) -> None:
        sentence = _("%(number)s comes to %(total)s %(currency)s; you may approve up to %(limit)s.")
        figures = {
            "total": f"{round_amount(total, currency):f}",
            "limit": f"{round_amount(limit, currency):f}",
            "currency": currency,
        }
        super().__init__(sentence % {"number": order.po_number, **figures}, **figures)


class ReceivedMeanwhile(InvalidState):
    """Somebody received goods of the order since this person looked at it."""

    def __init__(self, receipt: "GoodsReceipt") -> None:
        sentence = _(
            "Meanwhile %(person)s received %(receipt)s of this order. Nothing was posted now: what is "
            "outstanding has changed. Please check, then post what has come beside it."
        )
        super().__init__(
            sentence % {"person": receipt.received_by, "receipt": receipt.number}, receipt=receipt.pk
        )


class OverReceipt(DomainError):
    """More came than is outstanding on the line.

    `advice` is for the field of the quantity; `lines` has the errors of all lines of the delivery, as
    `InvalidInput` has them.
    """

    code = "OVER_RECEIPT"
    lines: Sequence[Mapping[str, Any]] = ()

    def __init__(self, line: "PurchaseOrderLine", *, quantity: Decimal) -> None:
        sentence = _("Line %(line)s (%(sku)s): %(quantity)s came, but only %(outstanding)s are outstanding.")
        figures = {"quantity": plain(quantity), "outstanding": plain(line.outstanding_quantity)}
        super().__init__(
            sentence % {"line": line.number, "sku": line.item.sku, **figures}, line=line.pk, **figures
        )
        self.advice = _(
            "%(excess)s %(unit)s more than the %(outstanding)s outstanding. An order takes nothing beyond "
            "what it asked for: enter what belongs to it, and have the rest ordered or sent back."
        ) % {
            "excess": plain(quantity - line.outstanding_quantity),
            "unit": line.item.unit_id,
            "outstanding": figures["outstanding"],
        }
