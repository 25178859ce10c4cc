"""What purchasing shows on the page of an item: what is to come, at what price, and what to order."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.models import Item
from ipms import site
from ipms.admin import charts
from ipms.admin.cards import FiguresCard, TableCard, card_of
from ipms.admin.columns import stacked
from ipms.admin.display import EMPTY, apart, choice_badge, link, number, quantity, unit_price
from ipms.admin.panels import Figure
from procurement import prices, reasons, replenishment
from procurement.admin.orders import expected_badge
from procurement.models import OrderStatus, PurchaseOrderLine
from procurement.prices import SupplierPrices

_ROWS = 8
_STILL_TO_COME = (OrderStatus.PENDING, OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)
#: So many prices make a line.
_DRAWN = 12


@card_of(Item)
class ReorderingOfItem(FiguresCard):
    """What the item is expected to need, when it is ordered again, how much, and why."""

    template = "admin/cards/reordering.html"
    permission = "procurement.add_purchaseorder"
    order = 30

    def is_visible(self, request: Any, item: Item) -> bool:
        return item.is_active and super().is_visible(request, item)

    def context(self, request: Any, item: Item) -> dict[str, Any]:
        (found,) = replenishment.outlook(on=timezone.localdate(), items=[item.pk])
        forecast, days = found.forecast, found.lead_time.days
        figures = [
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
                hint=_("see the suggestions") if found.quantity else "",
                url=reverse("admin:procurement_reorder_suggestions") if found.quantity else "",
                tone="warn" if found.quantity else "good",
            ),
        ]
        return {"figures": figures, "why": list(reasons.sentences(found))}


@card_of(Item)
class OpenOrdersOfItem(TableCard):
    title = _("To come")
    permission = "procurement.view_purchaseorder"
    order = 41
    width = "half"
    headings = [_("Order"), _("Expected"), _("Outstanding")]
    numeric = [2]
    empty = _("Nothing is on order.")

    def more_url(self, item: Item) -> str:
        return reverse("admin:procurement_purchaseorderline_changelist", query={"item__id__exact": item.pk})

    def rows(self, request: Any, item: Item) -> list[list[Any]]:
        lines = PurchaseOrderLine.objects.filter(item=item, order__status__in=_STILL_TO_COME)
        return [
            [
                stacked(link(line.order), line.order.supplier.name),
                stacked(expected_badge(line.order), choice_badge(line.order)),
                stacked(quantity(line.outstanding_quantity, item.unit_id), _of_ordered(line)),
            ]
            for line in lines.select_related("order__supplier").order_by("order__expected_date", "-order_id")[
                :_ROWS
            ]
        ]


@card_of(Item)
class PricesOfItem(TableCard):
    """What each supplier took last, and where its prices go."""

    title = _("Suppliers and prices")
    permission = "procurement.view_purchaseorder"
    order = 60
    width = "half"
    headings = [_("Supplier"), _("Last paid"), _("Trend")]
    numeric = [1]
    empty = _("It was never ordered.")

    def more_url(self, item: Item) -> str:
        return reverse("admin:procurement_purchaseorderline_changelist", query={"item__id__exact": item.pk})

    def rows(self, request: Any, item: Item) -> list[list[Any]]:
        base = site.base_currency()
        return [
            [
                stacked(
                    link(found.supplier, found.supplier.name),
                    apart(link_of_last(found), date_format(found.last.ordered_on)),
                ),
                _price(found, base),
                _trend(found, base),
            ]
            for found in prices.by_supplier(item)[:_ROWS]
        ]


def link_of_last(found: SupplierPrices) -> Any:
    url = reverse("admin:procurement_purchaseorder_change", args=[found.last.order_id])
    return format_html('<a href="{}">{}</a>', url, found.last.order)


def _of_ordered(line: PurchaseOrderLine) -> str:
    return gettext("of %(quantity)s") % {"quantity": number(line.quantity)}


def _price(found: SupplierPrices, base: str) -> Any:
    price = unit_price(found.last.unit_price, found.last.currency)
    if found.last.currency == base:
        return price
    return stacked(price, unit_price(round(found.last.in_base, 4), base))


def _trend(found: SupplierPrices, base: str) -> Any:
    if found.change is None:
        return EMPTY
    percent = number_format(abs(found.change) * 100, decimal_pos=1)
    sign = "▲" if found.change > 0 else "▼" if found.change < 0 else "="
    drawn = [paid.in_base for paid in found.paid[:_DRAWN]][::-1]
    label = gettext("Prices of the last %(count)s orders, in %(base)s") % {"count": len(drawn), "base": base}
    return stacked(charts.sparkline(drawn, label=label), f"{sign} {percent} %")
