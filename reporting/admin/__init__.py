from reporting.admin import exports, labels, papers, reports, supplier_cards

__all__ = ["exports", "labels", "papers", "reports", "supplier_cards"]
