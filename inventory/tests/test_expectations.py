"""Forecasts are remembered by their series, and nothing depends on that."""

from unittest import mock

import pytest
from django.core.cache import cache

from inventory import expectations, forecasting
from inventory.forecasting import choosing

STEADY, RARE = [5.0, 6.0, 7.0] * 10, [0.0, 0.0, 4.0] * 10


@pytest.fixture
def work():
    """Count what is worked out."""
    with mock.patch.object(forecasting, "forecast", wraps=forecasting.forecast) as forecast:
        yield forecast


def test_a_series_is_forecast_once(work):
    first = expectations.of({1: STEADY, 2: RARE})
    again = expectations.of({1: STEADY, 2: RARE})

    assert first == again == {1: choosing.forecast(STEADY), 2: choosing.forecast(RARE)}
    assert work.call_count == 2


def test_items_with_the_same_demand_share_their_forecast(work):
    found = expectations.of(dict.fromkeys(range(5), STEADY))

    assert len(found) == 5
    assert work.call_count == 1


def test_demand_that_changes_is_forecast_anew(work):
    before = expectations.of({1: STEADY})
    after = expectations.of({1: [*STEADY[:-1], 50.0]})

    assert before != after
    assert work.call_count == 2


def test_many_go_in_several_messages():
    many = {number: [float(number)] * 3 for number in range(4500)}

    assert {key: found.per_period for key, found in expectations.of(many).items()} == {
        number: float(number) for number in range(4500)
    }


def test_without_redis_each_is_worked_out(work):
    with mock.patch.object(cache, "get_many", return_value={}), mock.patch.object(cache, "set_many"):
        expectations.of({1: STEADY})
        found = expectations.of({1: STEADY})

    assert found[1] == choosing.forecast(STEADY)
    assert work.call_count == 2
