"""Whether the database is as this code wants it, asked without loading Django.

Loading Django and walking its migrations takes seconds, every start; a comparison of fingerprints takes none.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psycopg

from ipms.embedded import paths

DEMO_ACCOUNTS = {
    "admin@ipms.com": "admin123",
    "manager@ipms.com": "manager123",
    "staff@ipms.com": "staff123",
}


@dataclass(frozen=True)
class Fingerprint:
    """What the last start saw: the code that makes the schema, and what the database had applied."""

    code: str
    #: None where the database does not tell: nothing is applied, or only Django understands its address.
    applied: str | None


def is_current(var: Path, project: Path, database_url: str) -> bool:
    """Tell whether the last `migrate` from this code into this database still stands."""
    try:
        noted = Fingerprint(**json.loads(_file(var).read_text()))
    except (OSError, ValueError, TypeError):
        return False
    return noted.applied is not None and noted == _fingerprint(project, database_url)


def note(var: Path, project: Path, database_url: str) -> None:
    """Remember that everything is applied."""
    _file(var).write_text(json.dumps(vars(_fingerprint(project, database_url))))


def demo_accounts(database_url: str) -> dict[str, str]:
    """Return those demo accounts, with their first passwords, that the database has."""
    try:
        with psycopg.connect(database_url, connect_timeout=5) as connection:
            rows = connection.execute(
                "SELECT email FROM accounts_user WHERE is_active AND email = ANY(%s)", [list(DEMO_ACCOUNTS)]
            ).fetchall()
    except psycopg.Error:
        return {}
    present = {email for (email,) in rows}
    return {email: password for email, password in DEMO_ACCOUNTS.items() if email in present}


def _file(var: Path) -> Path:
    return paths.layout(var).var / "schema.json"


def _fingerprint(project: Path, database_url: str) -> Fingerprint:
    return Fingerprint(code=_code(project), applied=_applied(database_url))


def _code(project: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(_files_that_decide(project)):
        digest.update(f"{file.relative_to(project)}\0".encode() + file.read_bytes())
    # Libraries bring migrations of their own; a new version shows in the name of its folder.
    for name in sorted(f"{each.name} {each.version}" for each in metadata.distributions()):
        digest.update(name.encode())
    return digest.hexdigest()


def _files_that_decide(project: Path) -> Iterator[Path]:
    yield from project.glob("*/migrations/*.py")
    yield from (project / "ipms" / name for name in ("grants.py", "append_only.py"))


def _applied(database_url: str) -> str | None:
    try:
        with psycopg.connect(database_url, connect_timeout=5) as connection:
            rows = connection.execute("SELECT id, app, name FROM django_migrations ORDER BY id").fetchall()
    except psycopg.Error:
        return None
    return hashlib.sha256(repr(rows).encode()).hexdigest()
