from reporting.admin import exports, labels, papers, reports

__all__ = ["exports", "labels", "papers", "reports"]
