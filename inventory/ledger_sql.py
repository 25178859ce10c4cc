"""The three statements of a posting: lock, read, write. Used by `inventory.ledger` alone.

Their number does not grow with the number of lines, nor does the number of round trips.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb


@dataclass(kw_only=True)
class ItemState:
    """An item while its valuation row is locked. Value and average in base currency."""

    quantity: Decimal
    reserved: Decimal
    value: Decimal
    is_active: bool
    tracking: str
    decimals: int
    unit_price: Decimal
    currency: str
    reorder_level: Decimal
    base_currency: str
    #: Whether it was at or below its reorder level when that was last looked at.
    is_low: bool

    @property
    def available(self) -> Decimal:
        return self.quantity - self.reserved


@dataclass(kw_only=True)
class BalanceState:
    """What stands at one location of one lot while the item is locked."""

    on_hand: Decimal
    reserved: Decimal
    lot_status: str | None
    expires_on: date | None

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved


#: Item, location and lot of a balance.
BalanceKey = tuple[int, int, int | None]


def lock_items(item_ids: Collection[int], *, default_currency: str) -> dict[int, ItemState]:
    """Lock the valuations of these items, in the order of their keys, and return what they hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT v.item_id, v.quantity, v.reserved, v.value, i.is_active, i.tracking, u.decimals,
                i.unit_price, i.currency, i.reorder_level,
                coalesce((SELECT base_currency FROM ipms_sitesettings WHERE id = 1), %s), v.is_low
            FROM inventory_itemvaluation v
            JOIN inventory_item i ON i.id = v.item_id
            JOIN inventory_unitofmeasure u ON u.code = i.unit_id
            WHERE v.item_id = ANY(%s)
            ORDER BY v.item_id
            FOR UPDATE OF v
            """,
            [default_currency, sorted(item_ids)],
        )
        return {
            row[0]: ItemState(
                quantity=row[1],
                reserved=row[2],
                value=row[3],
                is_active=row[4],
                tracking=row[5],
                decimals=row[6],
                unit_price=row[7],
                currency=row[8],
                reorder_level=row[9],
                base_currency=row[10],
                is_low=row[11],
            )
            for row in cursor.fetchall()
        }


def read_balances(
    item_ids: Collection[int], *, location_ids: Collection[int], lot_ids: Collection[int]
) -> dict[BalanceKey, BalanceState]:
    """Return the balances of locked items at these locations, and of these lots wherever they stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.item_id, b.location_id, b.lot_id, b.on_hand, b.reserved, l.status, l.expires_on
            FROM inventory_stockbalance b LEFT JOIN inventory_lot l ON l.id = b.lot_id
            WHERE b.item_id = ANY(%s) AND (b.location_id = ANY(%s) OR b.lot_id = ANY(%s))
            """,
            [sorted(item_ids), sorted(location_ids), sorted(lot_ids)],
        )
        return {
            (item, location, lot): BalanceState(
                on_hand=on_hand, reserved=reserved, lot_status=status, expires_on=expires_on
            )
            for item, location, lot, on_hand, reserved, status, expires_on in cursor.fetchall()
        }


def write(
    *,
    movements: Sequence[dict[str, Any]],
    balances: dict[BalanceKey, BalanceState],
    items: dict[int, ItemState],
    events: Iterable[tuple[str, dict[str, Any]]],
) -> list[tuple[int, datetime, datetime]]:
    """Write everything with one statement; return key, `occurred_at` and `posted_at` of each movement.

    Balances and valuations are written as they are, not as differences: their items are locked.
    """
    columns = [[movement[name] for movement in movements] for name, _ in _MOVEMENT_COLUMNS]
    keys = list(balances)
    events = list(events)
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            [
                *columns,
                [item for item, _, _ in keys],
                [location for _, location, _ in keys],
                [lot for _, _, lot in keys],
                [balances[key].on_hand for key in keys],
                list(items),
                [state.quantity for state in items.values()],
                [state.value for state in items.values()],
                [state.available <= state.reorder_level for state in items.values()],
                [topic for topic, _ in events],
                [Jsonb(payload) for _, payload in events],
            ],
        )
        return cursor.fetchall()


_MOVEMENT_COLUMNS = (
    ("kind", "text"),
    ("item_id", "bigint"),
    ("lot_id", "bigint"),
    ("quantity", "numeric"),
    ("from_location_id", "bigint"),
    ("to_location_id", "bigint"),
    ("unit_cost", "numeric"),
    ("value", "numeric"),
    ("on_hand_after", "numeric"),
    ("reason", "text"),
    ("reference", "text"),
    ("document", "text"),
    ("actor_id", "bigint"),
    ("reverses_id", "bigint"),
    ("occurred_at", "timestamptz"),
)
_NAMES = ", ".join(name for name, _ in _MOVEMENT_COLUMNS[:-1])
_ARRAYS = ", ".join(f"%s::{kind}[]" for _, kind in _MOVEMENT_COLUMNS)
_WRITE = f"""
WITH now AS MATERIALIZED (SELECT clock_timestamp() AS moment),
moved AS (
    INSERT INTO inventory_stockmovement ({_NAMES}, occurred_at, posted_at)
    SELECT {_NAMES}, least(occurred_at, moment), moment
    FROM unnest({_ARRAYS}) WITH ORDINALITY AS t({_NAMES}, occurred_at, line), now
    ORDER BY line
    RETURNING id, occurred_at, posted_at
), stood AS (
    INSERT INTO inventory_stockbalance (item_id, location_id, lot_id, on_hand, reserved)
    SELECT item, location, lot, on_hand, 0
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[]) AS t(item, location, lot, on_hand)
    ON CONFLICT (item_id, location_id, lot_id) DO UPDATE SET on_hand = excluded.on_hand
), valued AS (
    UPDATE inventory_itemvaluation v SET quantity = t.quantity, value = t.value, is_low = t.is_low
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::boolean[]) AS t(item, quantity, value, is_low)
    WHERE v.item_id = t.item
), told AS (
    INSERT INTO ipms_outboxevent (topic, payload, created_at, attempts, last_error)
    SELECT topic, payload, moment, 0, '' FROM unnest(%s::text[], %s::jsonb[]) AS t(topic, payload), now
)
SELECT id, occurred_at, posted_at FROM moved ORDER BY id
"""  # noqa: S608 - built from the constants above
