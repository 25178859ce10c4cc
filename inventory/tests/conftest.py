import pytest
from django.conf import settings
from django.db import connection


def _run_as(role):
    def run(statement):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, session_user")
            before, login = cursor.fetchone()
            cursor.execute(f"SET ROLE {role or login}")
            # Where the statement fails, rolling back takes the role back too.
            cursor.execute(statement)
            cursor.execute(f"SET ROLE {before}")

    return run


@pytest.fixture
def as_application():
    """Run a statement with the rights of the web and the workers."""
    return _run_as(settings.DATABASE_APP_ROLE)


@pytest.fixture
def as_owner():
    """Run a statement with the rights of the owner of the tables."""
    return _run_as(None)
