"""XLSX: typed cells, a frozen header with filters, and constant memory: rows go to the disk as they come.

A text is always written as a text: nothing in it is ever run. A figure with more digits than a spreadsheet
keeps (15) is written as a text too, so that no digit is lost.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _

from ipms import site
from reporting.files.cells import Reader, as_decimal, decimals_of, rounded
from reporting.files.totals import Totals
from reporting.tables import Column, Document, Row, Table

#: What Excel holds on one sheet, the header included, and in one cell.
_ROWS_OF_A_SHEET = 1_048_576
_LONGEST_TEXT = 32_767
_LONGEST_NAME = 31
#: Significant digits of a binary fraction.
_DIGITS_KEPT = 15
#: XML 1.0 has no place for these, and a sheet's name for those.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")
#: The first and last days that Excel's calendar knows.
_FIRST_DAY, _LAST_DAY = date(1900, 3, 1), date(9999, 12, 31)

_WIDTHS = {
    "text": 24,
    "code": 14,
    "quantity": 12,
    "price": 12,
    "amount": 15,
    "percent": 9,
    "share": 9,
    "number": 11,
    "integer": 9,
    "days": 9,
    "date": 12,
    "moment": 17,
    "flag": 8,
}
_WIDEST = 60
#: So many rows say how wide a column is.
_ROWS_MEASURED = 200
_ROOM_FOR_THE_FILTER = 3
_DECIMALS_OF_A_PERCENTAGE = 4
_TEXT_ON_THE_RIGHT = "@>"
_FIGURES_KEPT = 20_000
_NUMBERS = (Decimal, int, float)


def write(document: Document, file: IO[bytes], *, folder: str | None = None) -> None:
    """Write a workbook with a sheet for each table, and one that says what it is about.

    `folder` is where rows wait until the file is closed, by default where the system keeps such files.
    """
    options = {"constant_memory": True, "tmpdir": folder, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        workbook.set_properties({"title": str(document.title)})
        book = _Book(workbook)
        totals = [(table, book.write(table)) for table in document.tables]
        book.write_about(document, totals)


class _Book:
    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._reader = Reader(site.base_currency())
        self._formats: dict[tuple[str, bool], Any] = {}
        self._names: set[str] = set()
        self._figures: dict[tuple[str, str, Any], tuple[float | str, str, int]] = {}

    def write(self, table: Table) -> Mapping[str, Any] | None:
        """Write a table; what does not fit on a sheet goes on on another. Return its line of totals."""
        totals = Totals(table)
        rows = _passing(table, totals)
        is_over, part = False, 1
        while not is_over:
            name = str(table.title) if part == 1 else f"{table.title} {part}"
            sheet = self._sheet(name)
            is_over = self._fill(sheet, table, rows, totals)
            part += 1
        return totals.line()

    def _fill(self, sheet: Any, table: Table, rows: Iterator[Row], totals: Totals) -> bool:
        """Write rows until there are no more or the sheet is full; say whether there are no more."""
        columns = table.columns
        has_keys = table.headings == "keys"
        headings = [column.key if has_keys else self._reader.heading(column) for column in columns]
        heading = self._format("", is_bold=True)
        for position, text in enumerate(headings):
            sheet.write_string(0, position, text, heading)
        sheet.freeze_panes(1, 0)
        widths = [
            max(_WIDTHS[column.kind], len(text) + _ROOM_FOR_THE_FILTER)
            for column, text in zip(columns, headings, strict=True)
        ]
        number, is_over = 0, True
        for row in rows:
            number += 1
            for position, column in enumerate(columns):
                length = self._cell(sheet, number, position, column, row)
                if number <= _ROWS_MEASURED and length + 1 > widths[position]:
                    widths[position] = min(length + 1, _WIDEST)
            if number == _ROWS_OF_A_SHEET - 2:  # the last row is kept for the totals
                is_over = False
                break
        if is_over and not has_keys and (line := totals.line()) is not None:
            for position, column in enumerate(columns):
                self._cell(sheet, number + 1, position, column, line, is_bold=True)
        for position, width in enumerate(widths):
            sheet.set_column(position, position, width)
        if columns:
            sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
        return is_over

    def write_about(self, document: Document, totals: list[tuple[Table, Mapping[str, Any] | None]]) -> None:
        """Write what stands around the tables: whose figures, of when, what was asked for, sums."""
        sheet = self._sheet(_("About"))
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 70)
        bold = self._format("", is_bold=True)
        lines: list[tuple[str, Any]] = [
            (_("Title"), str(document.title)),
            (_("Organisation"), site.current().organisation),
            (_("As of"), document.as_of),
            *((str(label), text) for label, text in document.parameters),
            *((str(table.title), str(table.note)) for table, _line in totals if table.note),
        ]
        for number, (label, value) in enumerate(lines):
            sheet.write_string(number, 0, label, bold)
            self._value(sheet, number, 1, value)
        number = len(lines)
        for table, line in totals:
            if table.headings == "keys" and line is not None:
                for column in table.columns:
                    if column.is_figure and column.key in line:
                        heading = f"{table.title}: {self._reader.heading(column)}"
                        sheet.write_string(number, 0, heading, bold)
                        self._cell(sheet, number, 1, column, line)
                        number += 1

    def _sheet(self, title: str) -> Any:
        plain = _NOT_IN_A_NAME.sub(" ", _UNPRINTABLE.sub("", title)).strip("' ") or "Sheet"
        name, number = plain[:_LONGEST_NAME], 1
        while name.lower() in self._names:
            number += 1
            name = f"{plain[: _LONGEST_NAME - len(str(number)) - 1]} {number}"
        self._names.add(name.lower())
        return self._workbook.add_worksheet(name)

    def _cell(
        self, sheet: Any, number: int, position: int, column: Column, row: Row, *, is_bold: bool = False
    ) -> int:
        """Write a cell and return how many characters it shows."""
        value = row.get(column.key)
        if isinstance(value, _NUMBERS) and not isinstance(value, bool):
            stored, pattern, length = self._stored(column, value, row)
            write = sheet.write_string if isinstance(stored, str) else sheet.write_number
            write(number, position, stored, self._format(pattern, is_bold=is_bold))
            return length
        return self._value(sheet, number, position, value, is_bold=is_bold)

    def _value(self, sheet: Any, row: int, position: int, value: Any, *, is_bold: bool = False) -> int:
        """Write what is no figure and return how many characters it shows."""
        if value is None or value == "":
            if is_bold:
                sheet.write_blank(row, position, None, self._format("", is_bold=True))
            return 0
        if isinstance(value, bool):
            sheet.write_boolean(row, position, value, self._format("", is_bold=is_bold))
            return 5
        if isinstance(value, date):  # or a moment
            day, pattern = value, "yyyy-mm-dd"
            if isinstance(value, datetime):
                value = (localtime(value) if is_aware(value) else value).replace(tzinfo=None)
                day, pattern = value.date(), "yyyy-mm-dd hh:mm"
            if _FIRST_DAY <= day <= _LAST_DAY:
                sheet.write_datetime(row, position, value, self._format(pattern, is_bold=is_bold))
                return len(pattern)
            value = value.isoformat()
        text = _UNPRINTABLE.sub(
            "\N{REPLACEMENT CHARACTER}", str(value).replace("\r\n", "\n").replace("\r", "\n")
        )
        if len(text) > _LONGEST_TEXT:
            text = text[: _LONGEST_TEXT - 1] + "…"
        sheet.write_string(row, position, text, self._format("", is_bold=is_bold))
        return len(text)

    def _stored(self, column: Column, value: Any, row: Row) -> tuple[float | str, str, int]:
        """Return what is stored of a figure, the format in which it is shown, and how wide that is.

        The same figures come again and again: what was found out once is kept.
        """
        currency = column.currency_of(row, self._reader.base_currency) if column.kind == "amount" else ""
        key = column.kind, currency, value
        if (known := self._figures.get(key)) is not None:
            return known
        figure, pattern = _figure(column, as_decimal(value), currency)
        if len(figure.normalize().as_tuple().digits) > _DIGITS_KEPT:
            text = format(figure, "f")
            found: tuple[float | str, str, int] = text, _TEXT_ON_THE_RIGHT, len(text)
        else:
            whole = max(figure.adjusted(), 0)
            found = float(figure), pattern, whole + whole // 3 + 3 + len(pattern.partition(".")[2])
        if len(self._figures) < _FIGURES_KEPT:
            self._figures[key] = found
        return found

    def _format(self, pattern: str, *, is_bold: bool = False) -> Any:
        key = pattern, is_bold
        if key not in self._formats:
            properties: dict[str, Any] = {}
            if pattern == _TEXT_ON_THE_RIGHT:
                properties = {"num_format": "@", "align": "right"}
            elif pattern:
                properties = {"num_format": pattern}
            if is_bold:
                properties["bold"] = True
            self._formats[key] = self._workbook.add_format(properties)
        return self._formats[key]


def _passing(table: Table, totals: Totals) -> Iterator[Row]:
    for row in table.rows:
        totals.add(row)
        yield row


def _pattern(decimals: int, whole: str) -> str:
    return f"{whole}.{'0' * decimals}" if decimals else whole


def _figure(column: Column, value: Decimal, currency: str) -> tuple[Decimal, str]:
    """Return a figure as it is stored, and the format in which it is shown."""
    if column.kind in {"percent", "share"}:
        percent = value * 100 if column.kind == "share" else value
        decimals = min(decimals_of(column, percent, ""), _DECIMALS_OF_A_PERCENTAGE)
        return (value if column.kind == "share" else value / 100), _pattern(decimals, "0") + "%"
    if column.kind == "amount":
        value = rounded(value, currency)
    return value, _pattern(decimals_of(column, value, currency), "#,##0")
