"""Spreadsheets as people have them, read row by row: a file of any size costs the memory of one row.

A workbook is read as a stream and never as a whole, so that neither a file that unpacks to gigabytes nor a
single cell in the last corner of the sheet takes the process with it.
"""

import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as clock_time
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from ipms.sheets import UnreadableFile

#: A row of a file: its number, counted from 1 as spreadsheets do, and its cells.
RawRow = tuple[int, list[Any]]

MAX_COLUMNS = 200
DELIMITERS = ",;\t|"
#: A workbook may unpack to so many times the largest file, and its shared texts to once that size.
_UNPACKED_TIMES = 10
_CHUNK = 256 * 1024
_ROWS_SNIFFED = 5
#: No spreadsheet has a row behind this one.
_LAST_ROW = 1_048_576
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_ONLY_ZEROS = re.compile(r"0{2,40}")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a file is to be read. `encoding` and `delimiter` are those of a CSV file."""

    kind: str
    encoding: str = ""
    delimiter: str = ""


def detect(path: Path, name: str) -> Layout:
    """Say how a file is to be read, from what it holds. Raises `UnreadableFile` with a sentence."""
    with path.open("rb") as file:
        beginning = file.read(4)
    if beginning.startswith(_OLD_WORKBOOK) or name.lower().endswith(".xls"):
        raise UnreadableFile(_("This is a workbook of the old kind: save it as XLSX or CSV first."))
    if beginning.startswith(b"PK"):
        return Layout(kind="xlsx")
    if name.lower().endswith((".xlsx", ".xlsm")):
        raise UnreadableFile(_("This is not an XLSX file."))
    if not beginning:
        raise UnreadableFile(_("The file is empty."))
    encoding = _encoding_of(path)
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        lines = [line for line in islice(file, 50) if line.strip()][:_ROWS_SNIFFED]
    return Layout(kind="csv", encoding=encoding, delimiter=_delimiter_of(lines))


def rows(path: Path, layout: Layout) -> Iterator[RawRow]:
    """Yield the rows that are not empty, without the empty cells at their ends.

    Raises `UnreadableFile` with a sentence, also in the midst of the file.
    """
    found = _workbook_rows(path) if layout.kind == "xlsx" else _csv_rows(path, layout)
    count = 0
    for number, cells in found:
        while cells and _is_blank(cells[-1]):
            cells.pop()
        if not cells:
            continue
        count += 1
        if count > settings.IMPORT_MAX_ROWS + 1:
            sentence = _("The file has more than %(count)d rows: part it, please.")
            raise UnreadableFile(sentence % {"count": settings.IMPORT_MAX_ROWS})
        if len(cells) > MAX_COLUMNS:
            sentence = _("Row %(number)d has more than %(count)d columns.")
            raise UnreadableFile(sentence % {"number": number, "count": MAX_COLUMNS})
        yield number, cells


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


# Comma-separated files.


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        beginning = file.read(4)
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        with path.open(encoding="utf-8-sig") as text:
            while text.read(_CHUNK):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _delimiter_of(lines: Sequence[str]) -> str:
    """Return what parts the first rows most often, in each of them alike where there is such a one."""
    if not lines:
        return ","
    first = lines[0]
    alike = [
        mark for mark in DELIMITERS if first.count(mark) and len({line.count(mark) for line in lines}) == 1
    ]
    return max(alike or DELIMITERS, key=first.count)


def _csv_rows(path: Path, layout: Layout) -> Iterator[RawRow]:
    # Without a limit a quote that is never closed would read the rest of the file as one cell.
    csv.field_size_limit(256 * 1024)
    with path.open(encoding=layout.encoding, newline="", errors="replace") as file:
        try:
            for number, cells in enumerate(
                csv.reader(file, delimiter=layout.delimiter, strict=True), start=1
            ):
                if any(cells):
                    yield number, list(cells)
        except csv.Error as error:
            raise UnreadableFile(_("This is not a CSV file.")) from error
        except UnicodeError as error:
            raise UnreadableFile(_("The letters of this file cannot be read: save it as UTF-8.")) from error


# Workbooks.


def _workbook_rows(path: Path) -> Iterator[RawRow]:
    try:
        with path.open("rb") as file:
            _refuse_bomb(file)
            book = load_workbook(file, read_only=True, data_only=True)
            sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
            yield from () if sheet is None else _sheet_rows(sheet)
    except UnreadableFile:
        raise
    except Exception as error:  # a broken workbook fails wherever its parts do not fit each other
        if isinstance(error, RuntimeError) and "encrypted" in str(error):
            raise UnreadableFile(_("This file is locked with a password.")) from error
        raise UnreadableFile(_("This is not an XLSX file.")) from error


def _refuse_bomb(file: BinaryIO) -> None:
    """Refuse what unpacks to more than can be read; a part never unpacks to more than the archive says."""
    sizes = {part.filename: part.file_size for part in zipfile.ZipFile(file).infolist()}
    too_large = sum(sizes.values()) > settings.MAX_IMPORT_BYTES * _UNPACKED_TIMES
    # The texts that cells share are all held in memory.
    if too_large or sizes.get("xl/sharedStrings.xml", 0) > settings.MAX_IMPORT_BYTES:
        sentence = _("The file unpacks to more than can be read: save only the sheet that is meant.")
        raise UnreadableFile(sentence)


def _sheet_rows(sheet: Any) -> Iterator[RawRow]:
    sheet.reset_dimensions()  # a file may say what it likes
    # One column more than allowed, by which a heading too many is seen; what stands beyond has no heading.
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), start=1):
        if number > _LAST_ROW:
            raise UnreadableFile(_("This is not an XLSX file."))
        width = max((place for place, cell in enumerate(cells, start=1) if cell.value is not None), default=0)
        yield number, [_value_of(cell) for cell in cells[:width]]


def _value_of(cell: Any) -> Any:
    value = cell.value
    if isinstance(value, datetime) and value.time() == clock_time():
        return value.date()
    if isinstance(value, int) and not isinstance(value, bool) and _ONLY_ZEROS.fullmatch(cell.number_format):
        return str(value).zfill(len(cell.number_format))
    return value if value is None or isinstance(value, str | int | float | date) else str(value)
