"""What a stock count covers: places, categories, classes or items, and the lines that follow from them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory import abc_xyz
from inventory.models import Category, Item, Location, LocationKind, StockCount
from ipms.errors import InvalidInput
from ipms.trees import subtree_ids

#: Classes follow from the value that was used in so many days.
ABC_DAYS = 365
#: A count that is larger is no count but an inventory of everything: it is cut into several.
MOST_LINES = 50_000


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is to be counted; what is given holds together: this category, in this place.

    A location means what is inside too, a category its sub-categories, a class that of `items_of_class`.
    With `includes_empty` there is also a line where the books have nothing of an item that should stand
    there; for items named one by one there always is.
    """

    location: Location | None = None
    category: Category | None = None
    abc_class: str = ""
    items: Sequence[Item] = ()
    includes_empty: bool = False

    def check(self) -> None:
        """Raise `InvalidInput` for a scope that cannot be counted."""
        if not (self.location or self.category or self.abc_class or self.items):
            raise InvalidInput(
                {"location": [_("Say what is counted: a place, a category, a class or items.")]}
            )
        if self.location and not self.location.is_real:
            raise InvalidInput({"location": [_("Stock cannot stand at this location.")]})
        if self.location and not self.location.is_active:
            raise InvalidInput({"location": [_("This location is inactive.")]})
        if self.abc_class and self.abc_class not in abc_xyz.Importance:
            raise InvalidInput({"abc_class": [_("One of: A, B, C.")]})

    @property
    def places(self) -> list[int] | None:
        """Return the keys of the locations that are counted; None for wherever something stands."""
        return subtree_ids(Location, (self.location.pk,)) if self.location else None


def items_of_class(abc_class: str, *, at: datetime) -> list[int]:
    """Return the keys of the items of a class, by the value used in the `ABC_DAYS` before a moment.

    Used is what was issued less what came back, at the cost at which it left; a reversal takes back at the
    moment of the movement it undoes. The classes are those of `abc_xyz.ranked`: an item that was not used is
    in class C.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _USED_VALUE,
            {
                "consumption": str(LocationKind.CONSUMPTION),
                "since": at - timedelta(days=ABC_DAYS),
                "until": at,
            },
        )
        used: dict[int, Decimal] = dict(cursor.fetchall())
    return [row.key for row in abc_xyz.ranked(used) if row.importance == abc_class]


def add_lines(count: StockCount, scope: Scope) -> int:
    """Write the lines of a new count with one statement, in the order of a walk; return how many.

    Inactive items and places are left out: nothing can be posted there.
    """
    item_ids: Collection[int] | None = None
    if scope.items:
        item_ids = {item.pk for item in scope.items}
    if scope.abc_class:
        of_class = set(items_of_class(scope.abc_class, at=count.started_at))
        item_ids = of_class if item_ids is None else of_class & set(item_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD_LINES,
            {
                "count": count.pk,
                "places": scope.places,
                "categories": subtree_ids(Category, (scope.category.pk,)) if scope.category else None,
                "items": None if item_ids is None else sorted(item_ids),
                "real": [str(kind) for kind in LocationKind.real()],
                "empty": scope.includes_empty or bool(scope.items),
                "is_named": bool(scope.items),
                "fallback": scope.location.pk if scope.location else None,
            },
        )
        return cursor.rowcount


def in_words(count: StockCount) -> str:
    """Return in words what is counted."""
    parts = [str(part) for part in (count.location, count.category) if part]
    if count.abc_class:
        parts.append(_("Class %(name)s") % {"name": count.abc_class})
    if count.named_items:
        named = ngettext("%(number)s item", "%(number)s items", count.named_items)
        parts.append(named % {"number": count.named_items})
    return " · ".join(parts)


_USED_VALUE = """
WITH used AS MATERIALIZED (SELECT id FROM inventory_location WHERE kind = %(consumption)s)
SELECT i.id, coalesce(sum(CASE WHEN m.to_location_id IN (SELECT id FROM used) THEN m.value
    WHEN m.from_location_id IN (SELECT id FROM used) THEN -m.value END), 0)
FROM inventory_item i
LEFT JOIN (
    SELECT m.*, coalesce(undone.occurred_at, m.occurred_at) AS moment
    FROM inventory_stockmovement m LEFT JOIN inventory_stockmovement undone ON undone.id = m.reverses_id
    WHERE m.to_location_id IN (SELECT id FROM used) OR m.from_location_id IN (SELECT id FROM used)
) m ON m.item_id = i.id AND m.moment >= %(since)s AND m.moment <= %(until)s
GROUP BY i.id
ORDER BY i.id
"""
_ADD_LINES = """
WITH goods AS MATERIALIZED (
    SELECT i.id, i.name, i.location_id, i.tracking
    FROM inventory_item i
    WHERE i.is_active
        AND (%(items)s::bigint[] IS NULL OR i.id = ANY(%(items)s))
        AND (%(categories)s::bigint[] IS NULL OR i.category_id = ANY(%(categories)s))
), places AS MATERIALIZED (
    SELECT p.id, p.code
    FROM inventory_location p
    WHERE p.is_active AND p.kind = ANY(%(real)s)
        AND (%(places)s::bigint[] IS NULL OR p.id = ANY(%(places)s))
), standing AS (
    SELECT goods.id AS item, b.location_id AS place, b.lot_id AS lot, b.on_hand
    FROM goods
    JOIN inventory_stockbalance b ON b.item_id = goods.id
    JOIN places ON places.id = b.location_id
    WHERE b.on_hand > 0 OR (%(empty)s AND b.lot_id IS NULL AND goods.tracking = 'none')
), empty AS (
    SELECT goods.id, coalesce(own.id, other.id), NULL::bigint, 0
    FROM goods
    LEFT JOIN places own ON own.id = goods.location_id
    LEFT JOIN places other ON %(is_named)s AND other.id = %(fallback)s
    WHERE %(empty)s AND goods.tracking = 'none' AND coalesce(own.id, other.id) IS NOT NULL
        AND NOT EXISTS (SELECT FROM standing WHERE standing.item = goods.id)
), lines AS (
    SELECT * FROM standing UNION ALL SELECT * FROM empty
)
INSERT INTO inventory_countline
    (count_id, item_id, location_id, lot_id, book_quantity, needs_recount, reason, is_added)
SELECT %(count)s, lines.item, lines.place, lines.lot, lines.on_hand, false, '', false
FROM lines
JOIN goods ON goods.id = lines.item
JOIN places ON places.id = lines.place
LEFT JOIN inventory_lot lot ON lot.id = lines.lot
ORDER BY places.code, goods.name, goods.id, lot.expires_on, lot.number
"""
