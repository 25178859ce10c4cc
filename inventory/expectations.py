"""Forecasts of many items, remembered until their demand changes.

A forecast follows from its series and nothing else, so it is kept under a digest of the series: a week that
ends, or a paper that comes late, makes another key. Without Redis each is worked out anew.
"""

import hashlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from django.core.cache import cache

from inventory import forecasting
from inventory.forecasting import Forecast

#: To be raised when the same series would be forecast otherwise.
_VERSION = 1
#: A series of weeks lasts a week.
_SECONDS = 8 * 24 * 3600
#: So many go in one message to Redis.
_TOGETHER = 2000


def of(histories: Mapping[int, Sequence[float]]) -> dict[int, Forecast]:
    """Return the forecast of each history, by its key."""
    found: dict[int, Forecast] = {}
    for part in _parts(histories):
        names = {key: _name(values) for key, values in part.items()}
        known = cache.get_many(names.values())
        new: dict[str, Forecast] = {}
        for key, values in part.items():
            name = names[key]
            forecast = known.get(name) or new.get(name)
            if forecast is None:
                forecast = new[name] = forecasting.forecast(values)
            found[key] = forecast
        if new:
            cache.set_many(new, _SECONDS)
    return found


def _parts(histories: Mapping[int, Sequence[float]]) -> Iterator[dict[int, Sequence[float]]]:
    rows = iter(histories.items())
    while part := dict(islice(rows, _TOGETHER)):
        yield part


def _name(values: Sequence[float]) -> str:
    return f"forecast.{_VERSION}.{hashlib.sha256(array('d', values).tobytes()).hexdigest()}"
