"""What purchasing shows on the page of a lot: by which receipts of which orders it came."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from inventory.models import Lot
from ipms.admin.cards import TableCard, card_of
from ipms.admin.columns import stacked
from ipms.admin.display import link, moment, quantity
from procurement.models import GoodsReceiptLine


@card_of(Lot)
class WhereTheLotCameFrom(TableCard):
    title = _("Where it came from")
    permission = "procurement.view_goodsreceipt"
    order = 30
    headings = [_("Receipt"), _("Order"), _("Quantity")]
    numeric = [2]

    def is_shown(self, context: dict[str, Any]) -> bool:
        return bool(context["rows"])

    def rows(self, request: Any, lot: Lot) -> list[list[Any]]:
        lines = GoodsReceiptLine.objects.filter(movement__lot=lot)
        return [
            [
                stacked(link(line.receipt), moment(line.receipt.occurred_at)),
                stacked(link(line.receipt.order), line.receipt.order.supplier.name),
                quantity(line.quantity, lot.item.unit_id),
            ]
            for line in lines.select_related("receipt__order__supplier").order_by("-pk")[:10]
        ]
