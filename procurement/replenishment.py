"""What to order, how much, from whom; and a draft order made of it. `procurement.reasons` says why."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from math import ceil
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from inventory import demand, expectations, stock_levels
from inventory.demand import Period
from inventory.forecasting import Forecast
from inventory.models import Item
from inventory.stock_levels import Spread
from ipms import site
from ipms.errors import InvalidInput
from ipms.models import SiteSettings
from procurement import drafts, order_book, ordering
from procurement.drafts import LineDraft, OrderDraft
from procurement.lead_times import LeadTime, LeadTimes
from procurement.models import PurchaseOrder
from procurement.order_book import Expected, Purchase
from suppliers.models import Supplier

#: Two years of weeks: long enough for what is rarely asked for, short enough to forget.
HISTORY_WEEKS = 104
_WEEK = Period.WEEK.days
_YEAR = Decimal("365.25")
_NOTHING = Decimal(0)
#: Drafts are made of suggestions by one transaction at a time: two people may see the same suggestion.
_LOCK = 0x1B45_0002


class Basis(models.TextChoices):
    """What decides how much is ordered."""

    ECONOMIC = "economic-quantity", gettext_lazy("Economic quantity")
    FIXED = "reorder-quantity", gettext_lazy("Reorder quantity of the item")
    COVER = "days-of-demand", gettext_lazy("Demand of some days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An item's stock against the demand on it. Quantities in its stock unit, demand per calendar day.

    `needed_point` is the reorder point that demand calls for, `reorder_point` the one that holds: never below
    the reorder level set by hand; so with `computed_safety_stock` and `safety_stock`. `quantity` is zero
    where nothing has to be ordered.
    """

    item: Item
    expected: Expected
    last_purchase: Purchase | None
    forecast: Forecast
    demand_per_day: Decimal
    lead_time: LeadTime
    service_level: Decimal
    computed_safety_stock: Decimal
    safety_stock: Decimal
    needed_point: Decimal
    reorder_point: Decimal
    quantity: Decimal
    basis: Basis
    economic_quantity: Decimal | None
    cover_days: int

    @property
    def available(self) -> Decimal:
        return self.item.available

    @property
    def on_order(self) -> Decimal:
        return self.expected.on_order

    @property
    def requested(self) -> Decimal:
        return self.expected.requested

    @property
    def position(self) -> Decimal:
        """What is available, to come, or asked for."""
        return self.available + self.on_order + self.requested

    @property
    def days_left(self) -> Decimal | None:
        """For how many days of expected demand the available stock lasts; None without demand."""
        return self.available / self.demand_per_day if self.demand_per_day else None

    @property
    def supplier(self) -> Supplier | None:
        return self.last_purchase.supplier if self.last_purchase else None

    @property
    def unit_price(self) -> Decimal | None:
        return self.last_purchase.unit_price if self.last_purchase else None

    @property
    def currency(self) -> str | None:
        return self.last_purchase.currency if self.last_purchase else None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A suggestion that somebody takes up, as it is or with a quantity of their own in the stock unit."""

    item: Item
    quantity: Decimal | None = None


def suggestions(
    *, on: date, items: Collection[int] | None = None, supplier: Supplier | None = None
) -> list[Suggestion]:
    """Return what should be ordered on a day, the most urgent first.

    An item is due when what is available, to come and asked for has fallen to its reorder point. `items`
    keeps those with these keys, `supplier` those that were last ordered from it. A constant number of
    queries.
    """
    due = [
        found
        for found in outlook(on=on, items=items)
        if found.quantity and (supplier is None or found.supplier == supplier)
    ]
    return sorted(due, key=urgency)


def urgency(suggestion: Suggestion) -> tuple[Decimal, Decimal, str]:
    """Order by when the stock runs out against when an order would come; without demand last."""
    left = suggestion.days_left
    margin = Decimal("Infinity") if left is None else left - suggestion.lead_time.days.mean
    share = suggestion.position / suggestion.reorder_point
    return margin, share, suggestion.item.sku


def outlook(*, on: date, items: Collection[int] | None = None) -> list[Suggestion]:
    """Return all active items (those of `items`) with their demand, levels and what should be ordered.

    Demand is that of the full weeks before `on`; stock and orders are those of now. docs/forecasting.md has
    the formulas and their sources. A constant number of queries.
    """
    settings = site.current()
    goods = Item.objects.active().select_related("unit", "valuation").order_by("pk")
    if items is not None:
        goods = goods.filter(pk__in=items)
    asked = demand.series(on=on, periods=HISTORY_WEEKS, items=items)
    expected = order_book.expected(items=items)
    purchases = order_book.last_purchases(on=on, items=items)
    sellers = {purchase.supplier.pk for purchase in purchases.values()}
    lead_times = LeadTimes(on=on, settings=settings, items=items, suppliers=sellers)
    histories = {
        item.pk: [float(value) for value in asked[item.pk].values] if item.pk in asked else []
        for item in goods
    }
    forecasts = expectations.of(histories)
    found = []
    for item in goods:
        purchase = purchases.get(item.pk)
        found.append(
            _look_at(
                item,
                histories[item.pk],
                forecasts[item.pk],
                expected=expected.get(item.pk, Expected()),
                purchase=purchase,
                lead_time=lead_times.of(item, purchase.supplier if purchase else None),
                settings=settings,
            )
        )
    return found


@transaction.atomic
def place_draft(wanted: Sequence[Wanted], *, on: date, by: User) -> list[PurchaseOrder]:
    """Make a draft order for each supplier of the suggestions that are taken up.

    The suggestions are worked out again, one caller after the other: what somebody else has asked for
    meanwhile is not asked for twice. Where the last prices of a supplier are in several currencies, each
    currency has its own order. An order expects its goods after the longest lead time of its lines.

    Raises `InvalidInput` with the errors of all lines under `items`: for an item that need not be ordered,
    one without a supplier, a quantity that cannot be.
    """
    if not wanted:
        raise InvalidInput({"items": [_("Choose at least one item.")]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    due = {found.item.pk: found for found in suggestions(on=on, items={line.item.pk for line in wanted})}
    _check(wanted, due)
    orders: dict[tuple[int, str], list[tuple[Suggestion, LineDraft]]] = defaultdict(list)
    for line in wanted:
        found = due[line.item.pk]
        purchase = _purchase_of(found)
        orders[purchase.supplier.pk, purchase.currency].append((found, _line(line, found)))
    return ordering.place_many([_draft(lines, on=on) for lines in orders.values()], by=by, submit=False)


def _look_at(
    item: Item,
    values: Sequence[float],
    forecast: Forecast,
    *,
    expected: Expected,
    purchase: Purchase | None,
    lead_time: LeadTime,
    settings: SiteSettings,
) -> Suggestion:
    decimals = _decimals(item, values)
    per_day = round(_decimal(forecast.per_period) / _WEEK, 6)
    if per_day * _YEAR < Decimal(5).scaleb(-1 - decimals):
        # Less than half of the smallest quantity in a year: nothing is kept for that.
        per_day = _NOTHING
    computed = stock_levels.round_up(
        _safety_stock(forecast, values, per_day, lead_time.days, settings.service_level), decimals=decimals
    )
    safety = max(computed, item.safety_stock)
    needed = stock_levels.round_up(
        stock_levels.reorder_point(
            demand_per_day=per_day, lead_time_days=lead_time.days.mean, safety_stock=safety
        ),
        decimals=decimals,
    )
    point = max(needed, item.reorder_level)
    missing = point - (item.available + expected.on_order + expected.requested)
    economic = _economic_quantity(item, per_day, settings)
    basis = Basis.ECONOMIC if economic else Basis.FIXED if item.reorder_quantity else Basis.COVER
    quantity = _NOTHING
    if point > 0 and missing >= 0:
        cover = per_day * settings.review_period_days
        lot = economic or cover
        quantity = _order_quantity(item, missing, basis=basis, lot=lot, decimals=decimals)
    return Suggestion(
        item=item,
        expected=expected,
        last_purchase=purchase,
        forecast=forecast,
        demand_per_day=per_day,
        lead_time=lead_time,
        service_level=settings.service_level,
        computed_safety_stock=computed,
        safety_stock=safety,
        needed_point=needed,
        reorder_point=point,
        quantity=quantity,
        basis=basis,
        economic_quantity=economic,
        cover_days=settings.review_period_days,
    )


def _decimals(item: Item, values: Sequence[float]) -> int:
    """Return how finely figures are rounded: what is used in whole units is kept and ordered in whole units,
    though its unit may allow more.
    """
    return 0 if all(map(float.is_integer, values)) else item.unit.decimals


def _safety_stock(
    forecast: Forecast, values: Sequence[float], per_day: Decimal, lead_time: Spread, level: Decimal
) -> Decimal:
    if not per_day:
        return _NOTHING
    # What a day deviates so that the whole lead time deviates as it did in the item's own history.
    weeks = lead_time.mean / _WEEK
    during = _decimal(forecast.deviation_over(values, periods=float(weeks)))
    daily = during / lead_time.mean.sqrt() if lead_time.mean else _NOTHING
    return stock_levels.safety_stock(
        demand=Spread(mean=per_day, deviation=daily),
        lead_time=lead_time,
        service_factor=stock_levels.service_factor(level),
    )


def _economic_quantity(item: Item, per_day: Decimal, settings: SiteSettings) -> Decimal | None:
    """Return the economic quantity where all costs are known."""
    unit_cost = item.valuation.average_cost
    if not unit_cost and item.currency == settings.base_currency:
        unit_cost = item.unit_price
    if not (per_day and unit_cost and settings.order_cost and settings.holding_cost_rate):
        return None
    return stock_levels.economic_quantity(
        demand_per_day=per_day,
        order_cost=settings.order_cost,
        unit_cost=unit_cost,
        holding_rate=settings.holding_cost_rate,
    )


def _order_quantity(item: Item, missing: Decimal, *, basis: Basis, lot: Decimal, decimals: int) -> Decimal:
    """Return what brings an item above its reorder point: what is missing, and a lot on top of it.

    By the item's own reorder quantity, it is the fewest of these that do.
    """
    multiple = item.reorder_quantity
    if basis is Basis.FIXED:
        return ((missing / multiple).to_integral_value(rounding=ROUND_FLOOR) + 1) * multiple
    # Where nothing is expected to be used, a level set by hand is exceeded by one.
    return stock_levels.round_up(missing + (lot or Decimal(1)), decimals=decimals, multiple=multiple)


def _check(wanted: Sequence[Wanted], due: dict[int, Suggestion]) -> None:
    errors: list[dict[str, Any]] = []
    seen: set[int] = set()
    for line in wanted:
        found = due.get(line.item.pk)
        words = {"item": line.item}
        if line.item.pk in seen:
            errors.append({"item": [_("%(item)s is named twice.") % words]})
        elif found is None:
            sentence = _("%(item)s need not be ordered: enough is in stock, on order or asked for.")
            errors.append({"item": [sentence % words]})
        elif found.supplier is None:
            sentence = _(
                "%(item)s was never ordered from a supplier that can be used: make its order by hand."
            )
            errors.append({"item": [sentence % words]})
        else:
            errors.append({})
        seen.add(line.item.pk)
    if any(errors):
        raise InvalidInput({"items": errors})
    try:
        drafts.check(lines=[_line(line, due[line.item.pk]) for line in wanted])
    except InvalidInput as refusal:
        raise InvalidInput({"items": refusal.details["lines"]}) from refusal


def _purchase_of(suggestion: Suggestion) -> Purchase:
    assert suggestion.last_purchase is not None
    return suggestion.last_purchase


def _line(wanted: Wanted, suggestion: Suggestion) -> LineDraft:
    return LineDraft(
        item=suggestion.item,
        quantity=suggestion.quantity if wanted.quantity is None else wanted.quantity,
        unit_price=_purchase_of(suggestion).unit_price,
    )


def _draft(lines: Sequence[tuple[Suggestion, LineDraft]], *, on: date) -> OrderDraft:
    purchase = _purchase_of(lines[0][0])
    longest = max(suggestion.lead_time.days.mean for suggestion, _line in lines)
    return OrderDraft(
        supplier=purchase.supplier,
        currency=purchase.currency,
        ordered_on=on,
        expected_date=on + timedelta(days=ceil(longest)),
        notes=_("From reorder suggestions."),
        lines=[line for _suggestion, line in lines],
    )


def _decimal(value: float) -> Decimal:
    return round(Decimal(value), 8)
