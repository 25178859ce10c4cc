"""Forecasts of demand: what kind it is, which method suits it, and how far that method has been off.

Pure functions on series of numbers. `docs/forecasting.md` explains them and shows what they were measured at.
"""

from inventory.forecasting.accuracy import Accuracy, deviation_over
from inventory.forecasting.choosing import Forecast, forecast
from inventory.forecasting.holdout import Trial, try_out
from inventory.forecasting.kinds import DemandKind, Regularity, kind_of, regularity_of
from inventory.forecasting.methods import Method

__all__ = [
    "Accuracy",
    "DemandKind",
    "Forecast",
    "Method",
    "Regularity",
    "Trial",
    "deviation_over",
    "forecast",
    "kind_of",
    "regularity_of",
    "try_out",
]
