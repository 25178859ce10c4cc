from procurement.models.approval import ApprovalLimit
from procurement.models.imports import ImportedLine
from procurement.models.orders import (
    TRANSITIONS,
    OrderHistory,
    OrderStatus,
    PurchaseOrder,
    PurchaseOrderLine,
)
from procurement.models.receipts import GoodsReceipt, GoodsReceiptLine
from procurement.models.reminders import OverdueNotice

__all__ = [
    "TRANSITIONS",
    "ApprovalLimit",
    "GoodsReceipt",
    "GoodsReceiptLine",
    "ImportedLine",
    "OrderHistory",
    "OrderStatus",
    "OverdueNotice",
    "PurchaseOrder",
    "PurchaseOrderLine",
]
