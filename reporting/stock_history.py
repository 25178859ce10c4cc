"""Stock as it was: quantity and value of every item at every location, at any past moment, from the ledger.

`as_of` follows `occurred_at`, when things happened; `known_at` keeps only what was posted by then. So
`as_of` 31 December, `known_at` 5 January is the stock of 31 December as the books knew it on 5 January
(bitemporal: R. Snodgrass, *Developing Time-Oriented Database Applications in SQL*, ch. 10).

Quantity is what movements brought to real locations less what they took. The value of an item is the sum of
the values of what came in less those of what went out, in base currency: for this moment that is its
valuation. At a location an item is worth its share of that by quantity, since one average cost holds for all
its units wherever they stand (IAS 2, par. 27): the movements' own values would leave a location that was
emptied with the value by which its receipts differed from the average. Shares are rounded so that they add
up to the item's value to the last minor unit. Where papers that came late make a quantity at a location
negative, or leave a value without quantity, the item's movements' own values stand at each location: they
add up as well.

The sums of `reporting.stock_roll_up` make it fast and are not needed: without them all is summed anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from inventory.models import Category, Item, Location
from ipms import site, trees
from ipms.errors import InvalidInput
from ipms.money import MINOR_UNITS
from reporting.models import StockRollUp
from reporting.stock_roll_up import REAL

#: Before everything, and late enough for every time zone.
_EARLIEST = datetime(2, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Stock:
    """A quantity in the item's stock unit, and its value in base currency."""

    quantity: Decimal
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The moment of which stock is asked; None is this one. `known_at`: only what was posted by then."""

    as_of: datetime | None = None
    known_at: datetime | None = None


NOW = Moment()


@dataclass(frozen=True, kw_only=True)
class Query:
    """A query with its parameters by name, to be put into a larger one."""

    text: str
    params: dict[str, Any] = field(default_factory=dict)


def moment(
    as_of: date | datetime | None = None, known_at: date | datetime | None = None, *, now: datetime
) -> Moment:
    """Return the moment that is meant: a day means its end in the site's time zone, today means now.

    Raises `InvalidInput` for one that is in the future.
    """
    zone = ZoneInfo(site.current().timezone)
    errors, found = {}, {}
    for name, given in (("as_of", as_of), ("known_at", known_at)):
        if given is None:
            continue
        begins = given if isinstance(given, datetime) else datetime.combine(given, time.min, zone)
        if begins > now:
            errors[name] = [_("This is in the future.")]
        elif isinstance(given, datetime):
            found[name] = max(given.astimezone(UTC), _EARLIEST)
        elif (end := _end_of(given, zone)) < now:
            found[name] = max(end, _EARLIEST)
    if errors:
        raise InvalidInput(errors)
    return Moment(**found)


def by_item(
    at: Moment = NOW, *, category: Category | None = None, items: Iterable[Item] | None = None
) -> dict[int, Stock]:
    """Return what there was of each item over all real locations, by the item's key; nothing is left out.

    Only of some items, or of a category and those below it, if one is given.
    """
    return {
        item: Stock(quantity=quantity, value=value)
        for item, quantity, value in _rows(stock_of_items(at, category=category, items=items))
    }


def by_location(
    at: Moment = NOW,
    *,
    category: Category | None = None,
    location: Location | None = None,
    items: Iterable[Item] | None = None,
) -> dict[tuple[int, int], Stock]:
    """Return what there was of each item at each real location, by their keys.

    Only of some items, of a category, or at a location, each with all below it, if one is given.
    """
    return {
        (item, place): Stock(quantity=quantity, value=value)
        for item, place, quantity, value in _rows(
            stock(at, category=category, location=location, items=items)
        )
    }


def stock(
    at: Moment = NOW,
    *,
    category: Category | None = None,
    location: Location | None = None,
    items: Iterable[Item] | None = None,
) -> Query:
    """Return the query of `item_id, location_id, quantity, value`: a row where either is not zero."""
    wanted = _wanted(category, items)
    moved = Query(text=_STANDS.format(wanted=wanted.text)) if at == NOW else _as_it_was(at, wanted)
    params: dict[str, Any] = {"decimals": MINOR_UNITS[site.base_currency()]}
    here = "true"
    if location is not None:
        here = "location_id = ANY(%(locations)s)"
        params["locations"] = trees.subtree_ids(Location, (location.pk,))
    return Query(
        text=_SHARES.format(moved=moved.text, here=here), params=wanted.params | moved.params | params
    )


def stock_of_items(
    at: Moment = NOW, *, category: Category | None = None, items: Iterable[Item] | None = None
) -> Query:
    """Return the query of `item_id, quantity, value` over all real locations: a row where either is not zero.

    It says what the sums of `stock` say, without working out the shares of locations.
    """
    wanted = _wanted(category, items)
    moved = Query(text=_VALUATIONS.format(wanted=wanted.text)) if at == NOW else _as_it_was(at, wanted)
    return Query(text=_OF_ITEMS.format(moved=moved.text), params=wanted.params | moved.params)


def _wanted(category: Category | None, items: Iterable[Item] | None) -> Query:
    if items is not None:
        return Query(text="item_id = ANY(%(items)s)", params={"items": [item.pk for item in items]})
    if category is not None:
        return Query(
            text="item_id IN (SELECT id FROM inventory_item WHERE category_id = ANY(%(categories)s))",
            params={"categories": trees.subtree_ids(Category, (category.pk,))},
        )
    return Query(text="true")


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the last moment of a day, as fine as the database tells moments apart."""
    return datetime.combine(day + timedelta(1), time.min, zone).astimezone(UTC) - timedelta(microseconds=1)


