"""Document numbers without gaps, per kind and year."""

from django.db import connection


def take(kind: str, year: int, *, count: int = 1) -> list[str]:
    """Take the next `count` numbers, such as `PO-2031-00007`; call it inside the document's transaction.

    The sequence stays locked until that transaction ends: a rollback gives the numbers back, so that there
    is never a gap, and two callers never get the same number.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ipms_numbersequence AS s (kind, year, last_number) VALUES (%s, %s, %s)
            ON CONFLICT (kind, year) DO UPDATE SET last_number = s.last_number + excluded.last_number
            RETURNING last_number
            """,
            [kind, year, count],
        )
        (last,) = cursor.fetchone()
    return [f"{kind}-{year}-{number:05}" for number in range(last - count + 1, last + 1)]
