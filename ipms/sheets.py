"""Spreadsheet files: CSV and XLSX, read as people have them, written so that no spreadsheet runs a cell.

The two classes are formats of django-import-export; what the columns mean is said in `ipms.resources`.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import tablib
import xlsxwriter
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _
from import_export.formats.base_formats import Format
from python_calamine import CalamineError, CalamineWorkbook

from ipms.money import plain

#: A text that begins so is run as a formula by one spreadsheet or another.
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
#: XML 1.0 has no place for these.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DELIMITERS = ",;\t|"
_WIDEST_COLUMN = 60
#: So many rows say how wide a column is.
_ROWS_MEASURED = 200


class UnreadableFile(ValueError):
    """The file is not what its name says."""


class Sheet(tablib.Dataset):
    """Rows as they stand in the file; `header_row` is the row of the column names, counted from 1."""

    header_row = 1

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> "Sheet":
        """Take the first row that is not empty as the column names, and what follows as it stands."""
        sheet = cls()
        for number, row in enumerate(rows, start=1):
            cells = [None if cell == "" else cell for cell in row]
            if sheet.headers is None:
                if any(cell is not None for cell in cells):
                    sheet.headers = [str(cell).strip() if cell is not None else "" for cell in cells]
                    sheet.header_row = number
                continue
            width = len(sheet.headers)
            if any(cell is not None for cell in cells[width:]):
                sentence = _("Row %(number)d has more cells than there are column names.")
                raise UnreadableFile(sentence % {"number": number})
            sheet.append(cells[:width] + [None] * (width - len(cells)))
        return sheet


class Csv(Format):
    """Comma, semicolon, tab or bar; UTF-8 with or without a mark, or the old Western code page."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        return "csv"

    def get_extension(self) -> str:
        return "csv"

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes) -> Sheet:
        text = _decoded(in_stream)
        try:
            return Sheet.of(csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
        except csv.Error as error:
            raise UnreadableFile(_("This is not a CSV file.")) from error

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        file = StringIO(newline="")
        writer = csv.writer(file)
        writer.writerow(dataset.headers)
        writer.writerows([in_words(cell) for cell in row] for row in dataset)
        return file.getvalue().encode("utf-8-sig")  # with the mark a spreadsheet opens it rightly


class Xlsx(Format):
    """The first sheet of a workbook."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        return "xlsx"

    def get_extension(self) -> str:
        return "xlsx"

    def get_content_type(self) -> str:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes) -> Sheet:
        try:
            workbook = CalamineWorkbook.from_filelike(BytesIO(in_stream))
            rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
        except CalamineError as error:
            raise UnreadableFile(_("This is not an XLSX file.")) from error
        return Sheet.of(rows)

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


def _decoded(content: bytes | str) -> str:
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """The one that parts the column names: what stands most often in the first line with content."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=first.count)


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
