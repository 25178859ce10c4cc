from procurement.admin import (
    approval,
    approving,
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
    "approving",
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
