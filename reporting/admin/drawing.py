"""A document as it is drawn on a page: figures, charts, and tables cut to what a person reads there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html

from ipms.admin import charts
from ipms.admin.display import EMPTY
from ipms.admin.panels import Figure
from reporting.admin.links import Link
from reporting.files.cells import Reader
from reporting.files.totals import Totals
from reporting.tables import Chart, Column, Document, Row, Table

#: A table of this name, of one row, is drawn as figures.
FIGURES = "totals"
#: So many rows of a table are shown; the files have all.
MOST_ROWS = 100
#: A table with more columns takes the whole width of the page.
_COLUMNS_OF_A_HALF = 4

_DRAW = {"bars": charts.bars, "line": charts.line, "ranking": charts.ranking}


@dataclass(frozen=True)
class Cell:
    text: Any
    #: What it holds, as a class: `numeric`, `words` that may wrap, a `code` that may be cut, or nothing.
    css: str


@dataclass(frozen=True)
class ShownTable:
    table: Table
    headings: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    totals: Sequence[Cell]
    count: int

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)

    @property
    def width(self) -> str:
        return "half" if len(self.headings) <= _COLUMNS_OF_A_HALF else "full"


@dataclass(frozen=True)
class ShownChart:
    title: Any
    chart: charts.Chart


class Drawing:
    """Draws a document for the person who asks, in their language, with links to what they may open."""

    def __init__(self, request: HttpRequest, *, base_currency: str, links: Mapping[str, Link]) -> None:
        self._reader = Reader(base_currency)
        self._links = {place: link for place, link in links.items() if link.is_open_to(request)}

    def figures(self, document: Document) -> list[Figure]:
        """Return what the table of figures says."""
        return [
            Figure(label=self._reader.heading(column), value=self._text(column, row))
            for table in document.tables
            if table.name == FIGURES
            for row in table.rows
            for column in table.columns
            if column.is_printed
        ]

    def charts(self, document: Document) -> list[ShownChart]:
        return [self._chart(chart) for chart in document.charts]

    def tables(self, document: Document) -> list[ShownTable]:
        """Return all tables but that of the figures."""
        return [self._table(table) for table in document.tables if table.name != FIGURES]

    def _chart(self, chart: Chart) -> ShownChart:
        points = [charts.Point(label, value) for label, value in chart.points]
        unit = str(chart.unit)
        return ShownChart(chart.title, _DRAW[chart.kind](points, label=chart.title, unit=unit))

    def _table(self, table: Table) -> ShownTable:
        # As on paper: what only a program needs is left to the files.
        columns = [column for column in table.columns if column.is_printed]
        totals, shown, count = Totals(table), [], 0
        for row in table.rows:
            totals.add(row)
            count += 1
            if count <= MOST_ROWS:
                shown.append([self._cell(table, column, row) for column in columns])
        line = totals.line() if count else None
        return ShownTable(
            table=table,
            headings=[Cell(self._reader.heading(column), _css(column)) for column in columns],
            rows=shown,
            totals=[Cell(self._text(column, line, empty=""), _css(column)) for column in columns]
            if line
            else [],
            count=count,
        )

    def _cell(self, table: Table, column: Column, row: Row) -> Cell:
        text = self._text(column, row)
        link = self._links.get(f"{table.name}.{column.key}")
        url = link.url(row) if link and text != EMPTY else ""
        return Cell(format_html('<a href="{}">{}</a>', url, text) if url else text, _css(column))

    def _text(self, column: Column, row: Row, *, empty: str = EMPTY) -> str:
        return self._reader.text(column, row.get(column.key), row) or empty


def _css(column: Column) -> str:
    if column.is_figure:
        return "numeric"
    return {"text": "words", "code": "code"}.get(column.kind, "")
