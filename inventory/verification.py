"""Proof that the ledger, the balances and the valuations tell the same story."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from inventory.errors import LedgerBroken
from inventory.models import StockMovement
from ipms import outbox


@dataclass(frozen=True)
class Offence:
    """A row that breaks an invariant: which one, and the figures that differ."""

    invariant: str
    row: dict[str, Any]


_REAL = "SELECT id FROM inventory_location WHERE kind IN ('site', 'warehouse', 'zone', 'bin')"

#: Each query returns the offending rows; none where the invariant holds.
# ruff: noqa: S608 - the only text put in is the constant above
INVARIANTS: dict[str, str] = {
    "balance equals the movements in less the movements out": f"""
        WITH real AS ({_REAL}), flow AS (
            SELECT item_id, lot_id, to_location_id AS location_id, quantity FROM inventory_stockmovement
            WHERE to_location_id IN (SELECT id FROM real)
            UNION ALL
            SELECT item_id, lot_id, from_location_id, -quantity FROM inventory_stockmovement
            WHERE from_location_id IN (SELECT id FROM real)
        ), moved AS (
            SELECT item_id, location_id, lot_id, sum(quantity) AS quantity FROM flow GROUP BY 1, 2, 3
        )
        SELECT coalesce(m.item_id, b.item_id) AS item, coalesce(m.location_id, b.location_id) AS location,
            coalesce(m.lot_id, b.lot_id) AS lot, coalesce(m.quantity, 0) AS moved, b.on_hand
        FROM moved m FULL JOIN inventory_stockbalance b
            ON b.item_id = m.item_id AND b.location_id = m.location_id
            AND coalesce(b.lot_id, 0) = coalesce(m.lot_id, 0)
        WHERE coalesce(m.quantity, 0) <> coalesce(b.on_hand, 0)
    """,
    "valuation equals the value moved in less the value moved out, and its quantity the balances": f"""
        WITH real AS ({_REAL}), moved AS (
            SELECT item_id, sum(
                value * ((to_location_id IN (SELECT id FROM real))::int
                    - (from_location_id IN (SELECT id FROM real))::int)
            ) AS value FROM inventory_stockmovement GROUP BY item_id
        ), stands AS (
            SELECT item_id, sum(on_hand) AS on_hand, sum(reserved) AS reserved
            FROM inventory_stockbalance GROUP BY item_id
        )
        SELECT i.id AS item, coalesce(m.value, 0) AS moved_value, v.value,
            coalesce(s.on_hand, 0) AS on_hand, v.quantity, coalesce(s.reserved, 0) AS reserved_at_locations,
            v.reserved
        FROM inventory_item i
        LEFT JOIN inventory_itemvaluation v ON v.item_id = i.id
        LEFT JOIN moved m ON m.item_id = i.id
        LEFT JOIN stands s ON s.item_id = i.id
        WHERE v.item_id IS NULL OR coalesce(m.value, 0) <> v.value
            OR coalesce(s.on_hand, 0) <> v.quantity OR coalesce(s.reserved, 0) <> v.reserved
    """,
    "no balance is below zero, none reserved beyond what is there": """
        SELECT item_id AS item, location_id AS location, lot_id AS lot, on_hand, reserved
        FROM inventory_stockbalance WHERE on_hand < 0 OR reserved < 0 OR reserved > on_hand
    """,
    "only real locations hold a balance": f"""
        SELECT id, item_id AS item, location_id AS location, on_hand FROM inventory_stockbalance
        WHERE location_id NOT IN ({_REAL})
    """,
    "a reversal undoes the quantity of one movement, the other way round": """
        SELECT r.id AS reversal, m.id AS movement, r.quantity, m.quantity AS original
        FROM inventory_stockmovement r JOIN inventory_stockmovement m ON m.id = r.reverses_id
        WHERE r.quantity <> m.quantity OR r.item_id <> m.item_id OR r.lot_id IS DISTINCT FROM m.lot_id
            OR r.from_location_id <> m.to_location_id OR r.to_location_id <> m.from_location_id
    """,
}


#: So many are named in the event; the command lists them all.
_TOLD = 20


@contextmanager
def one_view() -> Iterator[None]:
    """Let all queries inside see the same moment, however many postings arrive meanwhile."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def require_sound() -> int:
    """Return the number of movements, all of them verified.

    Raises `LedgerBroken` where an invariant fails, and tells it to the outbox as `ledger.broken`.
    """
    with one_view():
        found = list(offences())
        count = StockMovement.objects.count()
    if found:
        outbox.record(
            "ledger.broken",
            offences=[
                {"invariant": one.invariant, **{name: str(value) for name, value in one.row.items()}}
                for one in found[:_TOLD]
            ],
            count=len(found),
        )
        raise LedgerBroken(offences=len(found))
    return count


def offences() -> Iterator[Offence]:
    """Yield every row that breaks an invariant of the ledger, from one consistent view of the database."""
    with connection.cursor() as cursor:
        for invariant, query in INVARIANTS.items():
            cursor.execute(query)
            names = [column.name for column in cursor.description]
            for row in cursor.fetchall():
                yield Offence(invariant, dict(zip(names, row, strict=True)))
