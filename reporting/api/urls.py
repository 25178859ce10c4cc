from django.urls import URLPattern, path

from ipms.api.routers import Router
from reporting.api.analytics import AnalyticsReport
from reporting.api.dashboard import MetricsView, SummaryView
from reporting.api.export import ItemDownload, PurchaseOrderDownload, SupplierDownload
from reporting.api.exports import ExportDownload, ExportViewSet
from reporting.api.inventory import InventoryReport
from reporting.api.papers import GoodsReceiptPaper, PurchaseOrderPaper
from reporting.api.purchase_orders import PurchaseOrderReport
from reporting.api.suppliers import SupplierReport

router = Router()
router.register("exports", ExportViewSet, basename="export")

urlpatterns: list[URLPattern] = [
    path("dashboard/summary", SummaryView.as_view(), name="dashboard-summary"),
    path("dashboard/metrics", MetricsView.as_view(), name="dashboard-metrics"),
    path("reports/inventory", InventoryReport.as_view(), name="inventory-report"),
    path("reports/purchase-orders", PurchaseOrderReport.as_view(), name="purchase-order-report"),
    path("reports/suppliers", SupplierReport.as_view(), name="supplier-report"),
    path("reports/analytics", AnalyticsReport.as_view(), name="analytics-report"),
    path("export/inventory", ItemDownload.as_view({"get": "list"}), name="export-inventory"),
    path(
        "export/purchase-orders",
        PurchaseOrderDownload.as_view({"get": "list"}),
        name="export-purchase-orders",
    ),
    path("export/suppliers", SupplierDownload.as_view({"get": "list"}), name="export-suppliers"),
    path("exports/<int:pk>/download", ExportDownload.as_view(), name="export-download"),
    path("purchase-orders/<int:pk>/pdf", PurchaseOrderPaper.as_view(), name="purchase-order-pdf"),
    path("goods-receipts/<int:pk>/pdf", GoodsReceiptPaper.as_view(), name="goods-receipt-pdf"),
    *router.urls,
]
