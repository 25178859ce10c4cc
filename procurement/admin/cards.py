"""What purchasing shows on the pages of orders, items and suppliers."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inventory.models import Item
from ipms.admin.cards import FactsCard, FiguresCard, TableCard, card_of
from ipms.admin.display import (
    amount,
    badge,
    choice_badge,
    link,
    moment,
    money,
    number,
    quantity,
    unit_price,
)
from ipms.admin.panels import Figure
from procurement import replenishment
from procurement.admin.orders import expected_badge
from procurement.models import OrderHistory, OrderStatus, PurchaseOrder, PurchaseOrderLine
from procurement.models.orders import COMMITTED
from suppliers.models import Supplier

_ROWS = 10
_STILL_TO_COME = (OrderStatus.PENDING, OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)


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
    headings = [_("When"), _("Who"), _("From"), _("To"), _("Comment")]

    def rows(self, request: Any, order: PurchaseOrder) -> list[list[Any]]:
        transitions = OrderHistory.objects.filter(order=order).select_related("by")
        return [
            [
                moment(transition.at),
                transition.by,
                badge(transition.from_status, transition.get_from_status_display()),
                badge(transition.to_status, transition.get_to_status_display()),
                transition.comment or "–",
            ]
            for transition in transitions.order_by("-id")
        ]


@card_of(Item)
class ReorderingOfItem(FiguresCard):
    """What the item is expected to need, when it is ordered again and how much."""

    permission = "procurement.add_purchaseorder"
    order = 20

    def is_visible(self, request: Any, item: Item) -> bool:
        return item.is_active and super().is_visible(request, item)

    def figures(self, request: Any, item: Item) -> list[Figure]:
        (found,) = replenishment.outlook(on=timezone.localdate(), items=[item.pk])
        forecast, days = found.forecast, found.lead_time.days
        return [
            Figure(
                label=_("Expected demand a week"),
                value=number(round(found.demand_per_day * 7, 1)),
                hint=forecast.kind.label,
            ),
            Figure(
                label=_("Lead time in days"),
                value=number(round(days.mean, 1)),
                hint=found.lead_time.source.label,
            ),
            Figure(
                label=_("Reorder point"),
                value=number(found.reorder_point),
                hint=_("of it safety stock %(quantity)s") % {"quantity": number(found.safety_stock)},
            ),
            Figure(
                label=_("To order now"),
                value=number(found.quantity),
                hint=_("see the suggestions for why") if found.quantity else "",
                url=reverse("admin:procurement_reorder_suggestions") if found.quantity else "",
                tone="warn" if found.quantity else "good",
            ),
        ]


@card_of(Item)
class OpenOrdersOfItem(TableCard):
    title = _("Open orders")
    permission = "procurement.view_purchaseorder"
    order = 30
    headings = [
        _("Order"),
        _("Status"),
        _("Supplier"),
        _("Ordered"),
        _("Outstanding"),
        _("Unit price"),
        _("Expected"),
    ]
    numeric = [3, 4, 5]
    empty = _("Nothing is on order.")

    def more_url(self, item: Item) -> str:
        return reverse("admin:procurement_purchaseorderline_changelist", query={"item__id__exact": item.pk})

    def rows(self, request: Any, item: Item) -> list[list[Any]]:
        lines = PurchaseOrderLine.objects.filter(item=item, order__status__in=_STILL_TO_COME)
        return [
            [
                link(line.order),
                choice_badge(line.order),
                link(line.order.supplier),
                quantity(line.quantity, item.unit_id),
                quantity(line.outstanding_quantity, item.unit_id),
                unit_price(line.unit_price, line.order.currency),
                expected_badge(line.order),
            ]
            for line in lines.select_related("order__supplier").order_by("-order_id")[:_ROWS]
        ]


@card_of(Supplier)
class OrdersOfSupplier(TableCard):
    title = _("Orders")
    permission = "procurement.view_purchaseorder"
    order = 30
    headings = [_("Order"), _("Status"), _("Ordered on"), _("Expected"), _("Total"), _("Made by")]
    numeric = [4]
    empty = _("Nothing was ordered yet.")

    def more_url(self, supplier: Supplier) -> str:
        return reverse(
            "admin:procurement_purchaseorder_changelist", query={"supplier__id__exact": supplier.pk}
        )

    def rows(self, request: Any, supplier: Supplier) -> list[list[Any]]:
        orders = PurchaseOrder.objects.filter(supplier=supplier).select_related("created_by")
        return [
            [
                link(order),
                choice_badge(order),
                date_format(order.ordered_on),
                expected_badge(order),
                money(order.total_amount, order.currency),
                order.created_by,
            ]
            for order in orders.order_by("-id")[:_ROWS]
        ]


def _who(person: Any, at: Any) -> Any:
    return format_html("{} · {}", person, moment(at))
