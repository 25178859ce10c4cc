"""Tables out of a database and into it, by COPY, and the figures that prove two databases equal."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from inventory.digest import ledger_digest

_BLOCK = 1 << 18
#: Options that Django keeps to itself; the others are libpq's.
_DJANGOS = {"assume_role", "cursor_factory", "isolation_level", "pool", "server_side_binding"}
#: So that a value is the same text on every server.
_SESSION = """
SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex';
SET extra_float_digits = 1; SET timezone = 'UTC'; SET client_encoding = 'UTF8'
"""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as it is copied: the columns that are stored, and those that give its rows their order."""

    name: str
    columns: list[str]
    order: list[str]


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """Where the numbers of a table stand."""

    name: str
    value: int
    is_called: bool


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What must be equal in the database that was copied and the one that came of it."""

    #: By table.
    rows: dict[str, int]
    digests: dict[str, str]
    movements: int
    ledger_digest: str
    #: Sums over all balances and valuations, as text.
    on_hand: str
    value: str

    def differences(self, other: "Figures") -> list[str]:
        """Return, in words for a person, what `other` has otherwise."""
        found = [
            f"{table}: {count} / {other.rows.get(table)}"
            for table, count in self.rows.items()
            if other.rows.get(table) != count
        ]
        found += [
            f"{table}: {digest[:12]}… / {other.digests.get(table, '')[:12]}…"
            for table, digest in self.digests.items()
            if other.digests.get(table) != digest and self.rows[table] == other.rows.get(table)
        ]
        return found + [
            f"{name}: {getattr(self, name)} / {getattr(other, name)}"
            for name in ("movements", "ledger_digest", "on_hand", "value")
            if getattr(self, name) != getattr(other, name)
        ]


def connect(database: dict[str, Any], *, seconds: int = 0) -> "psycopg.Connection[Any]":
    """Open a session of its own, with one text for every value.

    `database` is as in Django's DATABASES; no statement of the session takes longer than `seconds`.
    """
    named = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    session: psycopg.Connection[Any] = psycopg.connect(
        dbname=database["NAME"],
        **{name: database[key] for name, key in named.items() if database.get(key)},
        connect_timeout=15,
        autocommit=True,
        **{name: value for name, value in database.get("OPTIONS", {}).items() if name not in _DJANGOS},
    )
    prepare(session.cursor())
    session.execute(sql.SQL("SET statement_timeout = {}").format(seconds * 1000))
    session.execute("SET lock_timeout = '60s'")
    return session


def prepare(cursor: Any) -> None:
    """Let the values of this session be written as on every other server."""
    for statement in _SESSION.split(";"):
        cursor.execute(statement)


def find_tables(cursor: Any, *, without: Iterable[str] = ()) -> list[Table]:
    """Return all tables of the schema `public` by their names, but for those `without`."""
    cursor.execute(
        """
        SELECT c.relname,
            array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''),
            coalesce((
                SELECT array_agg(k.attname::text ORDER BY p.place)
                FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS p(number, place)
                JOIN pg_attribute k ON k.attnum = p.number
                WHERE i.indrelid = c.oid AND i.indisprimary AND k.attrelid = c.oid
            ), '{}')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT c.relname = ANY(%s)
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        GROUP BY c.oid, c.relname ORDER BY c.relname
        """,
        [list(without)],
    )
    rows = cursor.fetchall()
    return [Table(name=name, columns=columns, order=order or columns) for name, columns, order in rows]


def find_sequences(cursor: Any) -> list[Sequence]:
    cursor.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace "
        "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"
    )
    found = []
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name)))
        value, is_called = cursor.fetchone()
        found.append(Sequence(name=name, value=value, is_called=is_called))
    return found


def is_empty(cursor: Any) -> bool:
    """Tell whether a database holds nothing but what migrations put there."""
    found = {table.name for table in find_tables(cursor)}
    if not found:
        return True
    if "accounts_user" not in found:
        return False
    cursor.execute("SELECT EXISTS (SELECT FROM accounts_user) OR EXISTS (SELECT FROM inventory_item)")
    return not cursor.fetchone()[0]


def copy_out(cursor: Any, table: Table) -> Iterator[bytes]:
    """Yield the rows of a table in blocks of COPY's text form, in the order of its key."""
    # The order of text depends on the server's language, unless one is named.
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attcollation <> 0",
        [f'public."{table.name}"'],
    )
    texts = {name for (name,) in cursor.fetchall()}
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        _names(table.columns),
        sql.Identifier(table.name),
        sql.SQL(", ").join(
            sql.SQL('{} COLLATE "C"').format(sql.Identifier(name)) if name in texts else sql.Identifier(name)
            for name in table.order
        ),
    )
    waiting = bytearray()
    with cursor.copy(statement) as rows:
        for row in rows:
            waiting += row
            if len(waiting) >= _BLOCK:
                yield bytes(waiting)
                waiting.clear()
    if waiting:
        yield bytes(waiting)


def copy_in(cursor: Any, table: Table, blocks: Iterable[bytes]) -> None:
    """Add rows to a table."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), _names(table.columns))
    with cursor.copy(statement) as rows:
        for block in blocks:
            rows.write(block)


def measure(cursor: Any, tables: Iterable[Table]) -> Figures:
    """Return the figures of these tables as they stand."""
    rows, digests = {}, {}
    for table in tables:
        digest, count = hashlib.sha256(), 0
        for block in copy_out(cursor, table):
            digest.update(block)
            count += block.count(b"\n")
        rows[table.name], digests[table.name] = count, digest.hexdigest()
    return figures(cursor, rows=rows, digests=digests)


def figures(cursor: Any, *, rows: dict[str, int], digests: dict[str, str]) -> Figures:
    """Return the figures of a database whose tables were counted already."""
    cursor.execute(
        "SELECT (SELECT count(*) FROM inventory_stockmovement), "
        "(SELECT coalesce(sum(on_hand), 0)::text FROM inventory_stockbalance), "
        "(SELECT coalesce(sum(value), 0)::text FROM inventory_itemvaluation)"
    )
    movements, on_hand, value = cursor.fetchone()
    return Figures(
        rows=rows,
        digests=digests,
        movements=movements,
        ledger_digest=ledger_digest(cursor),
        on_hand=on_hand,
        value=value,
    )


def own_database() -> dict[str, Any]:
    """Return the database that this process works on."""
    return dict(connection.settings_dict)


def _names(columns: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
