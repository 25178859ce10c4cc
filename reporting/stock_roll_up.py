"""Sums of the ledger by month, so that asking for stock of the past does not read all of it.

`roll_up` takes the movements beyond its watermark into `StockMonth` and `StockClosing`. Keys of movements
are given before their transactions end, so a smaller key may appear after a larger one. The watermark moves
to a key only when nothing below it can appear any more. A posting locks the valuations of its items before
it takes keys, so its transaction has a number by then; once every transaction that had a number when a key
was seen has ended, whatever has a smaller key is there.
"""

from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max

from inventory.models import LocationKind, StockMovement
from reporting.errors import SumsDiffered
from reporting.models import OPEN, StockClosing, StockMonth, StockRollUp

#: How many movements are summed up in one transaction.
CHUNK = 250_000

# ruff: noqa: S608 - the only text put in is the constants of this module
_KINDS = ", ".join(f"'{kind}'" for kind in LocationKind.real())
#: Only what stands inside the gate holds stock.
REAL = f"SELECT id FROM inventory_location WHERE kind IN ({_KINDS})"


def roll_up(*, most: int = CHUNK) -> int:
    """Sum up what has been posted since the last time; return how many movements that were.

    At most `most` at once: call it again until it returns 0. One caller at a time works, others wait. What
    is posted meanwhile, or by a transaction that still runs, comes the next time. It is a transaction of its
    own.
    """
    # Durable: inside another transaction the number below might be older than the key.
    with transaction.atomic(durable=True):
        newest, number = _newest_movement(), _own_transaction()
        state = _locked_state()
        after, safe = state.watermark, _safe(state, newest, number)
        keys = StockMovement.objects.filter(pk__gt=after, pk__lte=safe).order_by("pk")[:most]
        taken = keys.aggregate(count=Count("pk"), newest=Max("pk"))
        if taken["count"]:
            state.watermark = taken["newest"]
            _sum_up(after=after, up_to=state.watermark)
        state.save()
        return taken["count"]


def catch_up() -> int:
    """Sum up all that can be; return how many movements that were."""
    count = 0
    while taken := roll_up():
        count += taken
    return count


def require_sound() -> int:
    """Return how far the ledger is summed up, every sum verified against it.

    Where a sum differs, all are made anew from the ledger, and `SumsDiffered` is raised: answers are right
    again, and somebody hears of it.
    """
    if wrong := offences():
        rebuild()
        raise SumsDiffered(wrong)
    return StockRollUp.objects.values_list("watermark", flat=True).first() or 0


@transaction.atomic
def rebuild() -> None:
    """Make all sums anew from the ledger, as far as they went: the watermark never falls."""
    state = _locked_state()
    StockMonth.objects.all().delete()
    StockClosing.objects.all().delete()
    _sum_up(after=0, up_to=state.watermark)


def offences() -> int:
    """Return how many sums differ from what the ledger says up to the watermark; zero is right."""
    with connection.cursor() as cursor:
        cursor.execute(_OFFENCES, {"open": OPEN})
        return cursor.fetchone()[0]


def _sum_up(*, after: int, up_to: int) -> None:
    new: dict[str, Any] = {"after": after, "up_to": up_to, "open": OPEN}
    with connection.cursor() as cursor:
        cursor.execute(_ADD_MONTHS, new)
        cursor.execute(_CLOSE_MONTHS, new)


def _locked_state() -> StockRollUp:
    StockRollUp.objects.get_or_create(pk=1)
    return StockRollUp.objects.select_for_update().get(pk=1)


def _safe(state: StockRollUp, newest: int, number: int) -> int:
    """Return the newest key below which nothing can appear any more, and note the next candidate.

    `number` is that of our transaction, given after `newest` was seen: whatever may still bring a smaller
    key has a smaller number.
    """
    oldest_running = _oldest_running_transaction()
    if oldest_running >= number:
        state.candidate = 0
        return max(state.watermark, newest)
    safe = state.watermark
    if state.candidate and state.candidate_number <= oldest_running:
        safe = max(safe, state.candidate)
        state.candidate = 0
    # A number from before the database was restored on another server says nothing here.
    if not state.candidate or state.candidate_number > number:
        state.candidate, state.candidate_number = newest, number
    return safe


