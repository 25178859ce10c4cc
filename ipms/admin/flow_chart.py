"""A chart of what stands, above what came in and what went out; both share the months below them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ipms.admin.charts import compact, round_step
from ipms.admin.display import number

_WIDTH, _LEFT, _RIGHT = 480, 46, 6
#: Top and bottom of the two drawings, and where the labels stand.
_STANDS, _MOVES, _LABELS, _HEIGHT = (22, 116), (148, 242), 259, 264
_STEPS = 5


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A month (or week): what came in, what went out, what stood at its end."""

    label: Any
    name: Any  # the label in full, for the table and who points at it
    came_in: Decimal
    went_out: Decimal
    at_end: Decimal
    url: str = ""


@dataclass(frozen=True)
class FlowChart:
    """A drawing, with the figures that it was drawn from as rows of a table."""

    svg: SafeString
    flows: Sequence[Flow]
    unit: str = ""

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "name": flow.name,
                "url": flow.url,
                "came_in": number(flow.came_in),
                "went_out": number(flow.went_out),
                "at_end": number(flow.at_end),
            }
            for flow in reversed(self.flows)
        ]


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the drawing says, in the reader's language."""

    label: Any
    at_end: Any
    came_in: Any
    went_out: Any


def draw(flows: Sequence[Flow], *, words: Words, unit: str = "") -> FlowChart:
    """Draw flows, the oldest first: a line of what stood, and bars up for in and down for out.

    Nothing depends on the colours alone. `words.label` says to a screen reader what the chart shows.
    """
    stands = _Scale.over([float(flow.at_end) for flow in flows], *_STANDS)
    moves = _Scale.over(
        [value for flow in flows for value in (float(flow.came_in), -float(flow.went_out))], *_MOVES
    )
    slot = (_WIDTH - _LEFT - _RIGHT) / max(len(flows), 1)
    centres = [_LEFT + slot * (index + 0.5) for index in range(len(flows))]
    parts = [
        _grid(stands, stands.ticks()),
        _grid(moves, sorted({moves.low, 0.0, moves.high})),
        _line(flows, centres, stands, words, unit),
        _bars(flows, centres, moves, min(slot * 0.6, 30), words, unit),
        format_html('<text class="chart-head" x="{}" y="{}">{}</text>', _LEFT, 13, words.at_end),
        format_html(
            '<text class="chart-head" x="{}" y="{}">↑ {}  ↓ {}</text>',
            _LEFT,
            _MOVES[0] - 9,
            words.came_in,
            words.went_out,
        ),
        _month_labels(flows, centres),
    ]
    svg = format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        _WIDTH,
        _HEIGHT,
        words.label,
        format_html_join("", "{}", ((part,) for part in parts)),
    )
    return FlowChart(svg, flows, unit)


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    step: float
    top: int
    bottom: int

    @classmethod
    def over(cls, values: Sequence[float], top: int, bottom: int) -> "_Scale":
        low, high = min([0.0, *values]), max([0.0, *values])
        if low == high:
            high = 1.0
        step = round_step((high - low) / _STEPS)
        return cls(floor(low / step) * step, ceil(high / step) * step, step, top, bottom)

    def y(self, value: Any) -> float:
        share = (float(value) - self.low) / (self.high - self.low)
        return self.bottom - share * (self.bottom - self.top)

    def ticks(self) -> list[float]:
        count = round((self.high - self.low) / self.step)
        return [self.low + self.step * index for index in range(count + 1)]


def _grid(scale: _Scale, ticks: Sequence[float]) -> SafeString:
    return format_html_join(
        "",
        '<line class="chart-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="chart-tick" x="{}" y="{}">{}</text>',
        (
            (
                _LEFT,
                _WIDTH - _RIGHT,
                _n(scale.y(tick)),
                _n(scale.y(tick)),
                _LEFT - 8,
                _n(scale.y(tick) + 4),
                # What went out stands below the line: its size is the figure.
                compact(abs(tick)),
            )
            for tick in ticks
        ),
    )


def _line(
    flows: Sequence[Flow], centres: Sequence[float], scale: _Scale, words: Words, unit: str
) -> SafeString:
    places = [(x, scale.y(flow.at_end)) for flow, x in zip(flows, centres, strict=True)]
    path = " ".join(f"{_n(x)},{_n(y)}" for x, y in places)
    ground = _n(scale.y(0))
    area = f"{_n(places[0][0])},{ground} {path} {_n(places[-1][0])},{ground}" if places else ""
    dots = format_html_join(
        "",
        '<circle class="chart-dot" cx="{}" cy="{}" r="3"><title>{}</title></circle>',
        (
            (_n(x), _n(y), _said(flow, words.at_end, flow.at_end, unit))
            for (x, y), flow in zip(places, flows, strict=True)
        ),
    )
    return format_html(
        '<polygon class="chart-area" points="{}"/><polyline class="chart-line" points="{}"/>{}',
        area,
        path,
        dots,
    )


def _bars(
    flows: Sequence[Flow],
    centres: Sequence[float],
    scale: _Scale,
    thickness: float,
    words: Words,
    unit: str,
) -> SafeString:
    kinds: list[tuple[str, Any, Callable[[Flow], Decimal], int]] = [
        ("chart-bar", words.came_in, lambda flow: flow.came_in, 1),
        ("chart-bar chart-bar--out", words.went_out, lambda flow: flow.went_out, -1),
    ]
    return format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        (
            (
                css,
                _n(x - thickness / 2),
                _n(min(scale.y(0), scale.y(sign * value(flow)))),
                _n(thickness),
                _n(max(abs(scale.y(0) - scale.y(sign * value(flow))), 0.5)),
                _said(flow, word, value(flow), unit),
            )
            for css, word, value, sign in kinds
            for flow, x in zip(flows, centres, strict=True)
            if value(flow)
        ),
    )


def _month_labels(flows: Sequence[Flow], centres: Sequence[float]) -> SafeString:
    return format_html_join(
        "",
        '<text class="chart-label{}" x="{}" y="{}">{}</text>',
        (
            # On a phone every other label is hidden.
            (" chart-label--odd" if index % 2 else "", _n(x), _LABELS, flow.label)
            for index, (flow, x) in enumerate(zip(flows, centres, strict=True))
        ),
    )


def _said(flow: Flow, word: Any, value: Decimal, unit: str) -> str:
    return f"{flow.name}: {word} {number(value)} {unit}".rstrip()


def _n(value: float) -> str:
    """A coordinate: never in the number format of a language."""
    return f"{value:.1f}"
