"""Order lines from spreadsheets as people have them: orders, receipts and stock from a file and a mapping.

mapping = order_import.load(text_of_the_mapping)
report = order_import.run(file, mapping, by=user)
"""

from procurement.order_import.errors import FileRefused, ImportRefused, MappingRefused
from procurement.order_import.importing import PERMISSIONS, run
from procurement.order_import.mapping import OrderMapping, load
from procurement.order_import.problems import Problem, ProblemKind, write_problems
from procurement.order_import.report import Report

__all__ = [
    "PERMISSIONS",
    "FileRefused",
    "ImportRefused",
    "MappingRefused",
    "OrderMapping",
    "Problem",
    "ProblemKind",
    "Report",
    "load",
    "run",
    "write_problems",
]
