"""Forecasts: each method against figures worked out by hand, and what always holds."""

import random
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import forecasting
from inventory.forecasting import DemandKind, Method, Regularity, kinds, methods
from inventory.forecasting.accuracy import deviation_over, measure

WEEKLY = [2.0, 4.0, 6.0, 8.0, 10.0, 0.0]

#: What a ledger can hold: nothing, or a ten-thousandth and more.
series = st.lists(st.floats(0.0001, 1e9) | st.just(0.0), max_size=60)
every_method = pytest.mark.parametrize(
    ("method", "parameters"),
    [
        (Method.NAIVE, {}),
        (Method.MOVING_AVERAGE, {"window": 3}),
        (Method.EXPONENTIAL_SMOOTHING, {"alpha": 0.3}),
        (Method.CROSTON, {"alpha": 0.2}),
        (Method.SBA, {"alpha": 0.2}),
        (Method.TSB, {"alpha": 0.2, "beta": 0.1}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)


def test_the_naive_method_says_the_last_period_again():
    assert methods.naive([3.0, 5.0]) == [0.0, 3.0, 5.0]


def test_a_moving_average_is_the_mean_of_its_window_or_of_what_there_is():
    said = methods.moving_average(WEEKLY, window=3)

    assert said == [0.0, 2.0, 3.0, 4.0, 6.0, 8.0, 6.0]


def test_smoothing_starts_with_the_mean_of_four_and_moves_by_alpha_of_the_error():
    said = methods.exponential_smoothing(WEEKLY, alpha=0.5)

    # (2 + 4 + 6 + 8) / 4 = 5; half way to 10 is 7.5; half way to 0 is 3.75
    assert said == [0.0, 2.0, 3.0, 4.0, 5.0, 7.5, 3.75]


def test_croston_smooths_sizes_and_intervals_apart():
    said = methods.croston([0.0, 6.0, 0.0, 0.0, 0.0, 10.0], alpha=0.5)

    # 6 after 2 periods: 3 a period. Then size (6 + 10) / 2 = 8, interval (2 + 4) / 2 = 3.
    assert said == [0.0, 0.0, 3.0, 3.0, 3.0, 3.0, pytest.approx(8 / 3)]


def test_syntetos_and_boylan_take_half_of_alpha_off_croston():
    said = methods.sba([0.0, 6.0, 0.0, 0.0, 0.0, 10.0], alpha=0.5)

    assert said[2] == pytest.approx(3 * 0.75)
    assert said[-1] == pytest.approx(8 / 3 * 0.75)


def test_teunter_syntetos_and_babai_let_a_forecast_fade_when_nothing_is_asked_for():
    said = methods.tsb([0.0, 6.0, 0.0, 0.0, 10.0], alpha=0.5, beta=0.2)

    # Probability 1/2, then 0.4, 0.32, then 0.2 + 0.8 x 0.32 = 0.456; sizes 6, then 8.
    assert said == [pytest.approx(value) for value in (0.0, 0.0, 3.0, 2.4, 1.92, 3.648)]


@every_method
@given(values=series)
def test_a_method_says_one_thing_for_each_period_and_never_less_than_nothing(method, parameters, values):
    said = methods.FUNCTIONS[method](values, **parameters)

    assert len(said) == len(values) + 1
    assert min(said) >= 0.0


@every_method
def test_a_method_knows_nothing_of_what_comes_later(method, parameters):
    function = methods.FUNCTIONS[method]
    full = function([3.0, 0.0, 7.0, 1.0, 0.0, 9.0, 2.0], **parameters)

    for count in range(7):
        assert function([3.0, 0.0, 7.0, 1.0, 0.0, 9.0, 2.0][:count], **parameters) == full[: count + 1]


@given(value=st.floats(0.001, 1e6), count=st.integers(1, 120))
def test_a_constant_demand_is_forecast_as_it_is_without_deviation(value, count):
    forecast = forecasting.forecast([value] * count)

    assert forecast.kind == DemandKind.SMOOTH
    assert forecast.per_period == pytest.approx(value)
    assert forecast.deviation == pytest.approx(0, abs=value * 1e-9)


@given(values=series)
def test_a_forecast_is_finite_and_lies_between_nothing_and_the_largest_demand(values):
    forecast = forecasting.forecast(values)

    assert 0.0 <= forecast.per_period <= max(values, default=0.0) * (1 + 1e-9)
    assert 0.0 <= forecast.deviation_over(values, periods=2.5) < float("inf")


@given(values=series, factor=st.sampled_from([0.5, 2.0, 4.0]))
def test_another_unit_changes_the_figure_and_not_the_choice(values, factor):
    one, other = forecasting.forecast(values), forecasting.forecast([value * factor for value in values])

    assert (one.kind, one.method, one.parameters) == (other.kind, other.method, other.parameters)
    assert other.per_period == pytest.approx(one.per_period * factor)


def test_nobody_asked_for_it():
    forecast = forecasting.forecast([0.0] * 30)

    assert forecast.kind == DemandKind.NONE
    assert (forecast.per_period, forecast.deviation) == (0.0, 0.0)


def test_a_short_history_is_forecast_by_its_mean_with_nothing_to_compare():
    forecast = forecasting.forecast([4.0, 8.0, 6.0])

    assert (forecast.method, forecast.parameters) == (Method.MOVING_AVERAGE, {"window": 3})
    assert (forecast.per_period, forecast.deviation) == (6.0, 2.0)
    assert forecast.accuracy is None


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        pytest.param([4, 5, 6, 5], DemandKind.SMOOTH, id="often and even"),
        pytest.param([1, 1, 1, 20], DemandKind.ERRATIC, id="often and uneven"),
        pytest.param([5, 0, 6, 0], DemandKind.INTERMITTENT, id="rarely and even"),
        pytest.param([1, 0, 0, 20], DemandKind.LUMPY, id="rarely and uneven"),
        pytest.param([5] * 25 + [0] * 8, DemandKind.INTERMITTENT, id="at the cut-off, 33/25 = 1.32"),
        pytest.param([5] * 25 + [0] * 7, DemandKind.SMOOTH, id="below the cut-off"),
        # Mean 10, deviation 7: squared variation 0.49.
        pytest.param([3, 17], DemandKind.ERRATIC, id="at the cut-off of sizes"),
        pytest.param([3.1, 16.9], DemandKind.SMOOTH, id="below the cut-off of sizes"),
        pytest.param([], DemandKind.NONE, id="no history"),
    ],
)
def test_the_kind_of_demand_follows_from_intervals_and_sizes(values, kind):
    assert kinds.kind_of(values) == kind


