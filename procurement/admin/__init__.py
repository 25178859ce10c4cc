from procurement.admin import approval, cards, lines, orders, panels, receipts, reordering, search

__all__ = ["approval", "cards", "lines", "orders", "panels", "receipts", "reordering", "search"]
