"""A time limit that holds in any thread: the embedded worker runs jobs in threads, which cannot be killed.

A watchdog interrupts the thread wherever it is: a running statement is cancelled at the server, and Python
code gets `TimeLimitReached` at its next instruction. Only a call that waits in C for something else than
the database is not interrupted: whoever opens a socket sets its timeout.
"""

import ctypes
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

import psycopg
from django.db import connection


class TimeLimitReached(BaseException):
    """The job took longer than it may. No `Exception`, so that no job takes it for one of its own."""


class Deadline:
    """`with Deadline(300): …` ends the block after so many seconds by raising `TimeLimitReached`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._lock = threading.Lock()
        self._is_left = False
        self._thread = threading.get_ident()
        self._session: Any = None
        self._timer = threading.Timer(seconds, self._interrupt)
        self._timer.daemon = True

    def __enter__(self) -> "Deadline":
        connection.ensure_connection()
        self._session = connection.connection
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            self._is_left = True
        self._timer.cancel()
        if self.is_over:
            # It may still be on its way, or have been overtaken by what the cancelled statement raised.
            _raise_in(self._thread, None)
            raise TimeLimitReached from error

    def _interrupt(self) -> None:
        with self._lock:
            if self._is_left:
                return
            self.is_over = True
            _raise_in(self._thread, TimeLimitReached)
            # The thread may be waiting for the server, where no exception reaches it.
            with suppress(psycopg.Error):
                self._session.cancel_safe(timeout=5)


def _raise_in(thread: int, kind: type[BaseException] | None) -> None:
    argument = ctypes.py_object(kind) if kind else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), argument)
