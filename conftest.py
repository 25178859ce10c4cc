"""Fixtures that every app's tests share."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase
from django.utils import timezone, translation
from psycopg import sql
from rest_framework.test import APIClient

from accounts import sessions
from accounts.models import User
from accounts.tests.factories import UserFactory
from ipms.append_only import ALLOW_TRUNCATE

_RUN_AS_APPLICATION = "tests-run-as-application"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Remember what the migrations put in: it comes back when a test has emptied the database."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        tables = [
            name for name in connection.introspection.table_names(cursor) if name != "django_migrations"
        ]
        rows = {name: content for name in tables if (content := _copy_out(cursor, name))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: _start_over(tables, rows))
        yield


@pytest.fixture(autouse=True)
def _application_role(request) -> Iterator[None]:
    """Let tests run with the rights of the web and the workers, also on the connections of threads.

    Making and emptying the database stays the owner's.
    """
    if not (
        {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db")
    ):
        yield
        return
    request.getfixturevalue("db")
    _as_application(connection=connection)
    connection_created.connect(_as_application, dispatch_uid=_RUN_AS_APPLICATION)
    yield
    connection_created.disconnect(dispatch_uid=_RUN_AS_APPLICATION)
    if not connection.in_atomic_block:  # else rolling back ends it
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@pytest.fixture(autouse=True)
def _nobody_is_spoken_to() -> None:
    """A page that the test before opened leaves its reader's language and clock with this thread."""
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture
def staff(db) -> User:
    return UserFactory()


@pytest.fixture
def manager(db) -> User:
    return UserFactory(manager=True)


@pytest.fixture
def admin(db) -> User:
    return UserFactory(admin=True)


@pytest.fixture
def api() -> Callable[..., APIClient]:
    """Return a client of the API that is logged in as a user, or as nobody: `api(manager).get("/api/…")`."""

    def client(user: User | None = None, **headers: str) -> APIClient:
        if user is not None:
            headers.setdefault("Authorization", f"Bearer {sessions.start(user).access}")
        return APIClient(headers=headers)

    return client


@pytest.fixture
def as_application() -> Callable[[str], None]:
    """Run a statement with the rights of the web and the workers."""
    return _run_as(settings.DATABASE_APP_ROLE)


@pytest.fixture
def as_owner() -> Callable[[str], None]:
    """Run a statement with the rights of the owner of the tables."""
    return _run_as(None)


def _run_as(role: str | None) -> Callable[[str], None]:
    def run(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, session_user")
            before, login = cursor.fetchone()
            cursor.execute(f"SET ROLE {role or login}")
            # Where the statement fails, rolling back takes the role back too.
            cursor.execute(statement)
            cursor.execute(f"SET ROLE {before}")

    return run


def _as_application(connection, **kwargs) -> None:
    if settings.DATABASE_APP_ROLE:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {connection.ops.quote_name(settings.DATABASE_APP_ROLE)}")


def _columns(cursor, table: str) -> sql.Composable:
    # A generated column is never written.
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attgenerated = '' ORDER BY attnum",
        [table],
    )
    return sql.SQL(", ").join(sql.Identifier(name) for (name,) in cursor.fetchall())


def _copy_out(cursor, table: str) -> bytes:
    statement = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT")
    with cursor.copy(statement.format(_columns(cursor, table), sql.Identifier(table))) as copy:
        return b"".join(bytes(part) for part in copy)


def _start_over(tables: list[str], rows: dict[str, bytes]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {ALLOW_TRUNCATE} = 'on'")
        cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, tables))))
        # Foreign keys are checked at the end of the transaction: the order does not matter.
        for table, content in rows.items():
            statement = sql.SQL("COPY {} ({}) FROM STDIN")
            with cursor.copy(statement.format(sql.Identifier(table), _columns(cursor, table))) as copy:
                copy.write(content)