def _rows(query: Query) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.params)
        return cursor.fetchall()


def _as_it_was(at: Moment, wanted: Query) -> Query:
    """Return the movements' sums up to a moment: month-end stock, and what the sums do not hold."""
    known_at = at.known_at
    as_of = at.as_of or known_at
    # What was posted by then had happened by then.
    as_of = min(as_of, known_at) if known_at and as_of else as_of
    assert as_of is not None
    summed_up_to = _summed_up_to()
    if summed_up_to:
        parts = [_BEYOND, _CLOSED, _IN_THE_MONTH]
        if known_at:
            parts += [_POSTED_LATER_IN_THE_MONTH, _POSTED_IN_LATER_MONTHS]
    else:
        parts = [_EVERYTHING]  # even if the first sums appear before the query begins
    return Query(
        text=_WAS.format(
            parts=" UNION ALL ".join(part.format(known=_KNOWN if known_at else "") for part in parts),
            wanted=wanted.text,
        ),
        params={
            "as_of": as_of,
            "month": _month(as_of),
            "month_begins": datetime.combine(_month(as_of), time.min, UTC),
            "known_at": known_at,
            "next_known_month": known_at and _next_month(known_at),
            "known_month_ends": known_at and datetime.combine(_next_month(known_at), time.min, UTC),
            "summed_up_to": summed_up_to,
        },
    )


def _summed_up_to() -> int:
    return StockRollUp.objects.values_list("watermark", flat=True).first() or 0


