"""Charts on paper, drawn as vectors: upright bars, a course over time, a ranking with long names."""

from collections.abc import Sequence
from decimal import Decimal
from math import ceil, floor, log10

from reporting.files.as_pdf.paper import ACCENT, GRID, INK, LINE, QUIET, Paper, fit
from reporting.files.cells import Reader
from reporting.tables import Chart

_SIZE = 7.0
_HEIGHT = 150.0
_TITLE = 22.0
_BAR, _MOST_RANKED = 15.0, 15
_GAP = 24.0
_STEPS = 4
_AXIS = 44.0


def draw(charts: Sequence[Chart], paper: Paper, reader: Reader) -> None:
    """Draw charts two beside each other, below what is on the page."""
    drawn = [chart for chart in charts if chart.points]
    width = (paper.inner_width - _GAP) / 2
    for number in range(0, len(drawn), 2):
        beside = drawn[number : number + 2]
        height = max(map(_height, beside))
        if paper.y - height < paper.bottom:
            paper.begin(is_wide=paper.width > paper.height)
        top = paper.y
        for place, chart in enumerate(beside):
            _Drawing(chart, paper, reader, paper.left + place * (width + _GAP), top, width).draw()
        paper.y = top - height


def _height(chart: Chart) -> float:
    if chart.kind == "ranking":
        return _TITLE + min(len(chart.points), _MOST_RANKED) * _BAR + 10
    return _TITLE + _HEIGHT


class _Drawing:
    def __init__(
        self, chart: Chart, paper: Paper, reader: Reader, left: float, top: float, width: float
    ) -> None:
        self._chart, self._paper, self._reader = chart, paper, reader
        self._left, self._width = left, width
        self._top = top - _TITLE
        self._points = [(str(label), float(value)) for label, value in chart.points]

    def draw(self) -> None:
        paper = self._paper
        title = str(self._chart.title)
        if self._chart.unit:
            title += f", {self._chart.unit}"
        title = fit(title, paper.bold, 9, self._width)
        paper.text(self._left, self._top + 8, title, size=9, font=paper.bold)
        if self._chart.kind == "ranking":
            self._ranking()
        else:
            self._upright()

    def _ranking(self) -> None:
        paper = self._paper
        points = sorted(self._points, key=lambda point: -point[1])[:_MOST_RANKED]
        most = max((abs(value) for _label, value in points), default=0) or 1
        names = min(
            self._width * 0.42, max(paper.regular.width(label, _SIZE) for label, _value in points) + 6
        )
        figures = max(paper.regular.width(self._number(value), _SIZE) for _label, value in points) + 6
        room = self._width - names - figures
        for number, (label, value) in enumerate(points):
            y = self._top - (number + 1) * _BAR + 4
            paper.text(
                self._left, y + 2.5, fit(label, paper.regular, _SIZE, names - 4), size=_SIZE, colour=INK
            )
            long = max(abs(value) / most * room, 0.5)
            paper.box(self._left + names, y, long, _BAR - 6, colour=ACCENT)
            paper.text(self._left + names + long + 4, y + 2.5, self._number(value), size=_SIZE, colour=QUIET)

    def _upright(self) -> None:
        paper = self._paper
        low, high, step = _scale([value for _label, value in self._points])
        bottom, top = self._top - _HEIGHT + 26, self._top - 4
        left, right = self._left + _AXIS, self._left + self._width

        def height(value: float) -> float:
            return bottom + (value - low) / (high - low) * (top - bottom)

        tick = low
        while tick <= high + step / 2:
            y = height(tick)
            paper.line(left, y, right, y, colour=LINE if abs(tick) < step / 2 else GRID, width=0.5)
            paper.text(left - 4, y - 2.5, _short(tick), size=_SIZE - 0.5, colour=QUIET, is_right=True)
            tick += step
        slot = (right - left) / len(self._points)
        middles = [left + slot * (number + 0.5) for number in range(len(self._points))]
        if self._chart.kind == "bars":
            thick = min(slot * 0.68, 40)
            for x, (_label, value) in zip(middles, self._points, strict=True):
                base, end = sorted((height(0), height(value)))
                paper.box(x - thick / 2, base, thick, max(end - base, 0.4), colour=ACCENT)
        else:
            places = [(x, height(value)) for x, (_label, value) in zip(middles, self._points, strict=True)]
            if len(places) > 1:
                paper.course(places, colour=ACCENT)
            if len(places) <= 40:
                for x, y in places:
                    paper.box(x - 1.5, y - 1.5, 3, 3, colour=ACCENT)
        self._labels(middles, bottom)

    def _labels(self, middles: list[float], bottom: float) -> None:
        """Write the names below, as many as there is room for."""
        paper = self._paper
        size = _SIZE - 0.5
        widest = max(paper.regular.width(label, size) for label, _value in self._points) + 6
        slot = (self._width - _AXIS) / len(self._points)
        every = max(1, ceil(min(widest, 90) / slot))
        for number in range(0, len(middles), every):
            text = fit(self._points[number][0], paper.regular, size, max(slot * every - 4, 12))
            x = middles[number] - paper.regular.width(text, size) / 2
            paper.text(x, bottom - 11, text, size=size, colour=QUIET)

    def _number(self, value: float) -> str:
        figure = Decimal(repr(value))
        return self._reader.number(
            figure, 0 if figure == figure.to_integral_value() or abs(value) >= 1000 else 2
        )


def _scale(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the lowest and highest mark of an axis and the step between two, all round numbers."""
    low, high = min(0.0, *values), max(0.0, *values)
    if low == high:
        high = 1.0
    rough = (high - low) / _STEPS
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    return floor(low / step) * step, ceil(high / step) * step, step


def _short(value: float) -> str:
    for limit, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:g}\N{NO-BREAK SPACE}{sign}"
    return f"{round(value, 6):g}"
