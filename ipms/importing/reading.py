"""Spreadsheets as people have them, read row by row: a file of any size costs the memory of one row.

A workbook is read by its XML and never as a whole, so that neither a file that unpacks to gigabytes nor a
single cell in the last corner of the sheet takes the process with it.
"""

import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as clock_time
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any
from xml.parsers import expat

from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, from_ISO8601

from ipms.sheets import UnreadableFile

#: A row of a file: its number, counted from 1 as spreadsheets do, and its cells.
RawRow = tuple[int, list[Any]]

MAX_COLUMNS = 200
DELIMITERS = ",;\t|"
#: A workbook may unpack to so many times the largest file, and its shared texts to once that size.
_UNPACKED_TIMES = 10
_CHUNK = 256 * 1024
_ROWS_SNIFFED = 5
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
        with zipfile.ZipFile(path) as archive:
            book = _Book(archive)
            yield from book.rows()
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        KeyError,
        EOFError,
        NotImplementedError,
    ) as error:
        raise UnreadableFile(_("This is not an XLSX file.")) from error
    except RuntimeError as error:  # so says the library of a file with a password
        raise UnreadableFile(_("This file is locked with a password.")) from error


class _Book:
    """The first sheet of a workbook that is not hidden."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = settings.MAX_IMPORT_BYTES * _UNPACKED_TIMES
        self._epoch = CALENDAR_WINDOWS_1900
        self._part = self._find_sheet()
        names = set(archive.namelist())
        self._texts = self._read_texts() if "xl/sharedStrings.xml" in names else []
        #: By number of a style: whether it shows a date, and how many digits it fills up with zeros.
        self._styles = self._read_styles() if "xl/styles.xml" in names else []

    def rows(self) -> Iterator[RawRow]:
        reader = _SheetReader(self)
        for _chunk in self._fed(self._part, reader.parser):
            yield from reader.taken()

    def value(self, text: str, kind: str, style: int) -> Any:
        """Return what a cell holds."""
        if kind == "s":
            return self._texts[int(text)] if text.isdigit() and int(text) < len(self._texts) else None
        if kind == "b":
            return text == "1"
        if kind == "d":
            return from_ISO8601(text)
        if kind in ("str", "inlineStr", "e"):
            return text
        try:
            number: float = int(text) if text.lstrip("-").isdigit() else float(text)
        except ValueError:
            return text or None
        is_date, digits = self._styles[style] if style < len(self._styles) else (False, 0)
        if is_date:
            try:
                return _day_or_moment(from_excel(number, self._epoch))
            except (OverflowError, ValueError):
                return number
        return str(number).zfill(digits) if digits and isinstance(number, int) else number

    def _find_sheet(self) -> str:
        sheets: list[tuple[str, str]] = []
        targets: dict[str, str] = {}

        def sheet(name: str, given: dict[str, str]) -> None:
            if name == "sheet" and given.get("state", "visible") == "visible":
                sheets.append((given.get("id", ""), given.get("name", "")))
            elif name == "workbookPr" and given.get("date1904") in ("1", "true"):
                self._epoch = CALENDAR_MAC_1904

        def target(name: str, given: dict[str, str]) -> None:
            if name == "Relationship":
                targets[given.get("Id", "")] = given.get("Target", "")

        self._each("xl/workbook.xml", sheet)
        self._each("xl/_rels/workbook.xml.rels", target)
        part = targets[sheets[0][0]] if sheets else ""
        return part.lstrip("/") if part.startswith("/") else f"xl/{part}"

    def _each(self, part: str, start: Callable[[str, dict[str, str]], None]) -> None:
        parser = _parser()
        parser.StartElementHandler = lambda name, given: start(_local(name), _plain(given))
        for _chunk in self._fed(part, parser):
            pass

    def _read_texts(self) -> list[str]:
        found: list[str] = []
        pieces: list[str] = []
        parser, inside = _parser(), {"t": False, "phonetic": False}
        room = settings.MAX_IMPORT_BYTES

        def start(name: str, given: dict[str, str]) -> None:
            name = _local(name)
            if name == "rPh":
                inside["phonetic"] = True
            inside["t"] = name == "t" and not inside["phonetic"]

        def end(name: str) -> None:
            nonlocal room
            name = _local(name)
            inside["t"] = False
            if name == "rPh":
                inside["phonetic"] = False
            elif name == "si":
                found.append("".join(pieces))
                room -= len(found[-1]) + 8
                pieces.clear()
                if room < 0:
                    raise UnreadableFile(_too_much())

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = lambda text: pieces.append(text) if inside["t"] else None
        for _chunk in self._fed("xl/sharedStrings.xml", parser):
            pass
        return found

    def _read_styles(self) -> list[tuple[bool, int]]:
        formats: dict[int, str] = dict(BUILTIN_FORMATS)
        found: list[tuple[bool, int]] = []
        inside = {"cellXfs": False}
        parser = _parser()

        def start(name: str, given: dict[str, str]) -> None:
            name = _local(name)
            if name == "numFmt":
                formats[_whole(given.get("numFmtId"))] = given.get("formatCode", "")
            elif name == "cellXfs":
                inside["cellXfs"] = True
            elif name == "xf" and inside["cellXfs"]:
                code = formats.get(_whole(given.get("numFmtId")), "General")
                found.append((is_date_format(code), len(code) if _ONLY_ZEROS.fullmatch(code) else 0))

        def end(name: str) -> None:
            if _local(name) == "cellXfs":
                inside["cellXfs"] = False

        parser.StartElementHandler, parser.EndElementHandler = start, end
        for _chunk in self._fed("xl/styles.xml", parser):
            pass
        return found

    def _fed(self, part: str, parser: Any) -> Iterator[None]:
        """Feed a part of the archive to a parser, bit by bit, and count what it unpacks to."""
        with self._archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise UnreadableFile(_too_much())
                parser.Parse(chunk, False)
                yield
            parser.Parse(b"", True)
            yield


class _SheetReader:
    """Collects rows while the parser goes through the sheet."""

    def __init__(self, book: _Book) -> None:
        self._book = book
        self._done: list[RawRow] = []
        self._number = 0
        self._cells: list[Any] = []
        self._place, self._kind, self._style = -1, "", 0
        self._text: list[str] = []
        self._is_text = False
        self.parser = _parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def taken(self) -> list[RawRow]:
        done, self._done = self._done, []
        return done

    def _start(self, name: str, given: dict[str, str]) -> None:
        if ":" in name:
            name = _local(name)
        if name == "v" or name == "t":
            self._is_text = True
        elif name == "c":
            letters = given.get("r", "").rstrip("0123456789")
            self._place = _column_of(letters) if letters else self._place + 1
            self._kind, self._style = given.get("t", ""), _whole(given.get("s"))
            self._text.clear()
        elif name == "row":
            self._number = _whole(given.get("r"), self._number + 1)
            self._cells, self._place = [], -1
        elif name == "rPh":
            self._is_text = False

    def _characters(self, text: str) -> None:
        if self._is_text:
            self._text.append(text)

    def _end(self, name: str) -> None:
        if ":" in name:
            name = _local(name)
        if name == "v" or name == "t":
            self._is_text = False
        elif name == "c" and self._text:
            if self._place >= MAX_COLUMNS:
                sentence = _("Row %(number)d has more than %(count)d columns.")
                raise UnreadableFile(sentence % {"number": self._number, "count": MAX_COLUMNS})
            value = self._book.value("".join(self._text), self._kind, self._style)
            self._cells.extend([None] * (self._place - len(self._cells)))
            self._cells[self._place :] = [value]
        elif name == "row" and self._cells:
            self._done.append((self._number, self._cells))
            self._cells = []


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    # No workbook declares entities; one that does wants to grow.
    parser.EntityDeclHandler = _refuse_entities
    return parser


def _refuse_entities(*_declaration: Any) -> None:
    raise UnreadableFile(_("This is not an XLSX file."))


def _too_much() -> str:
    return _("The file unpacks to more than can be read: save only the sheet that is meant.")


def _local(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name


def _plain(given: dict[str, str]) -> dict[str, str]:
    return {_local(name): value for name, value in given.items()}


def _whole(text: str | None, default: int = 0) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else default


@lru_cache(maxsize=1024)
def _column_of(letters: str) -> int:
    place = 0
    for letter in letters[:6]:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _day_or_moment(value: Any) -> Any:
    if isinstance(value, datetime) and value.time() == clock_time():
        return value.date()
    return value if isinstance(value, date) else str(value)
