"""Charts drawn by the server as SVG: no script, no style attribute; the theme's classes colour them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10
from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from ipms.admin.display import number

_WIDTH, _HEIGHT = 480, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 6, 10, 26
_MOST_LABELS = 12
#: What a letter of a label takes, and what is left free between two labels.
_LETTER, _SPACE = 6.5, 8


@dataclass(frozen=True)
class Point:
    """A value with its name; `url` leads to what is behind it.

    `name` is the full one, where there is room for it; `is_open` marks a time that is not over.
    """

    label: Any
    value: Decimal | int
    url: str = ""
    name: Any = ""
    is_open: bool = False


@dataclass(frozen=True)
class Chart:
    """A drawing and, for the table beneath it, the points it was drawn from."""

    svg: SafeString
    points: Sequence[Point]
    unit: str = ""

    @property
    def rows(self) -> list[tuple[Any, str, str]]:
        return [(point.name or point.label, number(point.value), point.url) for point in self.points]


def bars(points: Sequence[Point], *, label: Any, unit: str = "") -> Chart:
    """Draw upright bars, one for each point. `label` says to a screen reader what the chart shows."""
    points = list(points)
    scale = _Scale.over(points)
    slot = (_WIDTH - _LEFT - _RIGHT) / max(len(points), 1)
    thickness = min(slot * 0.68, 44)
    drawn = format_html_join(
        "",
        '<rect class="chart-bar{}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}</title></rect>',
        (
            (
                " chart-bar--open" if point.is_open else "",
                _n(_LEFT + slot * (index + 0.5) - thickness / 2),
                _n(min(scale.y(point.value), scale.y(0))),
                _n(thickness),
                _n(max(abs(scale.y(0) - scale.y(point.value)), 0.5)),
                _tooltip(point, unit),
            )
            for index, point in enumerate(points)
        ),
    )
    centres = [_LEFT + slot * (index + 0.5) for index in range(len(points))]
    return Chart(_svg(label, scale, drawn, _x_labels(points, centres)), points, unit)


def line(points: Sequence[Point], *, label: Any, unit: str = "") -> Chart:
    """Draw a line over a filled area: a value as it moves through time."""
    points = list(points)
    scale = _Scale.over(points)
    step = (_WIDTH - _LEFT - _RIGHT - 24) / max(len(points) - 1, 1)
    places = [(_LEFT + 12 + step * index, scale.y(point.value)) for index, point in enumerate(points)]
    path = " ".join(f"{_n(x)},{_n(y)}" for x, y in places)
    area = (
        f"{_n(places[0][0])},{_n(scale.y(0))} {path} {_n(places[-1][0])},{_n(scale.y(0))}" if places else ""
    )
    dots = format_html_join(
        "",
        '<circle class="chart-dot" cx="{}" cy="{}" r="3"><title>{}</title></circle>',
        ((_n(x), _n(y), _tooltip(point, unit)) for (x, y), point in zip(places, points, strict=True)),
    )
    drawn = format_html(
        '<polygon class="chart-area" points="{}"/><polyline class="chart-line" points="{}"/>{}',
        area,
        path,
        dots,
    )
    return Chart(_svg(label, scale, drawn, _x_labels(points, [x for x, _y in places])), points, unit)


def ranking(points: Sequence[Point], *, label: Any, unit: str = "") -> Chart:
    """Draw lying bars with their names and values: the largest first reads best."""
    points = list(points)
    top = max((abs(point.value) for point in points), default=0) or 1
    row, width = 36, _WIDTH
    # Bars begin where lines of text do.
    is_mirrored = get_language_bidi()
    lengths = [max(float(abs(point.value) / top) * width, 2) for point in points]
    drawn = format_html_join(
        "",
        '<text class="chart-name" x="{}" y="{}">{}</text><text class="chart-value" x="{}" y="{}">{}</text>'
        '<rect class="chart-track" x="0" y="{}" width="{}" height="8" rx="4"/>'
        '<rect class="chart-bar" x="{}" y="{}" width="{}" height="8" rx="4"><title>{}</title></rect>',
        (
            (
                width if is_mirrored else 0,
                index * row + 14,
                _short(point.label),
                0 if is_mirrored else width,
                index * row + 14,
                compact(point.value),
                index * row + 20,
                width,
                _n(width - length if is_mirrored else 0),
                index * row + 20,
                _n(length),
                _tooltip(point, unit),
            )
            for index, (point, length) in enumerate(zip(points, lengths, strict=True))
        ),
    )
    svg = format_html(
        '<svg class="chart chart--ranking" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        width,
        max(len(points), 1) * row,
        label,
        drawn,
    )
    return Chart(svg, points, unit)


def sparkline(values: Sequence[Decimal | int], *, label: Any) -> SafeString:
    """Draw a small line without axes, to stand beside a figure."""
    values = list(values) or [0, 0]
    low, high = min(values), max(values)
    span = float(high - low) or 1.0
    step = 96 / max(len(values) - 1, 1)
    path = " ".join(
        f"{_n(2 + step * index)},{_n(22 - float(value - low) / span * 20)}"
        for index, value in enumerate(values)
    )
    return format_html(
        '<svg class="sparkline" viewBox="0 0 100 24" role="img" aria-label="{}">'
        '<polyline class="chart-line" points="{}"/></svg>',
        label,
        path,
    )


def compact(value: Decimal | int | float) -> str:
    """Return a number short enough for an axis: `1.6M`, `820`, `12.5k`."""
    size = abs(float(value))
    for limit, suffix in ((1e9, _("bn")), (1e6, _("M")), (1e3, _("k"))):
        if size >= limit:
            return f"{number(Decimal(str(round(float(value) / limit, 1))))}{suffix}"
    decimals = 0 if size >= 10 or size == int(size) else 2
    # `number_format` cuts what it does not show.
    return number_format(round(float(value), decimals), decimal_pos=decimals)


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    step: float

    @classmethod
    def over(cls, points: Sequence[Point]) -> "_Scale":
        values = [float(point.value) for point in points] or [0.0]
        low, high = min(0.0, *values), max(0.0, *values)
        if low == high:
            high = 1.0
        step = round_step((high - low) / 4)
        return cls(floor(low / step) * step, ceil(high / step) * step, step)

    def y(self, value: Any) -> float:
        share = (float(value) - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def ticks(self) -> list[float]:
        count = round((self.high - self.low) / self.step)
        return [self.low + self.step * index for index in range(count + 1)]


def round_step(rough: float) -> float:
    power = 10.0 ** floor(log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)


def _svg(label: Any, scale: _Scale, drawn: SafeString, x_labels: SafeString) -> SafeString:
    grid = format_html_join(
        "",
        '<line class="chart-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="chart-tick" x="{}" y="{}">{}</text>',
        (
            (_LEFT, _WIDTH - _RIGHT, _n(y), _n(y), _LEFT - 8, _n(y + 4), compact(tick))
            for tick, y in ((tick, scale.y(tick)) for tick in scale.ticks())
        ),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        _WIDTH,
        _HEIGHT,
        label,
        grid,
        drawn,
        x_labels,
    )


def _x_labels(points: Sequence[Point], places: Sequence[float]) -> SafeString:
    longest = max((len(str(point.label)) for point in points), default=0)
    that_fit = (_WIDTH - _LEFT - _RIGHT) // (longest * _LETTER + _SPACE)
    every = ceil(len(points) / max(min(that_fit, _MOST_LABELS), 1)) or 1
    return format_html_join(
        "",
        '<text class="chart-label{}" x="{}" y="{}">{}</text>',
        (
            # On a phone every other label is hidden.
            (" chart-label--odd" if (index // every) % 2 else "", _n(x), _HEIGHT - 8, point.label)
            for index, (point, x) in enumerate(zip(points, places, strict=True))
            if index % every == 0
        ),
    )


def _tooltip(point: Point, unit: str) -> str:
    return f"{point.name or point.label}: {number(point.value)} {unit}".rstrip()


def _short(label: Any, limit: int = 40) -> str:
    text = str(label)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _n(value: float) -> str:
    """A coordinate: never in the number format of a language."""
    return f"{value:.1f}"
