"""CSV: UTF-8 with a mark, so that a spreadsheet opens it rightly, and no cell that it would run."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from ipms import site
from ipms.sheets import neutral
from reporting.files.cells import exact
from reporting.files.totals import Totals
from reporting.tables import Column, Document, Row, Table

_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_CHUNK_CHARACTERS = 64 * 1024


def chunks(document: Document) -> Iterator[bytes]:
    """Yield the file in pieces of some tens of kilobytes; nothing holds more than one of them.

    Several tables stand one below the other, each under its title.
    """
    buffer = StringIO(newline="")
    buffer.write(_MARK)
    writer = csv.writer(buffer)
    for cells in _lines(document, site.base_currency()):
        writer.writerow(cells)
        if buffer.tell() >= _CHUNK_CHARACTERS:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _lines(document: Document, base_currency: str) -> Iterator[Iterable[str]]:
    tables = document.tables
    if tables and tables[0].headings == "keys":
        tables = tables[:1]
    for number, table in enumerate(tables):
        if len(tables) > 1:
            if number:
                yield []
            yield [neutral(str(table.title))]
        yield from _table(table, base_currency)


def _table(table: Table, base_currency: str) -> Iterator[list[str]]:
    columns = table.columns
    has_keys = table.headings == "keys"
    yield [column.key if has_keys else neutral(str(column.label)) for column in columns]
    totals = Totals(table)
    for row in table.rows:
        totals.add(row)
        yield _cells(columns, row, base_currency)
    if not has_keys and (line := totals.line()) is not None:
        yield _cells(columns, line, base_currency)


def _cells(columns: Iterable[Column], row: Row, base_currency: str) -> list[str]:
    return [exact(column, row.get(column.key), _currency(column, row, base_currency)) for column in columns]


def _currency(column: Column, row: Row, base_currency: str) -> str:
    return column.currency_of(row, base_currency) if column.kind == "amount" else base_currency


def _emptied(buffer: Any) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
