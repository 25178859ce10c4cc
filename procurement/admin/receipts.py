from django.contrib import admin
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.models import Item
from ipms.admin import object_links
from ipms.admin.base import ReadOnlyAdmin, ReadOnlyInline
from ipms.admin.cards import Card, CardsMixin, card_of
from ipms.admin.columns import with_base_currency
from ipms.admin.display import EMPTY, link, money, numeric, quantity
from ipms.admin.spreadsheets import ExportMixin
from procurement.admin.receiving import RECEIVABLE, page_of
from procurement.models import GoodsReceipt, GoodsReceiptLine, PurchaseOrder
from procurement.resources import ReceiptLineResource, ReceiptResource
from suppliers.models import Supplier


class _LineColumns:
    """How a line of a receipt is shown, in its own list and on its receipt."""

    @admin.display(description=_("item"), ordering="order_line__item__name")
    def item(self, line):
        return link(line.order_line.item)

    @numeric(description=_("quantity"), ordering="quantity")
    def came(self, line):
        return quantity(line.quantity, line.order_line.item.unit_id)

    @admin.display(description=_("location"))
    def location(self, line):
        return line.movement.to_location

    @admin.display(description=_("lot"))
    def lot(self, line):
        return link(line.movement.lot) if line.movement.lot else EMPTY

    @numeric(description=_("value"), ordering="movement__value")
    def value(self, line):
        return money(line.movement.value, line.base_currency)

    @admin.display(description=_("movement"))
    def movement_link(self, line):
        return link(line.movement)


_RELATED = ["order_line__item", "movement__to_location", "movement__lot"]


class ReceiptLineInline(_LineColumns, ReadOnlyInline):
    model = GoodsReceiptLine
    fields = readonly_fields = ["item", "came", "location", "lot", "value", "movement_link"]

    def get_queryset(self, request):
        return with_base_currency(super().get_queryset(request)).select_related(*_RELATED)


@admin.register(GoodsReceipt)
class GoodsReceiptAdmin(ExportMixin, CardsMixin, ReadOnlyAdmin):
    """The note of what came (GRN)."""

    change_form_template = CardsMixin.change_form_template
    resource_classes = [ReceiptResource]
    export_permission = "procurement.approve_purchaseorder"

    list_display = ["number", "order_link", "supplier", "reference", "received_by", "occurred_at"]
    list_select_related = ["order__supplier", "received_by"]
    list_filter = ["received_by"]
    search_fields = ["number", "order__po_number"]
    search_help_text = _("Number of the receipt or the order, reference, or supplier")
    date_hierarchy = "occurred_at"
    ordering = ["-id"]
    inlines = [ReceiptLineInline]
    fields = [
        ("number", "order_link", "supplier"),
        ("received_by", "occurred_at", "created_at"),
        "reference",
    ]
    readonly_fields = [
        "number",
        "order_link",
        "supplier",
        "received_by",
        "occurred_at",
        "created_at",
        "reference",
    ]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        named = queryset.filter(Q(number__istartswith=typed) | Q(order__po_number=typed) | Q(reference=typed))
        if named.exists():
            return named, False
        return queryset.filter(order__supplier__in=Supplier.objects.search(typed)), False

    @admin.display(description=_("order"), ordering="order")
    def order_link(self, receipt):
        return link(receipt.order)

    @admin.display(description=_("supplier"), ordering="order__supplier__name")
    def supplier(self, receipt):
        return receipt.order.supplier


@card_of(GoodsReceipt)
class WhatNow(Card):
    """After a receipt was posted: its paper, and the order that is received next."""

    template = "admin/procurement/after_receipt.html"
    permission = "procurement.deliver_purchaseorder"
    is_above = True

    def is_visible(self, request, receipt):
        return "posted" in request.GET and super().is_visible(request, receipt)

    def context(self, request, receipt):
        to_come = PurchaseOrder.objects.filter(status__in=RECEIVABLE).exclude(pk=receipt.order_id)
        soonest = to_come.order_by(F("expected_date").asc(nulls_last=True), "id")
        following = soonest.select_related("supplier").first()
        return {
            "links": object_links.of(request, receipt),
            "following": following,
            "following_url": page_of(following) if following else "",
            "is_open": receipt.order.status in RECEIVABLE,
            "order": receipt.order,
        }


@admin.register(GoodsReceiptLine)
class GoodsReceiptLineAdmin(_LineColumns, ExportMixin, ReadOnlyAdmin):
    resource_classes = [ReceiptLineResource]
    export_permission = "procurement.approve_purchaseorder"

    list_display = ["receipt_link", "item", "came", "location", "lot", "value", "movement_link"]
    list_display_links = None
    list_select_related = ["receipt", *_RELATED]
    search_fields = ["receipt__number"]
    search_help_text = _("Item, or the number of a receipt")
    ordering = ["-id"]
    fields = readonly_fields = ["receipt_link", "item", "came", "location", "lot", "value", "movement_link"]

    def has_module_permission(self, request):
        # Read on the receipt; nobody looks for it in the sidebar.
        return False

    def get_queryset(self, request):
        return with_base_currency(super().get_queryset(request))

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        of_receipt = queryset.filter(receipt__number__iexact=typed)
        if of_receipt.exists():
            return of_receipt, False
        return queryset.filter(order_line__item__in=Item.objects.search(typed)), False

    @admin.display(description=_("goods receipt"), ordering="receipt")
    def receipt_link(self, line):
        return link(line.receipt)
