"""When to order and how much: safety stock, reorder point, order quantity. Pure functions."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from statistics import NormalDist

_DAYS_PER_YEAR = Decimal("365.25")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A mean with its standard deviation."""

    mean: Decimal
    deviation: Decimal = Decimal(0)


def service_factor(level: Decimal) -> Decimal:
    """Return the normal quantile of a cycle service level in percent: 1.645 for 95 %.

    Raises `ValueError` unless the level is between 50 and 100, both excluded but for 50.
    """
    if not 50 <= level < 100:
        raise ValueError("a service level lies between 50 and 100 percent")
    return round(Decimal(NormalDist().inv_cdf(float(level) / 100)), 6)


def safety_stock(*, demand: Spread, lead_time: Spread, service_factor: Decimal) -> Decimal:
    """Return the stock held against a demand and a lead time that vary, in stock units.

    `demand` is per day, `lead_time` in calendar days from order to shelf, each a mean with its standard
    deviation; they are taken as independent. The demand's deviation is that of its forecast errors.
    `service_factor` is the normal quantile of the wanted cycle service level (1.645 for 95 %).

    Raises `ValueError` for a negative argument.

    Source: Silver, Pyke & Thomas, *Inventory and Production Management in Supply Chains*, 4th ed.,
    "Individual items with probabilistic demand".
    """
    _refuse_negative(demand.mean, demand.deviation, lead_time.mean, lead_time.deviation, service_factor)
    variance = lead_time.mean * demand.deviation**2 + (demand.mean * lead_time.deviation) ** 2
    return service_factor * variance.sqrt()


def reorder_point(*, demand_per_day: Decimal, lead_time_days: Decimal, safety_stock: Decimal) -> Decimal:
    """Return the stock at which to order: the demand until the goods are there, and the safety stock."""
    _refuse_negative(demand_per_day, lead_time_days, safety_stock)
    return demand_per_day * lead_time_days + safety_stock


def economic_quantity(
    *, demand_per_day: Decimal, order_cost: Decimal, unit_cost: Decimal, holding_rate: Decimal
) -> Decimal:
    """Return the quantity with the lowest sum of ordering and holding cost, in stock units.

    `order_cost` is that of one order, `unit_cost` that of one stock unit, in the same currency;
    `holding_rate` is in percent of the value and year. Raises `ValueError` where a cost is not above zero.

    Source: Harris, "How many parts to make at once", *Factory, The Magazine of Management* 10 (1913),
    135-136.
    """
    _refuse_negative(demand_per_day)
    if order_cost <= 0 or unit_cost <= 0 or holding_rate <= 0:
        raise ValueError("without costs there is no economic quantity")
    holding_cost = unit_cost * holding_rate / 100
    return (2 * demand_per_day * _DAYS_PER_YEAR * order_cost / holding_cost).sqrt()


def round_up(quantity: Decimal, *, decimals: int, multiple: Decimal = Decimal(0)) -> Decimal:
    """Round up to what can be ordered: full multiples where there is one, else the decimals of the unit."""
    with localcontext(prec=60):
        if multiple > 0:
            quantity = (quantity / multiple).to_integral_value(rounding=ROUND_CEILING) * multiple
        return quantity.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_CEILING)


def _refuse_negative(*figures: Decimal) -> None:
    if any(figure < 0 for figure in figures):
        raise ValueError("a figure is below zero")
