"""What nobody posts and yet happens to stock: a level is raised, a day passes."""

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction
from django.db.models import F, Q

from inventory.models import ItemValuation
from ipms import money, outbox


@transaction.atomic
def tell_low_stock() -> int:
    """Record `stock.low` for items that fell to their reorder level without a posting; return how many.

    The ledger itself tells what a posting does, and notes beside the valuation how the item stood. Where
    that note is no longer true, the level was changed: a raised one is told once, a lowered one is noted.
    """
    outdated = (
        ItemValuation.objects.annotate(stands_low=Q(item__reorder_level__gte=F("quantity") - F("reserved")))
        .exclude(is_low=F("stands_low"))
        .select_related("item")
        .select_for_update(of=("self",), no_key=True)
        .order_by("item")
    )
    found = list(outdated)
    low = [valuation for valuation in found if valuation.stands_low]
    ItemValuation.objects.filter(pk__in=[valuation.pk for valuation in low]).update(is_low=True)
    risen = [valuation.pk for valuation in found if not valuation.stands_low]
    ItemValuation.objects.filter(pk__in=risen).update(is_low=False)
    told = [
        {"item": valuation.pk, "available": money.plain(valuation.quantity - valuation.reserved)}
        for valuation in low
        if valuation.item.is_active
    ]
    outbox.record_many("stock.low", told)
    return len(told)


@transaction.atomic
def warn_of_expiry(*, on: date, thresholds: Sequence[int]) -> int:
    """Record `lot.expiring` for lots in stock that expire within a threshold of days; return how many.

    Once for each lot and threshold: a lot that comes with five days left is told for seven, not for thirty
    as well. What has expired counts for the smallest.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH near AS (
                SELECT l.id, l.item_id, l.expires_on, l.expires_on - %(on)s::date AS days_left,
                    (SELECT min(t) FROM unnest(%(thresholds)s::int[]) AS t
                     WHERE l.expires_on - %(on)s::date <= t) AS threshold
                FROM inventory_lot l
                WHERE l.expires_on <= %(on)s::date + (SELECT max(t) FROM unnest(%(thresholds)s::int[]) AS t)
                AND EXISTS (SELECT FROM inventory_stockbalance b WHERE b.lot_id = l.id AND b.on_hand > 0)
            ), told AS (
                INSERT INTO inventory_lotwarning (lot_id, expires_on, days, told_at)
                SELECT id, expires_on, threshold, now() FROM near
                ON CONFLICT DO NOTHING
                RETURNING lot_id
            )
            SELECT id, item_id, expires_on, days_left FROM near JOIN told ON lot_id = id
            ORDER BY expires_on, id
            """,
            {"on": on, "thresholds": list(thresholds)},
        )
        rows = cursor.fetchall()
    outbox.record_many(
        "lot.expiring",
        [
            {"lot": lot, "item": item, "expires_on": expires_on.isoformat(), "days_left": days_left}
            for lot, item, expires_on, days_left in rows
        ],
    )
    return len(rows)
