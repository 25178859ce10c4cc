"""What purchasing shows on the page of a supplier: who they are, what is ordered, at what price."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.demand import Period
from ipms import site
from ipms.admin import charts
from ipms.admin.cards import Card, ChangesCard, FactsCard, FiguresCard, TableCard, card_of
from ipms.admin.columns import stacked
from ipms.admin.display import apart, badge, choice_badge, link, money, number, unit_price
from ipms.admin.panels import Figure
from procurement.admin.orders import expected_badge
from procurement.models import OrderStatus, PurchaseOrder, PurchaseOrderLine
from procurement.models.orders import COMMITTED
from suppliers.models import Supplier, SupplierStatus

_ROWS = 10
#: So many of what is settled show beside what is to come.
_NEWEST = 3
_MONTHS = 12
_TO_COME = (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)
_TONES = {SupplierStatus.ACTIVE: "good", SupplierStatus.ON_HOLD: "warn", SupplierStatus.INACTIVE: "quiet"}


@card_of(Supplier)
class AboutSupplier(FactsCard):
    """How they are reached, and on what terms; the form has the rest."""

    order = 5

    def facts(self, request: Any, supplier: Supplier) -> list[tuple[Any, Any]]:
        place = ", ".join(filter(None, [supplier.city, supplier.country.name]))
        facts = [
            (_("Status"), badge(supplier.status, supplier.status.label, tone=_TONES[supplier.status])),
            (_("Contact"), supplier.contact_person),
            (_("Phone"), _reached("tel", supplier.phone)),
            (_("Email"), _reached("mailto", supplier.email)),
            (_("Place"), place),
            (_("Currency"), supplier.currency),
            (_("Payment terms in days"), number(supplier.payment_terms_days)),
        ]
        return [(label, value) for label, value in facts if value]


@card_of(Supplier)
class OpenWithSupplier(FiguresCard):
    permission = "procurement.view_purchaseorder"
    order = 10

    def figures(self, request: Any, supplier: Supplier) -> list[Figure]:
        late = Q(status__in=_TO_COME, expected_date__lt=timezone.localdate())
        found = PurchaseOrder.objects.filter(
            supplier=supplier, status__in=[OrderStatus.PENDING, *_TO_COME]
        ).aggregate(
            pending=Count("pk", filter=Q(status=OrderStatus.PENDING)),
            to_come=Count("pk", filter=Q(status__in=_TO_COME)),
            to_come_amount=Sum("total_base", filter=Q(status__in=_TO_COME)),
            late=Count("pk", filter=late),
        )
        return [
            Figure(
                label=_("Waiting for approval"),
                value=number(found["pending"]),
                url=_orders(supplier, status__exact=OrderStatus.PENDING),
                tone="warn" if found["pending"] else "",
            ),
            Figure(
                label=_("To come"),
                value=number(found["to_come"]),
                hint=money(found["to_come_amount"] or Decimal(0), site.base_currency()),
                url=_orders(supplier, due="open"),
            ),
            Figure(
                label=_("Overdue"),
                value=number(found["late"]),
                url=_orders(supplier, due="overdue"),
                tone="bad" if found["late"] else "good",
            ),
        ]


@card_of(Supplier)
class OrdersOfSupplier(TableCard):
    """What is still to come first, by the day it is expected; then the newest."""

    title = _("Orders")
    permission = "procurement.view_purchaseorder"
    order = 30
    headings = [_("Order"), _("Status"), _("Expected"), _("Total")]
    numeric = [3]
    empty = _("Nothing was ordered yet.")

    def more_url(self, supplier: Supplier) -> str:
        return _orders(supplier)

    def rows(self, request: Any, supplier: Supplier) -> list[list[Any]]:
        orders = PurchaseOrder.objects.filter(supplier=supplier).select_related("created_by")
        coming = list(orders.filter(status__in=_TO_COME).order_by("expected_date", "-pk")[:_ROWS])
        newest = orders.exclude(status__in=_TO_COME).order_by("-pk")[: max(_ROWS - len(coming), _NEWEST)]
        return [
            [
                stacked(link(order), apart(date_format(order.ordered_on), order.created_by)),
                choice_badge(order),
                expected_badge(order),
                money(order.total_amount, order.currency),
            ]
            for order in [*coming, *newest]
        ]


@card_of(Supplier)
class SpendAtSupplier(Card):
    """Approved orders in base currency by the month they were ordered in."""

    title = _("Spend by month")
    template = "admin/panels/chart.html"
    permission = "procurement.view_purchaseorder"
    order = 40
    width = "half"

    def context(self, request: Any, supplier: Supplier) -> dict[str, Any]:
        base, this_month = site.base_currency(), timezone.localdate().replace(day=1)
        months = [Period.MONTH.before(this_month, periods=back) for back in range(_MONTHS - 1, -1, -1)]
        spent: dict[date, Decimal] = dict(
            PurchaseOrder.objects.filter(supplier=supplier, status__in=COMMITTED, ordered_on__gte=months[0])
            .order_by()
            .annotate(month=TruncMonth("ordered_on"))
            .values_list("month")
            .annotate(amount=Sum("total_base"))
        )
        points = [charts.Point(date_format(month, "M"), spent.get(month, Decimal(0))) for month in months]
        label = gettext("Spend by month, in %(base)s") % {"base": base}
        return {"chart": charts.bars(points if spent else [], label=label, unit=base)}


@card_of(Supplier)
class ItemsOfSupplier(TableCard):
    """What was bought of them last, each item once, at its last price."""

    title = _("What we buy of them")
    permission = "procurement.view_purchaseorder"
    order = 41
    width = "half"
    headings = [_("Item"), _("Last ordered"), _("Last paid")]
    numeric = [2]
    empty = _("Nothing was ordered yet.")
    #: So many of the newest lines are looked at.
    newest = 200

    def rows(self, request: Any, supplier: Supplier) -> list[list[Any]]:
        lines = (
            PurchaseOrderLine.objects.filter(order__supplier=supplier, order__status__in=COMMITTED)
            .select_related("item", "order")
            .order_by("-order_id", "number")
        )
        last: dict[int, PurchaseOrderLine] = {}
        for line in lines[: self.newest]:
            last.setdefault(line.item_id, line)
        return [
            [
                stacked(link(line.item, line.item.sku), line.item.name),
                stacked(date_format(line.order.ordered_on), link(line.order)),
                unit_price(line.unit_price, line.order.currency),
            ]
            for line in list(last.values())[:_ROWS]
        ]


@card_of(Supplier)
class WhoChangedTheSupplier(ChangesCard):
    pass


def _orders(supplier: Supplier, **which: Any) -> str:
    query = {"supplier__id__exact": supplier.pk, **which}
    return reverse("admin:procurement_purchaseorder_changelist", query=query)


def _reached(scheme: str, address: str) -> Any:
    if not address:
        return ""
    return format_html('<a href="{}:{}">{}</a>', scheme, address.replace(" ", ""), address)
