"""The pages of reports."""

from django.utils.translation import gettext_lazy as _
from django_countries import countries

from inventory.models import Category, Item, Location
from procurement.models import PurchaseOrder
from reporting.admin.inputs import Choices
from reporting.admin.links import Link
from reporting.admin.report_page import ReportPage
from reporting.api.analytics import AnalyticsReport
from reporting.api.inventory import InventoryReport
from reporting.api.purchase_orders import PurchaseOrderReport
from reporting.api.suppliers import SupplierReport
from suppliers.models import Supplier


def _countries() -> Choices:
    """The countries that have a supplier."""
    codes = (
        Supplier.objects.exclude(country="").order_by("country").values_list("country", flat=True).distinct()
    )
    return sorted(((code, countries.name(code)) for code in codes), key=lambda choice: choice[1])


ReportPage(
    view=InventoryReport,
    label=_("Stock"),
    order=10,
    links={
        "by-category.label": Link(Category),
        "by-location.label": Link(Location),
        "low-stock.sku": Link(Item),
        "dead-stock.sku": Link(Item),
    },
    beside=("inventory.item",),
).register()

ReportPage(
    view=PurchaseOrderReport,
    label=_("Purchase orders"),
    order=20,
    links={
        "by-supplier.label": Link(Supplier),
        "by-location.label": Link(Location),
        "overdue.po_number": Link(PurchaseOrder),
        "overdue.supplier_name": Link(Supplier, "supplier_id"),
    },
    beside=("procurement.purchaseorder",),
).register()

ReportPage(
    view=SupplierReport,
    label=_("Suppliers"),
    order=30,
    links={"suppliers.name": Link(Supplier)},
    choices={"country": _countries},
    beside=("suppliers.supplier",),
).register()

ReportPage(
    view=AnalyticsReport,
    label=_("Demand and reordering"),
    order=40,
    links={
        "reorder-suggestions.name": Link(Item),
        "reorder-suggestions.supplier_name": Link(Supplier, "supplier_id"),
        "forecast.name": Link(Item),
        "items.name": Link(Item),
        "turnover-by-item.name": Link(Item),
    },
).register()