def _newest_movement() -> int:
    return _number("SELECT coalesce(max(id), 0) FROM inventory_stockmovement")


def _own_transaction() -> int:
    return _number("SELECT pg_current_xact_id()::text::bigint")


def _oldest_running_transaction() -> int:
    return _number("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def _number(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        (number,) = cursor.fetchone()
        return number


def month_of(expression: str) -> str:
    """Return the SQL of the first day of a moment's month, in UTC."""
    return f"date_trunc('month', {expression} AT TIME ZONE 'UTC')::date"


_WATERMARK = "(SELECT watermark FROM reporting_stockrollup)"
#: Movements as entries at real locations: what comes in counts, what goes out counts against.
_ENTRIES = f"""
    SELECT m.item_id, e.location_id, {month_of("m.occurred_at")} AS occurred_month,
        {month_of("m.posted_at")} AS posted_month, e.quantity, e.value
    FROM inventory_stockmovement m
    CROSS JOIN LATERAL (VALUES
        (m.to_location_id, m.quantity, m.value), (m.from_location_id, -m.quantity, -m.value)
    ) AS e(location_id, quantity, value)
    WHERE m.id > %(after)s AND m.id <= %(up_to)s AND e.location_id IN ({REAL})
"""
_ADD_MONTHS = f"""
    INSERT INTO reporting_stockmonth AS kept
        (item_id, location_id, occurred_month, posted_month, quantity, value)
    SELECT item_id, location_id, occurred_month, posted_month, sum(quantity), sum(value)
    FROM ({_ENTRIES}) AS entries GROUP BY 1, 2, 3, 4
    ON CONFLICT (item_id, location_id, occurred_month, posted_month) DO UPDATE
    SET quantity = kept.quantity + excluded.quantity, value = kept.value + excluded.value
"""
#: All closings of what was touched, from its months: a late paper changes those after it.
_CLOSE_MONTHS = f"""
    INSERT INTO reporting_stockclosing AS kept (item_id, location_id, month, until, quantity, value)
    SELECT item_id, location_id, occurred_month, coalesce(lead(occurred_month) OVER running, %(open)s),
        sum(quantity) OVER running, sum(value) OVER running
    FROM (
        SELECT item_id, location_id, occurred_month, sum(quantity) AS quantity, sum(value) AS value
        FROM reporting_stockmonth
        JOIN (SELECT DISTINCT item_id, location_id FROM ({_ENTRIES}) AS entries) AS touched
            USING (item_id, location_id)
        GROUP BY 1, 2, 3
    ) AS months
    WINDOW running AS (PARTITION BY item_id, location_id ORDER BY occurred_month)
    ON CONFLICT (item_id, location_id, month) DO UPDATE
    SET until = excluded.until, quantity = excluded.quantity, value = excluded.value
    WHERE (kept.until, kept.quantity, kept.value)
        IS DISTINCT FROM (excluded.until, excluded.quantity, excluded.value)
"""
_OFFENCES = f"""
    WITH entries AS (
        SELECT * FROM ({_ENTRIES.replace("%(after)s", "0").replace("%(up_to)s", _WATERMARK)}) AS entries
    ), moved AS (
        SELECT item_id, location_id, occurred_month, posted_month, sum(quantity) AS quantity,
            sum(value) AS value
        FROM entries GROUP BY 1, 2, 3, 4
    ), stood AS (
        SELECT item_id, location_id, occurred_month AS month, sum(sum(quantity)) OVER running AS quantity,
            sum(sum(value)) OVER running AS value,
            lead(occurred_month, 1, %(open)s) OVER running AS until
        FROM entries GROUP BY 1, 2, 3
        WINDOW running AS (PARTITION BY item_id, location_id ORDER BY occurred_month)
    )
    SELECT (
        SELECT count(*) FROM moved m FULL JOIN reporting_stockmonth k
            USING (item_id, location_id, occurred_month, posted_month)
        WHERE (m.quantity, m.value) IS DISTINCT FROM (k.quantity, k.value)
    ) + (
        SELECT count(*) FROM stood s FULL JOIN reporting_stockclosing k USING (item_id, location_id, month)
        WHERE (s.quantity, s.value, s.until) IS DISTINCT FROM (k.quantity, k.value, k.until)
    )
"""
