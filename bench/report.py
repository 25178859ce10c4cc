"""Figures and how they are shown."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a case was measured at: answers a second, and milliseconds until one."""

    per_second: float
    p50: float
    p95: float


@dataclass
class Rounds:
    """A case measured in several rounds, between those of the other cases: a noisy moment meets all alike."""

    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    def add(self, *, seconds: float, latencies: Sequence[float]) -> None:
        """Add a round: its length, and the seconds of each answer."""
        self.rates.append(len(latencies) / seconds)
        self.latencies += latencies

    def figures(self) -> Figures:
        """Return the median of the rounds' rates, and quantiles of all latencies."""
        return Figures(
            per_second=statistics.median(self.rates),
            p50=1000 * quantile(self.latencies, 0.5),
            p95=1000 * quantile(self.latencies, 0.95),
        )


@dataclass
class Table:
    """A table with a title, printed as Markdown."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)

    def __str__(self) -> str:
        cells = [self.columns, *self.rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.columns))]

        def line(row: Sequence[str]) -> str:
            padded = (
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            return f"| {' | '.join(padded)} |"

        rules = ["-" * (width + 1) + (":" if column else "-") for column, width in enumerate(widths)]
        rule = f"|{'|'.join(rules)}|"
        return "\n".join([f"### {self.title}", "", line(self.columns), rule, *map(line, self.rows)])


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def rate(value: float) -> str:
    """Return a rate with three figures."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def milliseconds(value: float) -> str:
    """Return a time with as many figures as can be meant."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def ratio(value: float, of: float) -> str:
    """Return a share in percent."""
    return f"{100 * value / of:.0f} %" if value < 9.95 * of else f"{value / of:.0f} x"


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)  # noqa: T201