def _month(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def _next_month(moment: datetime) -> date:
    return (_month(moment) + timedelta(32)).replace(day=1)


#: What stands now, each item's value at the first of its locations: only their sum is looked at.
_STANDS = """
    SELECT b.item_id, b.location_id, sum(b.on_hand) AS quantity,
        CASE WHEN row_number() OVER (PARTITION BY b.item_id ORDER BY b.location_id) = 1
            THEN max(v.value) ELSE 0 END AS value
    FROM inventory_stockbalance b JOIN inventory_itemvaluation v USING (item_id)
    WHERE {wanted}
    GROUP BY b.item_id, b.location_id
"""
_VALUATIONS = """
    SELECT item_id, quantity, value FROM inventory_itemvaluation WHERE {wanted}
"""
_OF_ITEMS = """
    SELECT item_id, sum(quantity) AS quantity, sum(value) AS value FROM ({moved}) AS moved
    GROUP BY item_id HAVING sum(quantity) <> 0 OR sum(value) <> 0
"""
#: An item's value, shared by quantity: rounded as it accumulates, so that the last share takes what is left.
_SHARES = """
    SELECT item_id, location_id, quantity, value FROM (
        SELECT item_id, location_id, quantity,
            CASE WHEN least >= 0 AND item_quantity > 0
                THEN shared - lag(shared, 1, 0::numeric) OVER (PARTITION BY item_id ORDER BY location_id)
                ELSE value END AS value
        FROM (
            SELECT item_id, location_id, quantity, value, item_quantity, least,
                CASE WHEN item_quantity > 0
                    THEN round(item_value * running / item_quantity, %(decimals)s) END AS shared
            FROM (
                SELECT item_id, location_id, quantity, value,
                    sum(quantity) OVER item AS item_quantity,
                    sum(value) OVER item AS item_value,
                    min(quantity) OVER item AS least,
                    sum(quantity) OVER (PARTITION BY item_id ORDER BY location_id) AS running
                FROM ({moved}) AS moved
                WINDOW item AS (PARTITION BY item_id)
            ) AS summed
        ) AS shares
    ) AS standing
    WHERE (quantity <> 0 OR value <> 0) AND {here}
"""
_WAS = """
    SELECT item_id, location_id, sum(quantity) AS quantity, sum(value) AS value
    FROM ({parts}) AS parts
    WHERE {wanted}
    GROUP BY item_id, location_id
"""
#: The watermark as this very query sees it. It never falls: the number that was read before helps the
#: planner, and may be older.
_MARK = "coalesce((SELECT watermark FROM reporting_stockrollup), 0)"
_KNOWN = "AND m.posted_at <= %(known_at)s"
_IN_AND_OUT = """
    FROM inventory_stockmovement m
    CROSS JOIN LATERAL (VALUES
        (m.to_location_id, m.quantity, m.value), (m.from_location_id, -m.quantity, -m.value)
    ) AS e(location_id, quantity, value)
"""
_EVERYTHING = f"""
    SELECT m.item_id, e.location_id, e.quantity, e.value {_IN_AND_OUT}
    WHERE m.occurred_at <= %(as_of)s {{known}} AND e.location_id IN ({REAL})
"""
_BEYOND = f"{_EVERYTHING} AND m.id > %(summed_up_to)s AND m.id > {_MARK}"
_CLOSED = """
    SELECT item_id, location_id, quantity, value FROM reporting_stockclosing
    WHERE month < %(month)s AND until >= %(month)s
"""
_IN_THE_MONTH = f"""
    SELECT m.item_id, e.location_id, e.quantity, e.value {_IN_AND_OUT}
    WHERE m.id <= {_MARK} AND m.occurred_at >= %(month_begins)s
        AND m.occurred_at <= %(as_of)s {{known}} AND e.location_id IN ({REAL})
"""
#: Of the months before, what the closings hold and nobody knew yet.
_POSTED_LATER_IN_THE_MONTH = f"""
    SELECT m.item_id, e.location_id, -e.quantity, -e.value {_IN_AND_OUT}
    WHERE m.id <= {_MARK} AND m.occurred_at < %(month_begins)s
        AND m.posted_at > %(known_at)s AND m.posted_at < %(known_month_ends)s AND e.location_id IN ({REAL})
"""
_POSTED_IN_LATER_MONTHS = """
    SELECT item_id, location_id, -quantity, -value FROM reporting_stockmonth
    WHERE occurred_month < %(month)s
        AND posted_month >= %(next_known_month)s AND posted_month > occurred_month
"""
