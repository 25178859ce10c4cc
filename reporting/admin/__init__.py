from reporting.admin import exports, labels, panels, papers, reports, supplier_cards

__all__ = ["exports", "labels", "panels", "papers", "reports", "supplier_cards"]
