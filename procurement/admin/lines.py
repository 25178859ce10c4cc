"""Order lines and transitions over all orders: to search and to export; written with their order alone."""

from django.contrib import admin
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.models import Item
from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.display import badge, link, money, numeric, quantity, unit_price
from ipms.admin.spreadsheets import ExportMixin
from procurement.admin import filters
from procurement.models import ImportedLine, OrderHistory, PurchaseOrderLine
from procurement.resources import HistoryResource, ImportedLineResource, LineResource


@admin.register(PurchaseOrderLine)
class PurchaseOrderLineAdmin(ExportMixin, ReadOnlyAdmin):
    resource_classes = [LineResource]
    export_permission = "procurement.approve_purchaseorder"

    list_display = ["order_link", "number", "state", "item_link", "ordered", "open", "price", "total"]
    list_display_links = None
    list_select_related = ["order", "item"]
    list_filter = ["order__status", filters.SupplierOfOrderFilter]
    search_fields = ["order__po_number"]
    search_help_text = _("Item, or the number of an order")
    ordering = ["-order_id", "number"]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        of_order = queryset.filter(Q(order__po_number__iexact=typed) | Q(order__reference=typed))
        if of_order.exists():
            return of_order, False
        return queryset.filter(item__in=Item.objects.search(typed)), False

    @admin.display(description=_("order"), ordering="order")
    def order_link(self, line):
        return link(line.order)

    @admin.display(description=_("item"), ordering="item__name")
    def item_link(self, line):
        return link(line.item)

    @numeric(description=_("ordered"), ordering="quantity")
    def ordered(self, line):
        return quantity(line.quantity, line.item.unit_id)

    @numeric(description=_("unit price"), ordering="unit_price")
    def price(self, line):
        return unit_price(line.unit_price, line.order.currency)

    @numeric(description=_("line total"), ordering="line_total")
    def total(self, line):
        return money(line.line_total, line.order.currency)

    @numeric(description=_("outstanding"), ordering=F("quantity") - F("received_quantity"))
    def open(self, line):
        return quantity(line.outstanding_quantity)

    @admin.display(description=_("status"), ordering="order__status")
    def state(self, line):
        return badge(line.order.status, line.order.get_status_display())


@admin.register(OrderHistory)
class OrderHistoryAdmin(ExportMixin, ReadOnlyAdmin):
    resource_classes = [HistoryResource]
    export_permission = "procurement.approve_purchaseorder"

    list_display = ["at", "order_link", "before", "after", "by", "comment"]
    list_select_related = ["order", "by"]
    list_filter = ["to_status", "by"]
    search_fields = ["order__po_number__istartswith", "comment__icontains"]
    search_help_text = _("Number of an order, or words of a comment")
    date_hierarchy = "at"
    ordering = ["-id"]
    fields = readonly_fields = ["order_link", "before", "after", "by", "at", "comment"]

    def has_module_permission(self, request):
        # Read on the order; nobody looks for it in the sidebar.
        return False

    @admin.display(description=_("order"), ordering="order")
    def order_link(self, transition):
        return link(transition.order)

    @admin.display(description=_("from"))
    def before(self, transition):
        return badge(transition.from_status, transition.get_from_status_display())

    @admin.display(description=_("to"), ordering="to_status")
    def after(self, transition):
        return badge(transition.to_status, transition.get_to_status_display())


@admin.register(ImportedLine)
class ImportedLineAdmin(ExportMixin, ReadOnlyAdmin):
    """Which row of which spreadsheet an order line came from."""

    resource_classes = [ImportedLineResource]

    list_display = ["source", "key", "order_link", "created_at"]
    list_select_related = ["order_line__order"]
    list_filter = ["source"]
    search_fields = ["key__exact"]
    search_help_text = _("Whole key of the row")
    ordering = ["-id"]
    fields = readonly_fields = ["source", "key", "order_link", "created_at"]

    @admin.display(description=_("order"))
    def order_link(self, imported):
        return link(imported.order_line.order)