@pytest.mark.parametrize(
    ("values", "regularity"),
    [
        pytest.param([10, 10, 10, 10], Regularity.X, id="always the same"),
        pytest.param([5, 15], Regularity.X, id="at 0.5"),
        pytest.param([4, 16], Regularity.Y, id="above 0.5"),
        pytest.param([0, 20], Regularity.Y, id="at 1.0"),
        pytest.param([0, 0, 20], Regularity.Z, id="above 1.0"),
        pytest.param([0, 0], Regularity.Z, id="no demand"),
    ],
)
def test_xyz_follows_from_the_coefficient_of_variation(values, regularity):
    assert kinds.regularity_of(values) == regularity


def test_errors_are_measured_against_what_the_naive_method_was_off_before():
    # Forecasts 4 and 4 for 6 and 1: off by -2 and +3. Naive steps of the known history: 2, 2, 4.
    accuracy = measure([1.0, 3.0, 5.0, 1.0, 6.0, 1.0], [0, 0, 0, 0, 4.0, 4.0, 0], begin=4, known=4)

    assert accuracy.periods == 2
    assert accuracy.bias == 0.5
    assert accuracy.mae == 2.5
    assert accuracy.mase == pytest.approx(2.5 / (8 / 3))
    assert accuracy.rmse == pytest.approx(sqrt(13 / 2))
    assert accuracy.rmsse == pytest.approx(sqrt(13 / 2) / sqrt(24 / 3))


def test_where_errors_last_a_whole_stretch_deviates_more_than_its_periods():
    # Four weeks of nothing, four of ten: stretches of four are off by 20, 10, 0, 10, 20, ...
    values, said = [0.0, 0.0, 0.0, 0.0, 10.0, 10.0, 10.0, 10.0] * 4, [5.0] * 33

    assert deviation_over(values, said, begin=4, periods=1) == pytest.approx(5)
    assert deviation_over(values, said, begin=4, periods=4) == pytest.approx(sqrt(150), rel=0.05)


def test_where_errors_make_up_for_each_other_they_are_taken_as_independent():
    values, said = [0.0, 10.0] * 10, [5.0] * 21

    assert deviation_over(values, said, begin=2, periods=4) == pytest.approx(5 * 2)


def test_with_too_few_stretches_errors_are_taken_as_independent():
    values, said = [0.0, 0.0, 10.0, 10.0] * 3, [5.0] * 13

    assert deviation_over(values, said, begin=4, periods=4) == pytest.approx(5 * 2)


@pytest.fixture
def chance():
    return random.Random(20240708)  # noqa: S311 - figures that look like demand, no secret


def test_sporadic_demand_gets_a_method_for_it_and_is_forecast_at_its_mean(chance):
    forecasts = [
        forecasting.forecast(
            [chance.choice([4.0, 5.0, 6.0]) if chance.random() < 0.2 else 0.0 for _week in range(150)]
        )
        for _item in range(60)
    ]

    assert {forecast.kind for forecast in forecasts} == {DemandKind.INTERMITTENT}
    assert sum(forecast.method == Method.TSB for forecast in forecasts) > 50
    assert sum(forecast.per_period for forecast in forecasts) / 60 == pytest.approx(1.0, rel=0.1)
    assert all(forecast.accuracy.rmsse < forecast.naive.rmsse for forecast in forecasts)


def test_a_demand_that_wanders_is_best_told_by_the_last_period(chance):
    values = [1000.0]
    for _week in range(150):
        values.append(values[-1] + chance.gauss(0, 20))

    forecast = forecasting.forecast(values)

    assert forecast.method == Method.NAIVE
    assert forecast.per_period == values[-1]


def test_an_item_nobody_asks_for_any_more_is_forecast_lower_and_lower(chance):
    alive = [5.0 if chance.random() < 0.3 else 0.0 for _week in range(60)]

    after = [forecasting.forecast(alive + [0.0] * weeks).per_period for weeks in (0, 10, 20, 40)]

    assert after == sorted(after, reverse=True)
    assert after[-1] < after[0] / 3


def test_a_trial_judges_by_what_the_choice_could_not_know(chance):
    older = [100.0 + chance.gauss(0, 5) for _week in range(75)]

    same = forecasting.try_out([*older, *[100.0] * 25])
    broken = forecasting.try_out([*older, *[500.0] * 25])

    assert same.method == broken.method
    assert same.chosen.periods == 25
    assert same.chosen.rmsse < same.naive.rmsse
    assert broken.chosen.bias < -100


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([5.0] * 10, id="too short"),
        pytest.param([0.0] * 30 + [7.0] * 10, id="no demand before"),
        pytest.param([5.0] * 40, id="never changes"),
    ],
)
def test_there_is_no_trial_where_nothing_can_be_chosen(values):
    assert forecasting.try_out(values) is None
