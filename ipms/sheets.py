"""Spreadsheet files: CSV and XLSX, written so that no spreadsheet runs a cell.

The two classes are formats of django-import-export; what the columns mean is said in `ipms.resources`.
"""

import csv
import re
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import tablib
import xlsxwriter
from django.utils.timezone import is_aware, localtime
from import_export.formats.base_formats import Format

from ipms.money import plain

#: A text that begins so is run as a formula by one spreadsheet or another.
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
#: XML 1.0 has no place for these.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WIDEST_COLUMN = 60
#: So many rows say how wide a column is.
_ROWS_MEASURED = 200


class UnreadableFile(ValueError):
    """The file is not what its name says."""


class Csv(Format):
    """Parted by commas, in UTF-8 with a mark."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        return "csv"

    def get_extension(self) -> str:
        return "csv"

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"

    def can_import(self) -> bool:
        return False

    def can_export(self) -> bool:
        return True

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        file = StringIO(newline="")
        writer = csv.writer(file)
        writer.writerow(dataset.headers)
        writer.writerows([in_words(cell) for cell in row] for row in dataset)
        return file.getvalue().encode("utf-8-sig")  # with the mark a spreadsheet opens it rightly


class Xlsx(Format):
    """A workbook of one sheet."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        return "xlsx"

    def get_extension(self) -> str:
        return "xlsx"

    def get_content_type(self) -> str:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def can_import(self) -> bool:
        return False

    def can_export(self) -> bool:
        return True

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        file = BytesIO()
        workbook = xlsxwriter.Workbook(
            file, {"in_memory": True, "default_date_format": "yyyy-mm-dd", "strings_to_urls": False}
        )
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, dataset.headers, workbook.add_format({"bold": True}))
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        widths = [len(header) for header in dataset.headers]
        for number, row in enumerate(dataset, start=1):
            for column, cell in enumerate(row):
                _write(sheet, number, column, cell, moment)
                if number <= _ROWS_MEASURED:
                    widths[column] = max(widths[column], len(in_words(cell)))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, _WIDEST_COLUMN))
        if dataset.headers:
            sheet.autofilter(0, 0, max(dataset.height, 1), len(dataset.headers) - 1)
        workbook.close()
        return file.getvalue()


def neutral(text: str) -> str:
    """Return a text as no spreadsheet runs it: behind an apostrophe where it looks like a formula."""
    return f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text


def restored(text: str) -> str:
    """Return the text that `neutral` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_RUN_BY_SPREADSHEETS) else text


def in_words(cell: Any) -> str:
    """Return a value as it stands in a CSV file."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case Decimal():
            return plain(cell)
        case datetime():
            return f"{_local(cell):%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case int() | float():
            return str(cell)
        case _:
            return neutral(str(cell))


def _write(sheet: Any, row: int, column: int, cell: Any, moment: Any) -> None:
    match cell:
        case None | "":
            return
        case bool():
            sheet.write_string(row, column, in_words(cell))
        case Decimal() | int() | float():
            sheet.write_number(row, column, cell)
        case datetime():
            sheet.write_datetime(row, column, _local(cell).replace(tzinfo=None), moment)
        case date():
            sheet.write_datetime(row, column, cell)
        case _:
            sheet.write_string(row, column, _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", in_words(cell)))


def _local(moment: datetime) -> datetime:
    return localtime(moment) if is_aware(moment) else moment
