from reporting.admin import exports, reports

__all__ = ["exports", "reports"]
