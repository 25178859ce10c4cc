from reporting.admin import exports, papers, reports

__all__ = ["exports", "papers", "reports"]
