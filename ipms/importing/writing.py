"""Spreadsheets for those who fill them in: the template of an object, and the rows that were not taken."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from io import StringIO
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ipms.columns import Column, DayColumn, NumberColumn
from ipms.importing import files, naming
from ipms.models import ImportRun
from ipms.resources import SheetResource
from ipms.sheets import in_words, neutral

#: A column is given this many rows to choose from a list in.
_ROWS_WITH_LISTS = 5000
#: Lists longer than this are no help to choose from.
_LONGEST_LIST = 3000
_WIDTH = 18
_WIDEST = 44
_HEADING, _NEEDED = "#E8EDF2", "#FDE9C8"


def template(resource: SheetResource, *, title: str, format: str) -> IO[bytes]:
    """Write an empty spreadsheet for a resource, with an example that is not imported."""
    columns = resource.columns()
    labels = [_heading(resource, name) for name in columns]
    example = [_example(column) for column in columns.values()]
    if format == "csv":
        return _csv([[*labels, naming.remark_heading()], [*example, naming.example_mark()]])
    return _template_workbook(resource, columns, labels, example, title)


def bad_rows(run: ImportRun, resource: SheetResource, *, format: str) -> IO[bytes]:
    """Write the rows that were not taken as they stand in the file, each with the reasons behind it."""
    rows = _bad_rows(run, resource)
    if format == "csv":
        return _csv(rows)
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_urls": False, **_DATES})
    sheet = book.add_worksheet()
    bold, why = book.add_format({"bold": True}), book.add_format({"font_color": "#9C0006", "text_wrap": True})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(run.headers) - 1, 0), _WIDTH)
    sheet.set_column(len(run.headers), len(run.headers), 70)
    for number, cells in enumerate(rows):
        for place, cell in enumerate(cells):
            is_reason = place == len(run.headers) and number
            _write(sheet, number, place, cell, bold if not number else why if is_reason else None)
    book.close()
    file.seek(0)
    return file


_DATES = {"default_date_format": "yyyy-mm-dd"}


def in_sentences(resource: SheetResource, problems: dict[str, list[str]]) -> str:
    """Return everything that is wrong with a row, each fault with its column."""
    told = []
    for name, sentences in problems.items():
        label = capfirst(resource.label_of(name)) if name in resource.fields else ""
        told += [f"{label}: {sentence}" if label else sentence for sentence in sentences]
    return " | ".join(told)


def _bad_rows(run: ImportRun, resource: SheetResource) -> Iterator[list[Any]]:
    # A file of bad rows that comes in again has its column of reasons already.
    ignored = naming.remark_headings()
    kept = [place for place, header in enumerate(run.headers) if not naming.is_remark(header, ignored)]
    yield [run.headers[place] for place in kept] + [naming.remark_heading()]
    problems = files.problems(run)
    told = next(problems, None)
    for number, cells in files.data_rows(run):
        if told is None:
            return
        if number == told[0]:
            row = [cells[place] if place < len(cells) else None for place in kept]
            yield [*row, in_sentences(resource, told[1])]
            told = next(problems, None)


def _csv(rows: Any) -> IO[bytes]:
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    file.write("\ufeff".encode())
    text = StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([in_words(cell) for cell in row])
        file.write(text.getvalue().encode())
        text.seek(0)
        text.truncate()
    file.seek(0)
    return file


def _template_workbook(
    resource: SheetResource,
    columns: dict[str, Column],
    labels: Sequence[str],
    example: Sequence[Any],
    title: str,
) -> IO[bytes]:
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    book = xlsxwriter.Workbook(file, {"strings_to_urls": False, **_DATES})
    sheet = book.add_worksheet(_sheet_name(title))
    values = book.add_worksheet(_sheet_name(_("Allowed values")))
    notes = book.add_worksheet(_sheet_name(_("How to fill in")))
    heading = book.add_format(
        {"bold": True, "bg_color": _HEADING, "border": 1, "text_wrap": True, "valign": "top"}
    )
    needed = book.add_format(
        {"bold": True, "bg_color": _NEEDED, "border": 1, "text_wrap": True, "valign": "top"}
    )
    quiet = book.add_format({"italic": True, "font_color": "#7A7A7A"})
    text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(1, 1)
    used = 0
    for place, column in enumerate(columns.values()):
        is_needed = column.is_required
        sheet.write_string(0, place, labels[place], needed if is_needed else heading)
        sheet.write_comment(0, place, _note(column), {"x_scale": 1.6})
        number_format = day if isinstance(column, DayColumn) else None
        if number_format is None and not isinstance(column, NumberColumn):
            number_format = text
        sheet.set_column(place, place, min(max(_WIDTH, len(labels[place]) + 3), _WIDEST), number_format)
        _write(sheet, 1, place, example[place], quiet)
        if allowed := column.allowed()[: _LONGEST_LIST + 1]:
            used = _offer(sheet, values, place, used, allowed, labels[place], heading)
    last = len(columns)
    sheet.write_string(0, last, naming.remark_heading(), heading)
    sheet.set_column(last, last, _WIDEST)
    sheet.write_string(1, last, naming.example_mark(), quiet)
    _write_notes(notes, resource, columns, labels, example, heading)
    if not used:
        values.hide()
    book.close()
    file.seek(0)
    return file


def _offer(
    sheet: Any,
    values: Any,
    place: int,
    used: int,
    allowed: Sequence[tuple[str, str]],
    label: str,
    heading: Any,
) -> int:
    """Write the allowed values of a column beside each other, and let its cells be chosen from them."""
    if len(allowed) > _LONGEST_LIST:
        return used
    has_names = any(name for _value, name in allowed)
    values.write_string(0, used, label, heading)
    values.set_column(used, used, _WIDTH)
    for number, (value, name) in enumerate(allowed, start=1):
        values.write_string(number, used, neutral(value))
        if has_names:
            values.write_string(number, used + 1, neutral(name))
    letter = xlsxwriter.utility.xl_col_to_name(used, col_abs=True)
    source = f"='{values.get_name()}'!{letter}$2:{letter}${len(allowed) + 1}"
    sheet.data_validation(
        1,
        place,
        _ROWS_WITH_LISTS,
        place,
        {
            "validate": "list",
            "source": source,
            # Names are understood as well: the list advises.
            "error_type": "information",
            "error_title": _("Not in the list"),
            "error_message": _("See the sheet with the allowed values."),
        },
    )
    if has_names:
        values.set_column(used + 1, used + 1, _WIDEST)
    return used + (3 if has_names else 2)


def _write_notes(
    sheet: Any,
    resource: SheetResource,
    columns: dict[str, Column],
    labels: Sequence[str],
    example: Sequence[Any],
    heading: Any,
) -> None:
    for place, (label, width) in enumerate(
        [(_("Column"), 28), (_("Needed"), 12), (_("What to enter"), 70), (_("Example"), 28)]
    ):
        sheet.write_string(0, place, label, heading)
        sheet.set_column(place, place, width)
    for number, column in enumerate(columns.values(), start=1):
        sheet.write_string(number, 0, labels[number - 1])
        sheet.write_string(number, 1, _("yes") if column.is_required else "")
        sheet.write_string(number, 2, _note(column))
        _write(sheet, number, 3, example[number - 1], None)
    sheet.write_string(len(columns) + 2, 0, str(resource.advice))


def _heading(resource: SheetResource, name: str) -> str:
    label = capfirst(resource.label_of(name))
    return f"{label} *" if resource.fields[name].is_required else label


def _note(column: Column) -> str:
    parts = [capfirst(str(column.hint))] if column.hint else []
    if column.is_required:
        parts.insert(0, _("Needed."))
    if isinstance(column, DayColumn):
        parts.append(_("A date, such as 2031-07-15."))
    elif isinstance(column, NumberColumn):
        parts.append(_("A number."))
    if column.is_code:
        parts.append(_("Text: zeros at the beginning count."))
    allowed = column.allowed()[:9]
    if allowed and len(allowed) < 9:
        parts.append(_("One of: %(values)s.") % {"values": ", ".join(value for value, _name in allowed)})
    elif allowed:
        parts.append(_("One of the allowed values."))
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts) or _("Text.")


def _example(column: Column) -> Any:
    if column.example != "":
        return column.example
    allowed = column.allowed()[:1]
    return allowed[0][0] if allowed else None


def _sheet_name(title: str) -> str:
    return "".join(letter for letter in title if letter not in "[]:*?/\\'")[:31] or "IPMS"


def _write(sheet: Any, row: int, place: int, cell: Any, how: Any) -> None:
    match cell:
        case None | "":
            return
        case datetime() | date():
            sheet.write_datetime(row, place, cell, how)
        case bool() | str():
            sheet.write_string(row, place, in_words(cell), how)
        case _:
            sheet.write_number(row, place, cell, how)
