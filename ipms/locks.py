"""Locks that a database session holds: the server drops them with it, so a killed worker keeps none."""

from typing import Any

from django.db import connection


class SessionLock:
    """A lock by name, held by this thread's database session until it is released or the session ends."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._session: Any = None

    def take(self) -> bool:
        """Take the lock, or return False where another session holds it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [self._name])
            is_ours = bool(cursor.fetchone()[0])
        self._session = connection.connection if is_ours else None
        return is_ours

    def release(self) -> None:
        # A session that was dropped meanwhile has let go by itself.
        session, self._session = self._session, None
        if session is not None and session is connection.connection and not session.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [self._name])
