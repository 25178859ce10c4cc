"""Tables on paper: widths from what is in them, a heading on each page, figures to the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice

from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4

from reporting.files.as_pdf.letters import Font
from reporting.files.as_pdf.paper import ACCENT, GRID, INK, LINE, MARGIN, QUIET, SOFT, Paper, wrap
from reporting.files.cells import Reader
from reporting.files.totals import Totals
from reporting.tables import Column, Row, Table

_ROWS_MEASURED = 200
_SIZES = (8.0, 7.5, 7.0, 6.5, 6.0, 5.5)
_SMALLEST = 4.0
_LEADING = 1.25
_PADDING = 4.0
#: Columns of words take what is left; they want so much, and need so much.
_WANTED, _NEEDED = 260.0, 70.0
#: A longer word is broken.
_LONGEST_WORD = 130.0
_LINES_OF_A_HEADING = 3
_PORTRAIT, _LANDSCAPE = A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN
#: The tallest row, in lines: a text that is longer is cut, and says so.
_MOST_LINES = 30


@dataclass(frozen=True)
class _Layout:
    is_wide: bool
    size: float
    widths: list[float]
    headings: list[list[str]]


def draw(table: Table, paper: Paper, reader: Reader, *, has_title: bool = True) -> None:
    """Draw a table below what is on the page, and on as many pages as it needs."""
    _Printer(table, paper, reader).draw(has_title=has_title)


def is_wide(table: Table, sample: Sequence[Row], paper: Paper, reader: Reader) -> bool:
    """Say whether a table needs paper that lies on its side."""
    return _Printer(table, paper, reader).layout_of(sample).is_wide


class _Printer:
    def __init__(self, table: Table, paper: Paper, reader: Reader) -> None:
        self._table = table
        self._columns = [column for column in table.columns if column.is_printed]
        self._paper = paper
        self._reader = reader

    def draw(self, *, has_title: bool) -> None:
        rows = iter(self._table.rows)
        sample = list(islice(rows, _ROWS_MEASURED))
        self._layout = self.layout_of(sample)
        self._begin(has_title=has_title)
        totals = Totals(self._table)
        last: Row | None = None
        for row in chain(sample, rows):
            if last is not None:
                self._row(self._texts(last))
            totals.add(row)
            last = row
        line = totals.line()
        if last is not None:
            # The last row stays with what stands below it.
            self._row(self._texts(last), below=self._end_height(has_total=line is not None))
        else:
            self._empty()
        if line is not None:
            self._total(self._texts(line))
        self._note()

    def layout_of(self, sample: Sequence[Row]) -> _Layout:
        texts = [self._texts(row) for row in sample]
        if self._table.totals is not None:
            texts.append(self._texts(self._table.totals))
        for size in _SIZES:
            needs = [self._needs(number, texts, size) for number in range(len(self._columns))]
            needed = sum(least for least, _most in needs)
            for room, lies in ((_PORTRAIT, False), (_LANDSCAPE, True)):
                if needed <= room and (size > _SIZES[2] or lies):
                    return self._with(needs, room, lies, size)
        return self._with(needs, _LANDSCAPE, True, _SIZES[-1])

    def _needs(self, number: int, texts: list[list[str]], size: float) -> tuple[float, float]:
        """Return how wide a column must be and how wide it would like to be, with the room around it."""
        column, paper = self._columns[number], self._paper
        heading = self._reader.heading(column)
        of_heading = max(
            max((paper.bold.width(word, size) for word in heading.split()), default=0),
            paper.bold.width(heading, size) / _LINES_OF_A_HEADING + 2 * size,
        )
        widest = max((paper.regular.width(row[number], size) for row in texts), default=0)
        if column.total:
            widest = max(widest, paper.bold.width("0" * 12, size))
        if column.kind == "text":
            words = (word for row in texts for word in row[number].split())
            longest = max((paper.regular.width(word, size) for word in words), default=0)
            least = min(widest, max(_NEEDED, min(longest, _LONGEST_WORD)) * size / 8)
            most = max(least, min(widest, _WANTED))
        else:
            least = most = widest + 0.5
        around = 2 * _PADDING
        return max(least, of_heading) + around, max(most, of_heading) + around

    def _with(self, needs: list[tuple[float, float]], room: float, lies: bool, size: float) -> _Layout:
        least = [need for need, _most in needs]
        spare = room - sum(least)
        if spare < 0:
            widths = [width * room / sum(least) for width in least]
        else:
            wishes = [most - need for need, most in needs]
            share = min(1.0, spare / sum(wishes)) if sum(wishes) else 0.0
            widths = [need + wish * share for need, wish in zip(least, wishes, strict=True)]
            rest = (room - sum(widths)) / len(widths) if widths else 0.0
            widths = [width + rest for width in widths]
        headings = [
            wrap(self._reader.heading(column), self._paper.bold, size, width - 2 * _PADDING)
            for column, width in zip(self._columns, widths, strict=True)
        ]
        return _Layout(lies, size, widths, headings)

    def _texts(self, row: Row) -> list[str]:
        return [self._reader.text(column, row.get(column.key), row) for column in self._columns]

    def _begin(self, *, has_title: bool) -> None:
        """Put the title and the heading on the page, or on a new one where a row would not follow."""
        paper, size = self._paper, self._layout.size
        room = 40 + self._heading_height + 3 * size
        if (
            paper.is_blank
            or self._layout.is_wide != (paper.width > paper.height)
            or (paper.y - room < paper.bottom)
        ):
            paper.begin(is_wide=self._layout.is_wide)
        if has_title:
            paper.y -= 18
            paper.text(paper.left, paper.y, str(self._table.title), size=10, font=paper.bold)
            paper.y -= 6
        self._heading()

    @property
    def _heading_height(self) -> float:
        lines = max((len(lines) for lines in self._layout.headings), default=1)
        return lines * self._layout.size * _LEADING + 2 * _PADDING

    def _heading(self) -> None:
        paper, size, height = self._paper, self._layout.size, self._heading_height
        top = paper.y
        paper.box(paper.left, top - height, sum(self._layout.widths), height, colour=SOFT)
        x = paper.left
        for column, width, lines in zip(
            self._columns, self._layout.widths, self._layout.headings, strict=True
        ):
            # The last lines of all headings stand beside each other.
            y = top - height + _PADDING + size * 0.25 + (len(lines) - 1) * size * _LEADING
            for text in lines:
                at = x + width - _PADDING if column.is_figure else x + _PADDING
                paper.text(at, y, text, size=size, font=paper.bold, is_right=column.is_figure)
                y -= size * _LEADING
            x += width
        paper.line(
            paper.left,
            top - height,
            paper.left + sum(self._layout.widths),
            top - height,
            colour=ACCENT,
            width=0.8,
        )
        paper.y = top - height

    def _end_height(self, *, has_total: bool) -> float:
        note = wrap(str(self._table.note), self._paper.regular, 7, self._paper.inner_width)
        return (2.5 * self._layout.size if has_total else 0) + (len(note) * 10 if self._table.note else 0)

    def _row(self, cells: list[str], *, font: Font | None = None, below: float = 0) -> None:
        paper, layout = self._paper, self._layout
        font = font or paper.regular
        size = layout.size
        lines = [
            self._lines(column, text, width, font)
            for column, text, width in zip(self._columns, cells, layout.widths, strict=True)
        ]
        height = max(map(len, lines), default=1) * size * _LEADING + _PADDING
        if paper.y - height - below < paper.bottom:
            paper.begin(is_wide=layout.is_wide)
            self._heading()
        first = paper.y - size * 1.05 - _PADDING / 2
        parts, current, x = [f"{_INK} rg"], None, paper.left
        for column, width, column_lines in zip(self._columns, layout.widths, lines, strict=True):
            y = first
            for text in column_lines:
                if text:
                    at, own = x + _PADDING, size
                    if column.is_figure:
                        own, wide = _fitting(font, text, size, width - 2 * _PADDING)
                        at = paper.place(x + width - _PADDING - wide, wide)
                    elif paper.runs_left:
                        at = paper.place(at, font.width(text, size))
                    parts.append(f"1 0 0 1 {at:.2f} {y:.2f} Tm")
                    for name, letters in font.shown(text):
                        if current != (name, own):
                            parts.append(f"{name} {own:.4g} Tf")
                            current = name, own
                        parts.append(f"({letters}) Tj")
                y -= size * _LEADING
            x += width
        paper.canvas.add(f"BT {' '.join(parts)} ET")
        paper.y -= height
        paper.line(paper.left, paper.y, x, paper.y, colour=GRID, width=0.4)

    def _lines(self, column: Column, text: str, width: float, font: Font) -> list[str]:
        if column.is_figure:
            return [text]
        lines = wrap(text, font, self._layout.size, width - 2 * _PADDING)
        if len(lines) > _MOST_LINES:
            lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1] + " …"]
        return lines

    def _total(self, cells: list[str]) -> None:
        paper = self._paper
        right = paper.left + sum(self._layout.widths)
        if paper.y - 2.5 * self._layout.size < paper.bottom:
            paper.begin(is_wide=self._layout.is_wide)
            self._heading()
        paper.line(paper.left, paper.y, right, paper.y, colour=INK, width=0.8)
        self._row(cells, font=paper.bold)
        paper.line(paper.left, paper.y, right, paper.y, colour=LINE, width=0.8)

    def _empty(self) -> None:
        paper = self._paper
        paper.y -= 14
        paper.text(paper.left + _PADDING, paper.y, _("Nothing to show."), size=8, colour=QUIET)

    def _note(self) -> None:
        if self._table.note:
            paper = self._paper
            paper.y -= 4
            paper.paragraph(
                wrap(str(self._table.note), paper.regular, 7, paper.inner_width), size=7, colour=QUIET
            )


def _fitting(font: Font, text: str, size: float, width: float) -> tuple[float, float]:
    """Return the size in which a figure fits into its column, and how wide it is then."""
    wide = font.width(text, size)
    if wide <= width:
        return size, wide
    smaller = max(size * width / wide, _SMALLEST)
    return smaller, font.width(text, smaller)


_INK = " ".join(f"{part:.3f}" for part in INK.rgb())
