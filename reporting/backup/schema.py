"""The tables of another version: emptied out, and made anew by the migrations that a backup names."""

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from reporting.backup.errors import BackupError

#: Kind of what a migration makes in the schema, and how to find it; what an extension owns stays.
_MADE = {
    "TABLE": """
        SELECT quote_ident(relname) FROM pg_class c WHERE relkind IN ('r', 'p') AND %s
    """,
    "VIEW": "SELECT quote_ident(relname) FROM pg_class c WHERE relkind = 'v' AND %s",
    "SEQUENCE": "SELECT quote_ident(relname) FROM pg_class c WHERE relkind = 'S' AND %s",
    "ROUTINE": """
        SELECT quote_ident(proname) || '(' || pg_get_function_identity_arguments(c.oid) || ')'
        FROM pg_proc c WHERE %s
    """,
    "TEXT SEARCH CONFIGURATION": "SELECT quote_ident(cfgname) FROM pg_ts_config c WHERE %s",
    "TEXT SEARCH DICTIONARY": "SELECT quote_ident(dictname) FROM pg_ts_dict c WHERE %s",
    "TYPE": "SELECT quote_ident(typname) FROM pg_type c WHERE typtype IN ('c', 'd', 'e') AND %s",
    "COLLATION": "SELECT quote_ident(collname) FROM pg_collation c WHERE %s",
}
_NAMESPACE = {
    "ROUTINE": "pronamespace",
    "TEXT SEARCH CONFIGURATION": "cfgnamespace",
    "TEXT SEARCH DICTIONARY": "dictnamespace",
    "TYPE": "typnamespace",
    "COLLATION": "collnamespace",
}
_OURS = (
    "{} = 'public'::regnamespace "
    "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
)


def require_known(migrations: Collection[tuple[str, str]]) -> None:
    """Raises `BackupError` where a migration is not one of this version's."""
    known = MigrationExecutor(connection).loader
    unknown = [key for key in migrations if key not in known.disk_migrations and key not in known.graph.nodes]
    if unknown:
        app, name = sorted(unknown)[0]
        sentence = _("The backup is of a newer version of IPMS, which has the migration %(migration)s.")
        raise BackupError(sentence % {"migration": f"{app}.{name}"})


def require_current() -> None:
    """Raises `BackupError` where migrations wait: a copy would get them, and differ."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise BackupError(_("The database is not up to date: run manage.py migrate first."))


def drop_all(cursor: Any) -> None:
    """Drop everything in the schema `public` that is not an extension's."""
    for kind, query in _MADE.items():
        cursor.execute(query % _OURS.format(_NAMESPACE.get(kind, "relnamespace")))
        for (name,) in cursor.fetchall():
            # Both are PostgreSQL's own words, quoted by it.
            cursor.execute(f"DROP {kind} IF EXISTS public.{name} CASCADE")


def drop_foreign_keys(cursor: Any) -> list[str]:
    """Drop the foreign keys; return the statements that make them again, which check every row."""
    cursor.execute(
        """
        SELECT format('ALTER TABLE %s ', conrelid::regclass), quote_ident(conname), pg_get_constraintdef(oid)
        FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY conname
        """
    )
    found = cursor.fetchall()
    for alter, name, _definition in found:
        cursor.execute(f"{alter} DROP CONSTRAINT {name}")
    return [f"{alter} ADD CONSTRAINT {name} {definition}" for alter, name, definition in found]


def build(migrations: Collection[tuple[str, str]]) -> None:
    """Make the tables as these migrations do, inside the running transaction."""

    def settle(action: str, migration: Any | None = None, fake: bool | None = False) -> None:
        # Rows that a migration adds have checks to come, and their table could not be altered by the next.
        if action == "apply_success":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    executor = MigrationExecutor(connection, settle)
    graph = executor.loader.graph
    wanted = {key for key in migrations if key in graph.nodes}
    last = [
        key
        for key in sorted(wanted)
        if not any(child.key in wanted and child.key[0] == key[0] for child in graph.node_map[key].children)
    ]
    executor.migrate(last)
