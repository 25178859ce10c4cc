from django.urls import URLPattern, path

from reporting.api.purchase_orders import PurchaseOrderReport
from reporting.api.suppliers import SupplierReport

urlpatterns: list[URLPattern] = [
    path("reports/purchase-orders", PurchaseOrderReport.as_view(), name="purchase-order-report"),
    path("reports/suppliers", SupplierReport.as_view(), name="supplier-report"),
]
