"""How far forecasts have been off, by rolling origin: each is compared with what then came."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import dist, sqrt
from operator import sub

#: With fewer stretches than this to compare, errors of single periods have to do.
_FEWEST_STRETCHES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Errors of forecasts made one period ahead.

    `rmse` is the root of their mean square, `mae` their mean size, `bias` their mean (above zero: too much
    was forecast), all in the unit of the series. `rmsse` and `mase` are the first two over those of the naive
    method on the history before: below 1 is better than repeating the last period. They are None where that
    history never changes.

    Sources: Hyndman & Koehler, "Another look at measures of forecast accuracy", *International Journal of
    Forecasting* 22 (2006), 679-688, for MASE; Makridakis, Spiliotis & Assimakopoulos, "The M5 accuracy
    competition", *ibid.* 38 (2022), 1346-1364, for RMSSE, which suits sporadic demand: the mean absolute
    error is smallest for a forecast of zero where most periods are empty.
    """

    periods: int
    rmse: float
    mae: float
    bias: float
    rmsse: float | None
    mase: float | None


def measure(values: Sequence[float], forecasts: Sequence[float], *, begin: int, known: int) -> Accuracy:
    """Measure the forecasts of the periods from `begin` on; the first `known` periods set the scale."""
    end = len(values)
    came, said = values[begin:end], forecasts[begin:end]
    count = end - begin
    errors = [*map(sub, said, came)]
    rmse, mae = dist(said, came) / sqrt(count), sum(map(abs, errors)) / count
    later, earlier = values[1:known], values[: known - 1]
    steps = known - 1
    return Accuracy(
        periods=count,
        rmse=rmse,
        mae=mae,
        bias=sum(errors) / count,
        rmsse=_over(rmse, dist(later, earlier) / sqrt(steps) if steps > 0 else 0.0),
        mase=_over(mae, sum(map(abs, map(sub, later, earlier))) / steps if steps > 0 else 0.0),
    )


def deviation_over(
    values: Sequence[float], forecasts: Sequence[float], *, begin: int, periods: float
) -> float:
    """Return the standard deviation of what came over that many periods around its forecast.

    It is that of one period times the root of their number, if errors of neighbouring periods are
    independent. They need not be: demand that wanders or has a season stays off for a while. So whole
    stretches are compared with the forecast made before each, where the history holds enough of them, and
    the larger of the two figures is the answer. docs/forecasting.md shows what that was measured at.
    """
    end = len(values)
    errors = [*map(sub, values[begin:end], forecasts[begin:end])]
    if not errors:
        return 0.0
    independent = sum(error * error for error in errors) / len(errors) * periods
    stretch = max(1, round(periods))
    sums = [0.0, *accumulate(values)]
    together = [
        late - early - stretch * said
        for early, late, said in zip(sums[begin:], sums[begin + stretch :], forecasts[begin:], strict=False)
    ]
    if len(together) < max(_FEWEST_STRETCHES, stretch):
        return sqrt(independent)
    measured = sum(error * error for error in together) / len(together) * periods / stretch
    return sqrt(max(independent, measured))


def _over(error: float, scale: float) -> float | None:
    return error / scale if scale else None
