"""One number that stands for the whole ledger: two databases with the same digest hold the same movements.

The canonical bytes of a movement are one line: its columns in the order of `COLUMNS`, with a tab between
them, moments in UTC to the microsecond, figures with the decimals of their column, what is empty as `\\N`,
and tab, line feed, carriage return and backslash inside a text escaped as PostgreSQL's COPY does.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db import connection

#: Name and SQL of each column, as it stands in the canonical bytes.
COLUMNS: dict[str, str] = {
    "id": "id",
    "kind": "kind",
    "item": "item_id",
    "lot": "lot_id",
    "quantity": "quantity",
    "from_location": "from_location_id",
    "to_location": "to_location_id",
    "unit_cost": "unit_cost",
    "value": "value",
    "on_hand_after": "on_hand_after",
    "reason": "reason",
    "reference": "reference",
    "document": "document",
    "actor": "actor_id",
    "reverses": "reverses_id",
    "occurred_at": """to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "posted_at": """to_char(posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
}
_LINES = (
    f"COPY (SELECT {', '.join(COLUMNS.values())} FROM inventory_stockmovement ORDER BY id) "  # noqa: S608
    "TO STDOUT (ENCODING 'UTF8')"
)


def ledger_digest(cursor: Any = None) -> str:
    """Return the SHA-256, in hex, over the canonical bytes of all movements in the order of their keys.

    It sees what the cursor's transaction sees, and holds one block at a time. `cursor` is psycopg's, of
    another database; without one it is the site's.
    """
    digest = hashlib.sha256()
    if cursor is None:
        with connection.cursor() as own:
            for block in canonical_lines(own):
                digest.update(block)
    else:
        for block in canonical_lines(cursor):
            digest.update(block)
    return digest.hexdigest()


def canonical_lines(cursor: Any) -> Iterator[memoryview | bytes]:
    """Yield the canonical bytes of the movements, line by line."""
    with cursor.copy(_LINES) as lines:
        yield from lines
