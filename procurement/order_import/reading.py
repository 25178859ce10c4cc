"""Reading a spreadsheet as people have them: TSV, CSV or a workbook, whatever its line ends and encoding."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from procurement.order_import.errors import FileRefused
from procurement.order_import.mapping import DELIMITERS, FileOptions, OrderMapping

#: What is handed in: a path, or a file open for reading bytes.
Spreadsheet = str | Path | IO[bytes]

# How a workbook begins: a zip archive (XLSX, XLSB, ODS) or the older XLS.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# The longer mark first: it begins with the shorter one.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHOWN_COLUMNS = 40


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: its number as a spreadsheet program counts it, and its cells by the mapping's column names.

    A cell is text, or what a workbook holds: a number, a date. `surplus` is what stands beyond the header.
    """

    number: int
    cells: dict[str, Any]
    surplus: str = ""


def read(file: Spreadsheet, mapping: OrderMapping) -> list[Row]:
    """Return the rows below the header, without the blank ones. Raises `FileRefused`."""
    content = _content(file)
    if not content.strip():
        raise FileRefused([_("The file is empty.")])
    if content.startswith(_WORKBOOKS):
        return _rows(_workbook(content, mapping.file), mapping)
    return _rows(_text(content, mapping), mapping)


def _content(file: Spreadsheet) -> bytes:
    if not isinstance(file, str | Path):
        return file.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        sentence = _("%(file)s cannot be read: %(error)s.")
        raise FileRefused([sentence % {"file": file, "error": error.strerror or error}]) from error


def _workbook(content: bytes, options: FileOptions) -> list[list[Any]]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        if not workbook.sheet_names:
            return []
        sheet = workbook.get_sheet_by_name(options.sheet or workbook.sheet_names[0])
        # Rows are counted from the first, as people see them.
        return sheet.to_python(skip_empty_area=False)
    except WorksheetNotFound as error:
        sentence = _("The workbook has no sheet “%(name)s”; it has: %(names)s.")
        names = {"name": options.sheet, "names": ", ".join(workbook.sheet_names)}
        raise FileRefused([sentence % names]) from error
    except CalamineError as error:
        raise FileRefused([_("The workbook cannot be read: %(error)s.") % {"error": error}]) from error


def _text(content: bytes, mapping: OrderMapping) -> Iterator[list[str]]:
    options = mapping.file
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), options.encoding)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        sentence = _(
            "The file is not %(encoding)s (line %(line)s has the byte %(byte)s): name its encoding in the "
            "mapping, such as cp1252."
        )
        byte = f"0x{content[error.start]:02X}"
        figures = {"encoding": encoding, "line": before.count(b"\n") + 1, "byte": byte}
        raise FileRefused([sentence % figures]) from error
    return _records(text, options.delimiter or _delimiter(text, mapping), options)


def _records(text: str, delimiter: str, options: FileOptions) -> Iterator[list[str]]:
    """Yield the records of a text; line ends of any kind, kept inside quoted cells."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if options.quotes else csv.QUOTE_NONE,
        # Otherwise a quotation mark that nobody closes would swallow rows in silence.
        strict=options.quotes,
    )
    try:
        yield from reader
    except csv.Error as error:
        sentence = _(
            "Line %(line)s cannot be read (%(error)s). Where quotation marks are part of the text, say "
            "quotes = false under [file] of the mapping."
        )
        raise FileRefused([sentence % {"line": reader.line_num, "error": error}]) from error


def _delimiter(text: str, mapping: OrderMapping) -> str:
    """Return the delimiter with which the header shows most of the columns that the mapping names."""
    wanted = {_folded(column) for column in mapping.all_columns()}

    def found(delimiter: str) -> int:
        try:
            header = next(_skip(_records(text, delimiter, mapping.file), mapping.file.header_row), [])
        except FileRefused:
            return 0  # quoted cells end in odd places where the delimiter is another one
        return len(wanted & {_folded(name) for name in header})

    return max(DELIMITERS.values(), key=found)


def _rows(records: Iterable[Sequence[Any]], mapping: OrderMapping) -> list[Row]:
    below = _skip(records, mapping.file.header_row)
    header = next(below, None)
    if header is None or not any(_folded(name) for name in header):
        sentence = _("Row %(row)s, where the header should be, is empty.")
        raise FileRefused([sentence % {"row": mapping.file.header_row}])
    places = _places(header, mapping.all_columns())
    width = len(header)
    rows = []
    for number, record in enumerate(below, start=mapping.file.header_row + 1):
        if not any(_is_filled(cell) for cell in record):
            continue
        cells = {column: record[place] if place < len(record) else "" for column, place in places.items()}
        surplus = [str(cell) for cell in record[width:] if _is_filled(cell)]
        rows.append(Row(number=number, cells=cells, surplus=", ".join(surplus)))
    if not rows:
        raise FileRefused([_("The file has no row below its header.")])
    return rows


def _places(header: Sequence[Any], wanted: list[str]) -> dict[str, int]:
    """Return where each wanted column stands; raise `FileRefused` for those that are missing or doubled."""
    names = [_folded(name) for name in header]
    places, mistakes = {}, []
    for column in wanted:
        folded = _folded(column)
        if names.count(folded) == 1:
            places[column] = names.index(folded)
        elif folded in names:
            mistakes.append(_("The file has several columns “%(column)s”.") % {"column": column})
        else:
            near = get_close_matches(folded, names, n=1)
            mistakes.append(
                _("The file has no column “%(column)s”; did you mean “%(near)s”?")
                % {"column": column, "near": header[names.index(near[0])]}
                if near
                else _("The file has no column “%(column)s”.") % {"column": column}
            )
    if mistakes:
        shown = ", ".join(str(name) for name in header[:_SHOWN_COLUMNS] if _folded(name))
        raise FileRefused([*mistakes, _("The file has the columns: %(names)s.") % {"names": shown}])
    return places


def _skip(records: Iterable[Sequence[Any]], header_row: int) -> Iterator[Sequence[Any]]:
    """Return the records from the header on."""
    below = iter(records)
    for _title in range(header_row - 1):
        next(below, None)
    return below


def _folded(name: Any) -> str:
    return " ".join(str(name).split()).casefold()


def _is_filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))
