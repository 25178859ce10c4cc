"""Forecasting methods.

Each takes the demand of consecutive periods, the oldest first, and answers for every period with what it
would have said when that period began, and last for the first period that is still to come: one number more
than it was given. The first is zero: nothing was known. So a backtest by rolling origin costs one pass.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate

from django.db import models
from django.utils.translation import gettext_lazy as _

#: So many periods at the start are averaged before smoothing sets in.
START = 4


class Method(models.TextChoices):
    """How demand was forecast, the simplest first."""

    NAIVE = "naive", _("Last period again")
    MOVING_AVERAGE = "moving-average", _("Moving average")
    EXPONENTIAL_SMOOTHING = "exponential-smoothing", _("Exponential smoothing")
    CROSTON = "croston", _("Croston")
    SBA = "sba", _("Syntetos-Boylan")
    TSB = "tsb", _("Teunter-Syntetos-Babai")


def naive(values: Sequence[float]) -> list[float]:
    """Say that each period brings what the one before it brought."""
    return [0.0, *values]


def moving_average(values: Sequence[float], *, window: int) -> list[float]:
    """Say the mean of the last `window` periods; of all, as long as there are fewer."""
    sums = [0.0, *accumulate(values)]
    head = [0.0, *(sums[count] / count for count in range(1, min(window, len(sums))))]
    # Sums of floats can leave a crumb below zero where all periods of a window are empty.
    tail = [max(0.0, (late - early) / window) for early, late in zip(sums, sums[window:], strict=False)]
    return head + tail


def exponential_smoothing(values: Sequence[float], *, alpha: float) -> list[float]:
    """Say the level: at each period it moves by `alpha` of the error. It starts with the mean of the first.

    Source: Brown, *Statistical Forecasting for Inventory Control* (1959); Hyndman & Athanasopoulos,
    *Forecasting: Principles and Practice*, 3rd ed., section 8.1.
    """
    forecasts = _means_of_start(values)
    level, kept = forecasts[-1], 1.0 - alpha
    for value in values[START:]:
        level = alpha * value + kept * level
        forecasts.append(level)
    return forecasts


def croston(values: Sequence[float], *, alpha: float) -> list[float]:
    """Say the smoothed size of a demand over the smoothed interval between demands.

    Both move only when there is a demand; the first one starts them. It says too much on average: see `sba`.

    Source: Croston, "Forecasting and stock control for intermittent demands", *Operational Research
    Quarterly* 23 (1972), 289-303.
    """
    return _croston(values, alpha, 1.0)


def sba(values: Sequence[float], *, alpha: float) -> list[float]:
    """Say what Croston's method says times 1 - alpha / 2, which takes away most of its bias.

    Source: Syntetos & Boylan, "The accuracy of intermittent demand estimates", *International Journal of
    Forecasting* 21 (2005), 303-314.
    """
    return _croston(values, alpha, 1.0 - alpha / 2.0)


def tsb(values: Sequence[float], *, alpha: float, beta: float) -> list[float]:
    """Say the smoothed size of a demand times the smoothed probability that there is one.

    The probability moves by `beta` in every period, so that the forecast of an item nobody asks for any more
    falls; the size by `alpha` at each demand.

    Source: Teunter, Syntetos & Babai, "Intermittent demand: linking forecasting to inventory obsolescence",
    *European Journal of Operational Research* 214 (2011), 606-615.
    """
    forecasts = [0.0]
    size = probability = said = 0.0
    kept = 1.0 - beta
    for number, value in enumerate(values, start=1):
        if value > 0.0:
            if size:
                size += alpha * (value - size)
                probability = beta + kept * probability
            else:
                size, probability = value, 1.0 / number
        else:
            probability *= kept
        said = probability * size
        forecasts.append(said)
    return forecasts


def _croston(values: Sequence[float], alpha: float, factor: float) -> list[float]:
    forecasts = [0.0]
    size = interval = said = 0.0
    since = 0
    for value in values:
        since += 1
        if value > 0.0:
            if size:
                size += alpha * (value - size)
                interval += alpha * (since - interval)
            else:
                size, interval = value, float(since)
            said = factor * size / interval
            since = 0
        forecasts.append(said)
    return forecasts


def _means_of_start(values: Sequence[float]) -> list[float]:
    return [
        0.0,
        *(total / count for count, total in enumerate(accumulate(values[:START]), start=1)),
    ]


FUNCTIONS: dict[Method, Callable[..., list[float]]] = {
    Method.NAIVE: naive,
    Method.MOVING_AVERAGE: moving_average,
    Method.EXPONENTIAL_SMOOTHING: exponential_smoothing,
    Method.CROSTON: croston,
    Method.SBA: sba,
    Method.TSB: tsb,
}
