"""Orders that should have come by now."""

from datetime import date

from django.db import connection, transaction

from ipms import outbox
from procurement.models import OrderStatus

#: The supplier has said yes, and goods are still to come.
_AWAITED = [OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED]


@transaction.atomic
def tell_overdue(*, on: date) -> int:
    """Record `order.overdue` for orders expected before `on`; once for each order and week of lateness.

    Returns how many were told.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH late AS (
                SELECT id, expected_date, %(on)s::date - expected_date AS days
                FROM procurement_purchaseorder
                WHERE status = ANY(%(awaited)s) AND expected_date < %(on)s::date
            ), told AS (
                INSERT INTO procurement_overduenotice (order_id, expected_date, week, told_at)
                SELECT id, expected_date, days / 7, now() FROM late
                ON CONFLICT DO NOTHING
                RETURNING order_id
            )
            SELECT id, days FROM late JOIN told ON order_id = id ORDER BY id
            """,
            {"on": on, "awaited": _AWAITED},
        )
        rows = cursor.fetchall()
    outbox.record_many("order.overdue", [{"order": order, "days_late": days} for order, days in rows])
    return len(rows)
