"""Panels of the first page: what waits for a decision, what is to come, what was spent."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from ipms import site
from ipms.admin import charts
from ipms.admin.columns import stacked
from ipms.admin.display import link, money, number
from ipms.admin.panels import ChartPanel, Figure, FiguresPanel, TablePanel
from procurement.admin.orders import expected_badge
from procurement.models import OrderStatus, PurchaseOrder
from procurement.models.orders import COMMITTED

_LIST = reverse_lazy("admin:procurement_purchaseorder_changelist")
_TO_COME = (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)
_ROWS = 8
_MONTHS = 12


@admin.site.register_panel
class OrderFigures(FiguresPanel):
    permission = "procurement.view_purchaseorder"
    order = 20
    width = "full"

    def figures(self, request: Any) -> list[Figure]:
        late = Q(status__in=_TO_COME, expected_date__lt=timezone.localdate())
        found = PurchaseOrder.objects.filter(status__in=[OrderStatus.PENDING, *_TO_COME]).aggregate(
            pending=Count("pk", filter=Q(status=OrderStatus.PENDING)),
            pending_amount=Sum("total_base", filter=Q(status=OrderStatus.PENDING)),
            to_come=Count("pk", filter=Q(status__in=_TO_COME)),
            to_come_amount=Sum("total_base", filter=Q(status__in=_TO_COME)),
            late=Count("pk", filter=late),
        )
        base = site.base_currency()
        return [
            Figure(
                label=_("Waiting for approval"),
                value=number(found["pending"]),
                hint=money(found["pending_amount"] or Decimal(0), base),
                url=f"{_LIST}?status__exact=pending",
                tone="warn" if found["pending"] else "",
            ),
            Figure(
                label=_("To receive"),
                value=number(found["to_come"]),
                hint=money(found["to_come_amount"] or Decimal(0), base),
                url=f"{_LIST}?due=open",
            ),
            Figure(
                label=_("Overdue"),
                value=number(found["late"]),
                hint=_("expected before today"),
                url=f"{_LIST}?due=overdue",
                tone="bad" if found["late"] else "good",
            ),
        ]


@admin.site.register_panel
class WaitingForApproval(TablePanel):
    """What this person may decide on: others' orders, the oldest first."""

    title = _("Waiting for your decision")
    permission = "procurement.approve_purchaseorder"
    order = 30
    headings = [_("Order"), _("Age"), _("Amount")]
    numeric = [2]
    empty = _("No order is waiting.")
    more_url = reverse_lazy("admin:procurement_purchaseorder_changelist", query={"status__exact": "pending"})

    def rows(self, request: Any) -> list[list[Any]]:
        pending = PurchaseOrder.objects.filter(status=OrderStatus.PENDING).exclude(created_by=request.user)
        base = site.base_currency()
        return [
            [
                stacked(link(order), f"{Truncator(order.supplier.name).chars(20)} · {order.created_by}"),
                timesince(order.created_at, depth=1),
                _amount(order, base),
            ]
            for order in pending.select_related("supplier", "created_by").order_by("id")[:_ROWS]
        ]


@admin.site.register_panel
class ToReceive(TablePanel):
    title = _("Orders to receive")
    permission = "procurement.deliver_purchaseorder"
    order = 32
    headings = [_("Order"), _("Expected"), ""]
    numeric = [2]
    empty = _("Nothing is to come.")
    more_url = reverse_lazy("admin:procurement_purchaseorder_changelist", query={"due": "open"})

    def rows(self, request: Any) -> list[list[Any]]:
        orders = PurchaseOrder.objects.filter(status__in=_TO_COME).select_related("supplier")
        return [
            [
                stacked(link(order), Truncator(order.supplier.name).chars(34)),
                expected_badge(order),
                format_html(
                    '<a class="button button--small" href="{}">{}</a>',
                    reverse("admin:procurement_purchaseorder_action", args=[order.pk, "receive"]),
                    _("Receive"),
                ),
            ]
            for order in orders.order_by(F("expected_date").asc(nulls_last=True), "id")[:_ROWS]
        ]


@admin.site.register_panel
class SpendByMonth(ChartPanel):
    """Approved orders in base currency by the month they were ordered in, the last twelve."""

    title = _("Spend by month")
    permission = "procurement.approve_purchaseorder"
    order = 31
    more_url = _LIST

    def chart(self, request: Any) -> charts.Chart:
        base = site.base_currency()
        months = _last_months(timezone.localdate())
        spent = dict(
            PurchaseOrder.objects.filter(status__in=COMMITTED, ordered_on__gte=months[0])
            .order_by()
            .annotate(month=TruncMonth("ordered_on"))
            .values_list("month")
            .annotate(amount=Sum("total_base"))
        )
        points = [charts.Point(date_format(month, "M"), spent.get(month, Decimal(0))) for month in months]
        return charts.bars(
            points if spent else [], label=_("Spend by month, in %(base)s") % {"base": base}, unit=base
        )


def _last_months(today: date) -> list[date]:
    first = today.year * 12 + today.month - _MONTHS
    return [date((first + i) // 12, (first + i) % 12 + 1, 1) for i in range(_MONTHS)]


def _amount(order: PurchaseOrder, base: str) -> Any:
    if order.total_base is None:
        return money(order.total_amount, order.currency)
    return money(order.total_base, base)
