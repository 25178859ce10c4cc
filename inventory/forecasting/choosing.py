"""Which method forecasts a series: the usual one of its kind, unless another has clearly been nearer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import dist, sqrt
from typing import Any

from inventory.forecasting.accuracy import Accuracy, deviation_over, measure
from inventory.forecasting.kinds import DemandKind, kind_of
from inventory.forecasting.methods import FUNCTIONS, START, Method

#: With fewer periods than this nothing can be compared: their mean is the forecast.
SHORTEST = 8
#: Another method replaces the usual one of its kind where its error is below this share of the usual one's:
#: with less, chance decides, and the choice does worse than no choice. Measured, see docs/forecasting.md.
_CLEARLY = 0.95

Parameters = Mapping[str, float]

_WINDOWS: tuple[Parameters, ...] = tuple({"window": window} for window in (4, 8, 13, 26, 52))
_ALPHAS: tuple[Parameters, ...] = tuple({"alpha": alpha} for alpha in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5))
_SLOW_ALPHAS: tuple[Parameters, ...] = tuple({"alpha": alpha} for alpha in (0.05, 0.1, 0.2))
_PAIRS: tuple[Parameters, ...] = tuple(
    {"alpha": alpha, "beta": beta} for alpha in (0.1, 0.2) for beta in (0.02, 0.05, 0.1)
)
_STEADY: dict[Method, Iterable[Parameters]] = {
    Method.EXPONENTIAL_SMOOTHING: _ALPHAS,
    Method.NAIVE: ({},),
    Method.MOVING_AVERAGE: _WINDOWS,
}
_SPORADIC: dict[Method, Iterable[Parameters]] = {
    Method.TSB: _PAIRS,
    **_STEADY,
    Method.CROSTON: _SLOW_ALPHAS,
    Method.SBA: _SLOW_ALPHAS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What each period to come will bring, as far as its own history tells.

    `per_period` is the mean demand of a period, the same for all to come; `deviation` the standard deviation
    of what one period brings around it. `accuracy` and `naive` are what the method and the naive one were off
    over the newer three quarters of the history; None where it is too short to compare anything.
    """

    kind: DemandKind
    method: Method
    parameters: Parameters
    periods: int
    per_period: float
    deviation: float
    accuracy: Accuracy | None = None
    naive: Accuracy | None = None

    def deviation_over(self, values: Sequence[float], *, periods: float) -> float:
        """Return the standard deviation of the demand over so many periods around its forecast.

        `values` is the series that the forecast was made from.
        """
        if self.accuracy is None:
            return self.deviation * sqrt(periods)
        said = FUNCTIONS[self.method](values, **self.parameters)
        return deviation_over(values, said, begin=_begin(len(values)), periods=periods)


def forecast(values: Sequence[float]) -> Forecast:
    """Forecast a series, the oldest period first.

    Every fitting method is tried with each setting of a small grid, and compared by the errors of its
    forecasts for the next period since the first quarter of the history. The usual method is exponential
    smoothing where demand is smooth or erratic, and Teunter-Syntetos-Babai where it is intermittent or lumpy,
    for it forgets what nobody asks for any more.
    """
    values = [*values]
    kind = kind_of(values)
    if kind is DemandKind.NONE or len(values) < SHORTEST:
        return _mean(values, kind)
    method, parameters, said = choose(values, kind)
    begin, known = _begin(len(values)), len(values)
    accuracy = measure(values, said, begin=begin, known=known)
    naive = measure(values, FUNCTIONS[Method.NAIVE](values), begin=begin, known=known)
    return Forecast(
        kind=kind,
        method=method,
        parameters=parameters,
        periods=len(values),
        per_period=said[-1],
        deviation=accuracy.rmse,
        accuracy=accuracy,
        naive=naive,
    )


def choose(values: Sequence[float], kind: DemandKind) -> tuple[Method, Parameters, list[float]]:
    """Return method and parameters for a series of this kind, and what they would have said."""
    best = [*_fitted(values, _SPORADIC if kind.is_sporadic else _STEADY)]
    usual = best[0]
    nearest = min(best, key=_error)
    chosen = nearest if _error(nearest) < _CLEARLY * _error(usual) else usual
    return chosen[1:]


_Fit = tuple[float, Method, Parameters, list[float]]


def _fitted(values: Sequence[float], grid: Mapping[Method, Iterable[Parameters]]) -> Iterator[_Fit]:
    """Yield each method with the setting that was nearest, and its error."""
    begin, end = _begin(len(values)), len(values)
    came = values[begin:]
    for method, settings in grid.items():
        function: Any = FUNCTIONS[method]
        fits: list[_Fit] = []
        for parameters in settings:
            said = function(values, **parameters)
            fits.append((dist(came, said[begin:end]), method, parameters, said))
        yield min(fits, key=_error)


def _error(fit: _Fit) -> float:
    return fit[0]


def _begin(periods: int) -> int:
    return max(START, periods // 4)


def _mean(values: Sequence[float], kind: DemandKind) -> Forecast:
    count = len(values)
    mean = sum(values) / count if count else 0.0
    spread = sqrt(sum((value - mean) ** 2 for value in values) / (count - 1)) if count > 1 else 0.0
    return Forecast(
        kind=kind,
        method=Method.MOVING_AVERAGE,
        parameters={"window": max(1, count)},
        periods=count,
        per_period=mean,
        deviation=spread,
    )
