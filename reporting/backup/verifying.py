"""Proof that a backup can be restored: it is, into a database of its own on the same server."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.translation import gettext as _
from psycopg import Connection, Error, sql

from reporting.backup import tables
from reporting.backup.errors import BackupError

#: Begins the names of scratch databases; the time when each was made follows.
_SCRATCH = "ipms_verify_"
#: No verification takes so long.
_ABANDONED_SECONDS = 4 * 3600


def verify(path: Path, *, passphrase: str = "", seconds: int = 0) -> None:
    """Restore a backup into a scratch database, compare all figures, and drop it again.

    The figures are the number and the digest of the rows of each table, the sums of balances and
    valuations, and the digest of the ledger. Raises `BackupError` where anything fails.
    """
    with _scratch() as database:
        restore_elsewhere(path, database, passphrase=passphrase, seconds=seconds)


def restore_elsewhere(
    path: Path,
    database: dict[str, Any],
    *,
    passphrase: str,
    replace: bool = False,
    role: str = "",
    seconds: int = 0,
    is_heard: bool = False,
) -> None:
    """Restore a backup into another database, by a process of its own: Django's migrations know but one.

    `role` is the application's role there, which is given its rights. With `is_heard` its steps are printed.
    """
    environment = os.environ | {
        "DATABASE_URL": url_of(database),
        "DATABASE_OWNER_URL": url_of(database),
        "DATABASE_APP_ROLE": role,
        "BACKUP_PASSPHRASE": passphrase,
    }
    command = [sys.executable, "manage.py", "restore", str(path.resolve()), "--database-only"]
    if replace:
        command.append("--yes")
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=None if is_heard else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=seconds or None,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BackupError(_("Restoring the backup took longer than it may.")) from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [str(done.returncode)]
        told = [line.removeprefix("CommandError: ") for line in lines if line.startswith("CommandError: ")]
        reason = (told or lines)[-1]
        raise BackupError(_("The backup could not be restored: %(reason)s") % {"reason": reason})


def url_of(database: dict[str, Any]) -> str:
    """Return a database of Django's settings as an address."""
    host, options = database.get("HOST") or "", dict(database.get("OPTIONS", {}))
    if host.startswith("/"):
        host, options["host"] = "", host
    who, password = (quote(database.get(name) or "", safe="") for name in ("USER", "PASSWORD"))
    if password:
        who += f":{password}"
    port = f":{database['PORT']}" if database.get("PORT") else ""
    asked = urlencode({name: value for name, value in options.items() if isinstance(value, str)}, safe="/")
    name = quote(database["NAME"], safe="")
    return f"postgresql://{who}{'@' if who else ''}{host}{port}/{name}" + (f"?{asked}" if asked else "")


@contextmanager
def _scratch() -> Iterator[dict[str, Any]]:
    """Lend an empty database on the server of this process's own."""
    own = tables.own_database()
    owner = {**own, **{name: settings.DATABASE_OWNER.get(name, "") for name in ("USER", "PASSWORD")}}
    name = f"{_SCRATCH}{int(time.time())}_{secrets.token_hex(4)}"
    try:
        with tables.connect(owner) as session:
            _drop_abandoned(session)
            session.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except Error as error:
        sentence = _("The owner of the tables could not make a database to verify the backup in: %(reason)s.")
        raise BackupError(sentence % {"reason": str(error).strip().splitlines()[0]}) from error
    try:
        yield {**owner, "NAME": name}
    finally:
        with tables.connect(owner) as session:
            _drop(session, name)


def _drop_abandoned(session: "Connection[Any]") -> None:
    """Drop what verifications have left behind whose process was killed."""
    found = session.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_SCRATCH])
    for (name,) in found.fetchall():
        made_at = name.removeprefix(_SCRATCH).partition("_")[0]
        if made_at.isdigit() and int(made_at) < time.time() - _ABANDONED_SECONDS:
            _drop(session, name)


def _drop(session: "Connection[Any]", name: str) -> None:
    session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
