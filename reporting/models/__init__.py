from reporting.models.exports import UNFINISHED, Export, ExportStatus
from reporting.models.reports import Report
from reporting.models.roll_up import OPEN, StockClosing, StockMonth, StockRollUp

__all__ = [
    "OPEN",
    "UNFINISHED",
    "Export",
    "ExportStatus",
    "Report",
    "StockClosing",
    "StockMonth",
    "StockRollUp",
]
