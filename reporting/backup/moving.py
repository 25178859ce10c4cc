"""Moving the whole site to another PostgreSQL server, and proving that it arrived."""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import Error

from reporting.backup import making, schema, tables, verifying
from reporting.backup.errors import BackupError
from reporting.backup.tables import Figures


def move(target: dict[str, Any], *, role: str = "", while_in_use: bool = False) -> Figures:
    """Copy this process's database into an empty one and prove both equal; the old one stays as it is.

    `target` is as in Django's DATABASES, with the role that is to own the tables; `role` is the
    application's role there. Raises `BackupError` where the old database is not up to date or somebody
    else works on it (unless `while_in_use`: what is written meanwhile does not move), where the new one is
    not empty or cannot be reached, or where the two differ.
    """
    schema.require_current()
    if not while_in_use:
        _require_unused()
    _require_server(target, role=role)
    folder = settings.VAR / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix=".unfinished-", dir=folder) as file:
        figures = making.write(file, passphrase="", with_logins=True)
        file.flush()
        verifying.restore_elsewhere(Path(file.name), target, passphrase="", role=role, is_heard=True)
    with tables.connect(target) as session, session.cursor() as cursor:
        copied = [table for table in tables.find_tables(cursor) if table.name in figures.rows]
        if differing := figures.differences(tables.measure(cursor, copied)):
            sentence = _("The new database differs from the old one: %(differences)s.")
            raise BackupError(sentence % {"differences": "; ".join(differing[:5])})
    return figures


def _require_unused() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
        )
        (others,) = cursor.fetchone()
    if others:
        sentence = _(
            "%(count)d other sessions use the database: stop IPMS first, so that nothing is left behind."
        )
        raise BackupError(sentence % {"count": others})


def _require_server(target: dict[str, Any], *, role: str) -> None:
    try:
        with tables.connect(target) as session:
            if session.info.server_version < 150000:
                raise BackupError(_("The server is too old: IPMS needs PostgreSQL 15 or newer."))
            if not tables.is_empty(session.cursor()):
                raise BackupError(_("The new database is not empty: make an empty one."))
            if role and not session.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                sentence = _("The server has no role “%(role)s”: make it first (CREATE ROLE … LOGIN).")
                raise BackupError(sentence % {"role": role})
    except Error as error:
        sentence = _("The new database cannot be reached: %(reason)s")
        raise BackupError(sentence % {"reason": str(error).strip().splitlines()[0]}) from error
