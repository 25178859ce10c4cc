"""What the search over everything finds of purchasing: orders and goods receipts."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ipms import search
from ipms.admin.finder import Hit, Source
from procurement.models import GoodsReceipt, PurchaseOrder


@admin.site.register_source
class Orders(Source):
    """By number, reference, supplier and item."""

    model = PurchaseOrder
    order = 30

    def named(self, text: str) -> QuerySet[Any]:
        return self._rows(PurchaseOrder.objects.filter(po_number__in={text, text.upper()}))

    def search(self, text: str) -> QuerySet[Any]:
        return self._rows(PurchaseOrder.objects.search(text))

    def hit(self, order: PurchaseOrder) -> Hit:
        return Hit(code=order.po_number, title=order.supplier.name, note=order.get_status_display())

    def _rows(self, orders: QuerySet[Any]) -> QuerySet[Any]:
        return orders.select_related("supplier")


@admin.site.register_source
class Receipts(Source):
    """By the beginning of their number or reference, and by the number of their order."""

    model = GoodsReceipt
    order = 50

    def named(self, text: str) -> QuerySet[Any]:
        return self._rows(GoodsReceipt.objects.filter(number=text.upper()))

    def search(self, text: str) -> QuerySet[Any]:
        orders = PurchaseOrder.objects.filter(po_number__in={text, text.upper()})
        return self._rows(
            GoodsReceipt.objects.filter(
                Q(number__startswith=text.upper())
                | Q(reference__istartswith=text)
                | search.among("order", orders)
            )
        )

    def hit(self, receipt: GoodsReceipt) -> Hit:
        about = _("%(supplier)s, order %(order)s") % {
            "supplier": receipt.order.supplier.name,
            "order": receipt.order,
        }
        note = date_format(localtime(receipt.occurred_at), "SHORT_DATE_FORMAT")
        return Hit(code=receipt.number, title=about, note=note)

    def _rows(self, receipts: QuerySet[Any]) -> QuerySet[Any]:
        return receipts.select_related("order__supplier")
