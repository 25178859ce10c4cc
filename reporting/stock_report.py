"""What there is and what it is worth, where, how old it is, what does not move, and what matters.

Everything is of one moment (`reporting.stock_history`): as things happened up to then, and as the books knew
it. Values are in base currency at moving average cost (IAS 2, par. 27). Sums by category and by location are
of the rows' own, not of what is below them, so that they add up to the totals. A location asked for means
what stands there or below it; a category, its items and those below it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from inventory import abc_xyz
from inventory.models import Category, ItemStatus, Location, LocationKind
from ipms import money, site, trees
from reporting import stock_history
from reporting import stock_report_sql as queries
from reporting.references import Reference
from reporting.stock_history import NOW, Moment

#: Without an issue for so many days, stock is dead.
DEAD_AFTER_DAYS = 180
#: Days that ABC looks back.
ABC_DAYS = 365
#: So many rows of low and of dead stock are listed, the most urgent and the most valuable; totals count all.
MOST_ROWS = 500
#: Early enough for everything, and late enough for every time zone.
_FIRST_DAY = date(1, 1, 3).toordinal()
_ALWAYS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class _Scope:
    """What the report is of, as parameters of its queries."""

    #: What stands where, and what there is of items over all locations.
    standing: str
    whole: str
    params: dict[str, Any]
    currency: str
    zone: ZoneInfo
    moment: datetime

    def of_places(self, query: str) -> list[dict[str, Any]]:
        return self._rows(queries.of_places(self.standing, query), {})

    def of_items(self, query: str, **params: Any) -> list[dict[str, Any]]:
        if self.params["locations"] is None:
            return self._rows(queries.of_items(self.whole, query), params)
        return self._rows(queries.of_items_at(self.standing, query), params)

    def _rows(self, query: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(query, {**self.params, **params})
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def amount(self, value: Decimal | None) -> Decimal:
        return money.round_amount(value or Decimal(0), self.currency)

    def days_ago(self, days: int) -> datetime:
        """Return the beginning of the day so many days before that of the report, where the site is."""
        day = self.moment.astimezone(self.zone).toordinal() - days
        return datetime.combine(date.fromordinal(max(day, _FIRST_DAY)), time.min, self.zone)


def build(
    *,
    now: datetime,
    at: Moment = NOW,
    category: Category | None = None,
    location: Location | None = None,
    days: int = DEAD_AFTER_DAYS,
) -> dict[str, Any]:
    """Return the report on the stock of a category, at a location, at a moment that is not in the future.

    `days` says after how many days without an issue stock is dead. The number of queries does not grow with
    items, locations or movements.
    """
    scope = _scope(now, at, category, location)
    sums = _sums(scope)
    low, dead = _low_stock(scope), _dead_stock(scope, days)
    totals = {**sums["totals"], "currency": scope.currency}
    totals |= {"low_stock": low[0]["of_all"] if low else 0, "dead_stock": dead[0]["of_all"] if dead else 0}
    totals["dead_stock_value"] = scope.amount(dead[0]["value_of_all"] if dead else None)
    return {
        "totals": totals,
        "by_category": sums["by_category"],
        "by_location": sums["by_location"],
        "low_stock": [_low_row(row) for row in low],
        "dead_stock": [_dead_row(row, scope) for row in dead],
        "ageing": _ageing(scope),
        "abc": _abc(scope),
        "as_of": at.as_of or at.known_at or now,
        "known_at": at.known_at,
    }


def _scope(now: datetime, at: Moment, category: Category | None, location: Location | None) -> _Scope:
    # Of all locations, also where one is asked for: an item's age and level are those of the whole item.
    standing = stock_history.stock(at, category=category)
    whole = stock_history.stock_of_items(at, category=category)
    here = site.current()
    moment = min(at.as_of or now, at.known_at or now)
    categories = category and trees.subtree_ids(Category, (category.pk,))
    return _Scope(
        standing=standing.text,
        whole=whole.text,
        params=standing.params
        | whole.params
        | {
            # What has been posted meanwhile by a clock that is ahead counts as well.
            "until": _ALWAYS if at == NOW else moment,
            "known": at.known_at or _ALWAYS,
            "is_now": at == NOW,
            "categories": categories,
            "locations": location and trees.subtree_ids(Location, (location.pk,)),
            "most": MOST_ROWS,
            "decimals": money.MINOR_UNITS[here.base_currency],
            "real": [str(kind) for kind in LocationKind.real()],
        },
        currency=here.base_currency,
        zone=ZoneInfo(here.timezone),
        moment=moment,
    )


def _sums(scope: _Scope) -> dict[str, Any]:
    """Items of which there is any, quantity and value: in all, by category, by location.

    Quantities of different units are added up as they are: a figure to compare a selection with itself.
    """
    found: dict[str, Any] = {"by_category": [], "by_location": []}
    for row in scope.of_places(queries.SUMS):
        figures = {
            "items": row["items"],
            "quantity": row["quantity"] or Decimal(0),
            "stock_value": scope.amount(row["value"]),
        }
        if row["is_total"]:
            found["totals"] = figures
        elif row["is_of_location"]:
            place = Reference(row["location_id"], row["location_code"], row["location_name"])
            found["by_location"].append({"location": place, **figures})
        else:
            named = Reference(row["category_id"], row["category_slug"], row["category_name"])
            found["by_category"].append({"category": named if named.id else None, **figures})
    return found


def _low_stock(scope: _Scope) -> list[dict[str, Any]]:
    """Active items at or below their reorder level, the least covered first.

    Counted is what is available over all locations; of a moment in the past what was on hand, since what was
    reserved then is not kept. The level is today's. An item without a level is never low. At a location: the
    items that stand there or whose default location it is.
    """
    return scope.of_items(queries.LOW)


def _low_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "item": Reference(row["id"], row["sku"], row["name"]),
        "status": ItemStatus.OUT_OF_STOCK if row["available"] <= 0 else ItemStatus.LOW_STOCK,
        **{
            name: row[name] for name in ("quantity", "available", "reorder_level", "reorder_quantity", "unit")
        },
    }


def _dead_stock(scope: _Scope, days: int) -> list[dict[str, Any]]:
    """Items in stock of which nothing was issued for so many days, though they were there all the while.

    An issue is what went to consumption from anywhere and was not reversed; transfers, counts and scrap are
    none. What first came within these days has not had the time to die. The most valuable first.

    Source: Silver, Pyke & Thomas, *Inventory and Production Management in Supply Chains*, 4th ed., ch. 9
    (dead and dying stock: by the time since the last usage).
    """
    return scope.of_items(queries.DEAD, quiet_since=scope.days_ago(days))


def _dead_row(row: dict[str, Any], scope: _Scope) -> dict[str, Any]:
    idle_since = row["last_issued_at"] or row["first_came_at"]
    today = scope.moment.astimezone(scope.zone).date()
    last = row["last_issued_at"]
    return {
        "item": Reference(row["id"], row["sku"], row["name"]),
        "quantity": row["quantity"],
        "unit": row["unit"],
        "stock_value": scope.amount(row["value"]),
        "last_issued_on": last and last.astimezone(scope.zone).date(),
        "days_idle": (today - idle_since.astimezone(scope.zone).date()).days,
    }


def _ageing(scope: _Scope) -> list[dict[str, Any]]:
    """Quantity and value by the days since the stock came, first in, first out.

    What is on hand is taken to be what came last: of receipts, opening balances and what counts found, the
    newest are laid against it until it is covered, and what is left is older than a year. A receipt that was
    reversed is none; what is returned from consumption is as old as what was there. Layers of one age are
    summed before, which changes nothing. Values are the item's average cost, of all its layers. At a location
    an item has the ages that it has over all. Items below zero because of late papers have no age.

    Source: FIFO layers as in IAS 2, par. 27, here for ages alone.
    """
    bounds = {
        f"age_{number}": scope.days_ago(until) for number, (_since, until) in enumerate(queries.AGES) if until
    }
    (row,) = scope.of_items(queries.AGEING, **bounds)
    found = []
    before = {"quantity": Decimal(0), "value": Decimal(0)}
    for number, (since, until) in enumerate(queries.AGES):
        quantity, value = row[f"quantity_{number}"] or Decimal(0), row[f"value_{number}"] or Decimal(0)
        found.append(
            {
                "bucket": f"{since}-{until}" if until else f">{since - 1}",
                "from_days": since,
                "to_days": until,
                "items": row[f"items_{number}"],
                "quantity": quantity - before["quantity"],
                "stock_value": scope.amount(value - before["value"]),
            }
        )
        before = {"quantity": quantity, "value": value}
    return found


def _abc(scope: _Scope) -> list[dict[str, Any]]:
    """Items by their part of the value that was used in the last 365 days: classes A, B and C.

    Used is what was issued less what was returned, at the cost at which it left; a reversal takes back what
    it undoes. A are the items that reach the first 80 % of the value, B the next 15 %, C the rest and those
    in stock that were not used. The item that crosses a border still belongs above it.

    Source: Dickie, "ABC inventory analysis shoots for dollars, not pennies", *Factory Management and
    Maintenance* 109 (1951); cut-offs as in Silver, Pyke & Thomas, op. cit., ch. 2.
    """
    rows = scope.of_items(
        queries.ABC,
        used_since=scope.days_ago(ABC_DAYS),
        a_up_to=abc_xyz.A_UP_TO,
        b_up_to=abc_xyz.B_UP_TO,
    )
    found = {row["importance"]: row for row in rows}
    total = sum((row["used"] for row in found.values()), Decimal(0))
    nothing = {"items": 0, "used": Decimal(0), "value": Decimal(0)}
    return [
        {
            "class": name,
            "items": row["items"],
            "consumption_value": scope.amount(row["used"]),
            "share": round(row["used"] / total, 4) if total else None,
            "stock_value": scope.amount(row["value"]),
        }
        for name in "ABC"
        for row in [found.get(name, nothing)]
    ]
