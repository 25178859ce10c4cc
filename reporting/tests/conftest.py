"""Fixtures of the reports' tests."""

import pytest
from django.db import connection

from reporting import stock_roll_up


@pytest.fixture
def this_database_alone(monkeypatch):
    """Let only transactions of this database hold the sums of the ledger back.

    Numbers of transactions are the whole server's, and each process of a parallel run has a database there.
    """

    def oldest_running():
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT min(held.transactionid::text::bigint)
                FROM pg_locks held JOIN pg_stat_activity session USING (pid)
                WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock'
                    AND session.datname = current_database()
                """
            )
            return cursor.fetchone()[0]

    monkeypatch.setattr(stock_roll_up, "_oldest_running_transaction", oldest_running)
