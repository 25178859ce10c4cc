"""What the page of an order shows beside its form."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from ipms.admin.cards import Card, FactsCard, FiguresCard, TableCard, card_of
from ipms.admin.display import (
    amount,
    apart,
    choice_badge,
    link,
    moment,
    number,
)
from ipms.admin.panels import Figure
from procurement.admin import next_step
from procurement.admin.orders import expected_badge
from procurement.models import OrderHistory, OrderStatus, PurchaseOrder
from procurement.models.orders import COMMITTED


@card_of(PurchaseOrder)
class OrderFigures(FiguresCard):
    is_above = True
    order = 10

    def figures(self, request: Any, order: PurchaseOrder) -> list[Figure]:
        is_foreign = order.currency != order.base_currency
        figures = [
            Figure(
                label=_("Status"),
                value=choice_badge(order),
                hint=order.rejection_reason if order.status == OrderStatus.REJECTED else "",
            ),
            Figure(
                label=_("Total, %(currency)s") % {"currency": order.currency},
                value=amount(order.total_amount, order.currency),
                hint=_("of it tax %(tax)s") % {"tax": amount(order.tax_amount, order.currency)}
                if order.tax_amount
                else "",
            ),
        ]
        if is_foreign:
            figures.append(
                Figure(
                    label=_("In base currency, %(currency)s") % {"currency": order.base_currency},
                    value=amount(order.total_base, order.base_currency),
                    hint=_("rate %(rate)s") % {"rate": number(order.exchange_rate)}
                    if order.exchange_rate
                    else _("no rate is known yet"),
                )
            )
        figures.append(Figure(label=_("Expected"), value=expected_badge(order)))
        return figures


@card_of(PurchaseOrder)
class NextStep(Card):
    """What is to happen next, and who does it."""

    template = "admin/procurement/next_step.html"
    is_above = True
    order = 5

    def context(self, request: Any, order: PurchaseOrder) -> dict[str, Any]:
        return {"sentence": next_step.sentence(order, request.user)}


@card_of(PurchaseOrder)
class WhoDecided(FactsCard):
    is_above = True
    order = 15

    def facts(self, request: Any, order: PurchaseOrder) -> list[tuple[Any, Any]]:
        facts = [(_("Made by"), _who(order.created_by, order.created_at))]
        if order.approved_by:
            facts.append((_("Approved by"), _who(order.approved_by, order.approved_at)))
            if order.currency != order.base_currency:
                facts.append((_("Source of the rate"), order.exchange_rate_source))
        if order.delivered_at:
            facts.append((_("Delivered"), moment(order.delivered_at)))
        return facts


@card_of(PurchaseOrder)
class Receipts(TableCard):
    title = _("Goods receipts")
    permission = "procurement.view_goodsreceipt"
    order = 20
    headings = [_("Number"), _("Received"), _("By"), _("Reference")]
    empty = _("Nothing has come yet.")

    def is_visible(self, request: Any, order: PurchaseOrder) -> bool:
        return order.status in COMMITTED and super().is_visible(request, order)

    def rows(self, request: Any, order: PurchaseOrder) -> list[list[Any]]:
        return [
            [link(receipt), moment(receipt.occurred_at), receipt.received_by, receipt.reference or "–"]
            for receipt in order.receipts.select_related("received_by")
        ]


@card_of(PurchaseOrder)
class History(TableCard):
    title = _("History")
    permission = "procurement.view_orderhistory"
    order = 30
    headings = [_("When"), _("What happened"), _("Comment")]

    def rows(self, request: Any, order: PurchaseOrder) -> list[list[Any]]:
        transitions = OrderHistory.objects.filter(order=order).select_related("by")
        return [
            [moment(transition.at), next_step.in_words(transition), transition.comment or "–"]
            for transition in transitions.order_by("-id")
        ]


def _who(person: Any, at: Any) -> Any:
    return apart(person, moment(at))
