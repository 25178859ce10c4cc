"""How near forecasts come on demand of which all is known, because it was made here; and what they cost."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from math import exp, pi, sin
from statistics import NormalDist, mean

from bench.report import Table, say
from inventory import backtest, forecasting
from tests.server import Site

_WEEKS, _SEED = 104, 20240708
_ITEMS, _QUICK, _TRIED = 10_000, 1_000, 400
_LEAD_TIMES = (2, 4, 8)

History = list[float]


def measure(site: Site, *, is_quick: bool) -> Iterator[Table]:
    """Yield how near the choice comes by kind of demand, and the time that it takes."""
    say("Forecasting generated demand")
    chance = random.Random(_SEED)  # noqa: S311 - demand that can be made again, no secret
    table = Table(
        f"Forecasts of generated demand, {_WEEKS} weeks, the last quarter not seen by the choice",
        [
            "",
            "items",
            "RMSSE",
            "naive",
            "MASE",
            "naive",
            "bias",
            "nearer than naive",
            *(f"met, {weeks} weeks" for weeks in _LEAD_TIMES),
            "methods chosen",
        ],
    )
    for name, make in KINDS.items():
        histories = [make(chance) for _item in range(_TRIED)]
        found = backtest.trials(histories)
        total = backtest.by_kind(found)[-1]
        table.rows.append(
            [
                name,
                str(total.items),
                f"{total.rmsse:.3f}",
                f"{total.naive_rmsse:.3f}",
                f"{total.mase:.3f}",
                f"{total.naive_mase:.3f}",
                f"{total.bias:+.3f}",
                str(total.nearer),
                *(f"{_covered(histories, weeks):.0%}" for weeks in _LEAD_TIMES),
                ", ".join(f"{method} {count}" for method, count in total.methods.most_common()),
            ]
        )
    yield table
    yield _times(_QUICK if is_quick else _ITEMS, chance)


def _covered(histories: Sequence[History], weeks: int) -> float:
    """Return how often the demand of a lead time stayed within the reorder point for a service level of 95 %.

    The reorder point is made from what was known in two weeks of the last third, far from each other.
    """
    factor, met = NormalDist().inv_cdf(0.95), []
    for values in histories:
        for known in (_WEEKS - 34, _WEEKS - 22):
            found = forecasting.forecast(values[:known])
            deviation = found.deviation_over(values[:known], periods=weeks)
            point = found.per_period * weeks + factor * deviation
            met.append(sum(values[known : known + weeks]) <= point)
    return mean(met)


def _times(items: int, chance: random.Random) -> Table:
    makers = [*KINDS.values()]
    histories = [makers[number % len(makers)](chance) for number in range(items)]
    began = time.process_time()
    forecasts = [forecasting.forecast(values) for values in histories]
    chosen = time.process_time()
    for found, values in zip(forecasts, histories, strict=True):
        found.deviation_over(values, periods=3.5)
    return Table(
        f"Time of forecasts, {items:,} items of {_WEEKS} weeks",
        ["", "CPU seconds"],
        [
            ["choose and forecast", f"{chosen - began:.2f}"],
            ["deviation over the lead time", f"{time.process_time() - chosen:.2f}"],
        ],
    )


def steady(chance: random.Random) -> History:
    """Around a level that stays."""
    level, noise = chance.choice([20, 100]), chance.choice([0.1, 0.3])
    return [_whole(level * (1 + noise * chance.gauss(0, 1))) for _week in range(_WEEKS)]


def wandering(chance: random.Random) -> History:
    """Around a level that moves a little each week, some up, some down."""
    level, noise, trend = float(chance.choice([20, 100])), 0.15, chance.choice([0.004, -0.004])
    values = []
    for _week in range(_WEEKS):
        level = max(1.0, level * (1 + 0.05 * chance.gauss(0, 1) + trend))
        values.append(_whole(level * (1 + noise * chance.gauss(0, 1))))
    return values


def seasonal(chance: random.Random) -> History:
    """Around a level that goes up and down with the year."""
    level, phase = chance.choice([20, 100]), chance.uniform(0, 2 * pi)
    return [
        _whole(level * (1 + 0.3 * sin(2 * pi * week / 52 + phase)) * (1 + 0.2 * chance.gauss(0, 1)))
        for week in range(_WEEKS)
    ]


def erratic(chance: random.Random) -> History:
    """In most weeks, in sizes that differ much."""
    return [_size(chance, 50, 1.0) if chance.random() < 0.9 else 0.0 for _week in range(_WEEKS)]


def intermittent(chance: random.Random) -> History:
    """In some weeks, in sizes that differ little."""
    often = chance.choice([0.08, 0.15, 0.3, 0.5])
    return [_size(chance, 10, 0.3) if chance.random() < often else 0.0 for _week in range(_WEEKS)]


def lumpy(chance: random.Random) -> History:
    """In some weeks, in sizes that differ much."""
    often = chance.choice([0.08, 0.15, 0.3, 0.5])
    return [_size(chance, 20, 1.0) if chance.random() < often else 0.0 for _week in range(_WEEKS)]


def dying(chance: random.Random) -> History:
    """In some weeks, and at some time no more."""
    last = chance.randrange(50, _WEEKS)
    return [value if week < last else 0.0 for week, value in enumerate(intermittent(chance))]


KINDS: dict[str, Callable[[random.Random], History]] = {
    "steady": steady,
    "wandering": wandering,
    "seasonal": seasonal,
    "erratic": erratic,
    "intermittent": intermittent,
    "lumpy": lumpy,
    "intermittent, then none": dying,
}


def _size(chance: random.Random, typical: float, spread: float) -> float:
    """Return a log-normal size with this mean, at least one."""
    return max(1.0, _whole(typical * exp(chance.gauss(-spread * spread / 2, spread))))


def _whole(value: float) -> float:
    return float(max(0, round(value)))
