from procurement.admin import approval, cards, lines, orders, panels, receipts, reordering

__all__ = ["approval", "cards", "lines", "orders", "panels", "receipts", "reordering"]
