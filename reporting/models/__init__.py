from reporting.models.reports import Report
from reporting.models.roll_up import OPEN, StockClosing, StockMonth, StockRollUp

__all__ = ["OPEN", "Report", "StockClosing", "StockMonth", "StockRollUp"]
