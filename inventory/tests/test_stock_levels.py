"""When to order and how much, against figures worked out by hand."""

from decimal import Decimal

import pytest

from inventory import stock_levels
from inventory.stock_levels import Spread

D = Decimal


@pytest.mark.parametrize(
    ("level", "factor"), [("50", "0"), ("90", "1.281552"), ("95", "1.644854"), ("99", "2.326348")]
)
def test_the_service_factor_is_the_normal_quantile(level, factor):
    assert stock_levels.service_factor(D(level)) == D(factor)


@pytest.mark.parametrize("level", ["49.9", "100", "-1"])
def test_no_service_factor_for_a_level_that_cannot_be(level):
    with pytest.raises(ValueError, match="between 50 and 100"):
        stock_levels.service_factor(D(level))


def test_safety_stock_covers_both_demand_and_lead_time():
    # sqrt(16 x 3² + 10² x 1.5²) = sqrt(144 + 225)
    held = stock_levels.safety_stock(
        demand=Spread(mean=D(10), deviation=D(3)),
        lead_time=Spread(mean=D(16), deviation=D("1.5")),
        service_factor=D(2),
    )

    assert round(held, 6) == round(2 * D(369).sqrt(), 6)


@pytest.mark.parametrize(
    ("demand", "lead_time", "held"),
    [
        pytest.param(Spread(mean=D(10)), Spread(mean=D(16)), 0, id="nothing varies"),
        pytest.param(Spread(mean=D(10), deviation=D(3)), Spread(mean=D(16)), 24, id="demand varies"),
        pytest.param(Spread(mean=D(10)), Spread(mean=D(16), deviation=D(3)), 60, id="lead time varies"),
    ],
)
def test_safety_stock_is_for_what_varies(demand, lead_time, held):
    assert stock_levels.safety_stock(demand=demand, lead_time=lead_time, service_factor=D(2)) == held


def test_negative_figures_are_refused():
    with pytest.raises(ValueError, match="below zero"):
        stock_levels.safety_stock(
            demand=Spread(mean=D(1), deviation=D(-1)), lead_time=Spread(mean=D(4)), service_factor=D(1)
        )


def test_the_reorder_point_is_demand_until_the_goods_are_there_and_the_safety_stock():
    point = stock_levels.reorder_point(demand_per_day=D("2.5"), lead_time_days=D(12), safety_stock=D(7))

    assert point == 37


def test_the_economic_quantity_balances_ordering_and_holding():
    # 1000 a year, 50 an order, 20 % of 10 a year to hold one: sqrt(2 x 1000 x 50 / 2)
    quantity = stock_levels.economic_quantity(
        demand_per_day=1000 / D("365.25"), order_cost=D(50), unit_cost=D(10), holding_rate=D(20)
    )

    assert round(quantity, 6) == round(D(50000).sqrt(), 6)


@pytest.mark.parametrize(
    ("quantity", "decimals", "multiple", "ordered"),
    [
        pytest.param("7.0001", 0, "0", "8", id="whole pieces"),
        pytest.param("7.0001", 2, "0", "7.01", id="two decimals"),
        pytest.param("7", 0, "0", "7", id="already whole"),
        pytest.param("41", 0, "20", "60", id="full cases"),
        pytest.param("40", 0, "20", "40", id="just full cases"),
        pytest.param("0.3", 2, "0.25", "0.50", id="cases of a quarter"),
    ],
)
def test_what_is_ordered_is_rounded_up(quantity, decimals, multiple, ordered):
    assert stock_levels.round_up(D(quantity), decimals=decimals, multiple=D(multiple)) == D(ordered)
