from procurement.admin import approval, cards, lines, orders, panels, receipts

__all__ = ["approval", "cards", "lines", "orders", "panels", "receipts"]
