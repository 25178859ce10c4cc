from reporting.admin import reports

__all__ = ["reports"]
