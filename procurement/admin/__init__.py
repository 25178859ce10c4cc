from procurement.admin import (
    approval,
    cards,
    item_cards,
    lines,
    lot_cards,
    orders,
    panels,
    receipts,
    reordering,
    search,
    supplier_cards,
)

__all__ = [
    "approval",
    "cards",
    "item_cards",
    "lines",
    "lot_cards",
    "orders",
    "panels",
    "receipts",
    "reordering",
    "search",
    "supplier_cards",
]
