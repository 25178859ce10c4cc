"""Stock as of a past moment, and the reports over it, on a ledger of a million movements."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
from django.db import connection
from django.utils import timezone

from bench import stage
from bench.report import Table, milliseconds, quantile, ratio, say
from inventory.models import LocationKind
from inventory.stock import virtual_location
from ipms import embedded
from reporting import dashboard, stock_history, stock_report, stock_roll_up
from reporting.stock_history import Moment
from reporting.stock_roll_up import REAL
from tests.server import Site

_ITEMS = 10_000
_DAYS = 730
_ROUNDS = 5

#: Every item moves each week: it comes to one shelf, is issued there, goes to the other, is issued there.
#: One paper in fifty came up to forty days late.
_SEED = """
WITH moved AS (
    INSERT INTO inventory_stockmovement (kind, item_id, quantity, from_location_id, to_location_id, unit_cost,
        value, on_hand_after, reason, reference, document, actor_id, occurred_at, posted_at)
    SELECT step.kind, i.id, step.quantity, step.source, step.target, 2.5, step.quantity * 2.5, 0, '', '', '',
        %(actor)s,
        happened - CASE WHEN (i.id + n) %% 50 = 0 THEN (i.id %% 40) * interval '1 day' ELSE interval '0' END,
        happened
    FROM generate_series(1, %(steps)s) AS n
    CROSS JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM inventory_item
        WHERE location_id = %(shelf)s) AS i
    CROSS JOIN LATERAL (SELECT now() - interval '1 hour'
        - (%(days)s::numeric * (%(steps)s - n + i.place / %(items)s::numeric) / %(steps)s)
            * interval '1 day' AS happened) AS clock
    JOIN (VALUES
        (0, 'receipt', 10, %(outside)s, %(shelf)s), (1, 'issue', 4, %(shelf)s, %(used)s),
        (2, 'transfer', 3, %(shelf)s, %(bench)s), (3, 'issue', 2, %(bench)s, %(used)s)
    ) AS step(number, kind, quantity, source, target) ON step.number = (n - 1) %% 4
    ORDER BY n, i.place
    RETURNING item_id, quantity, value, from_location_id, to_location_id
), entries AS (
    SELECT item_id, e.location_id, e.quantity, e.value FROM moved
    CROSS JOIN LATERAL (VALUES (to_location_id, quantity, value), (from_location_id, -quantity, -value))
        AS e(location_id, quantity, value)
    WHERE e.location_id IN (%(shelf)s, %(bench)s)
), stood AS (
    INSERT INTO inventory_stockbalance (item_id, location_id, on_hand, reserved)
    SELECT item_id, location_id, sum(quantity), 0 FROM entries GROUP BY 1, 2
)
UPDATE inventory_itemvaluation v SET quantity = e.quantity, value = e.value
FROM (SELECT item_id, sum(quantity) AS quantity, sum(value) AS value FROM entries GROUP BY 1) AS e
WHERE v.item_id = e.item_id
"""
_SEED_ITEMS = """
INSERT INTO inventory_item (sku, name, description, location_id, unit_id, barcode, unit_price, currency,
    reorder_level, reorder_quantity, safety_stock, tracking, is_active, created_at, updated_at)
SELECT 'HX-' || lpad(n::text, 6, '0'), 'Moved bolt ' || n, '', %(shelf)s, 'EA', '', 2.5, 'USD', 10, 40, 5,
    'none', true, now(), now()
FROM generate_series(1, %(items)s) AS n
"""
_PLAIN = f"""
SELECT item_id, location_id, sum(quantity), sum(value) FROM (
    SELECT m.item_id, e.location_id, e.quantity, e.value FROM inventory_stockmovement m
    CROSS JOIN LATERAL (VALUES
        (m.to_location_id, m.quantity, m.value), (m.from_location_id, -m.quantity, -m.value)
    ) AS e(location_id, quantity, value)
    WHERE m.occurred_at <= %(as_of)s AND m.posted_at <= %(known_at)s AND e.location_id IN ({REAL})
) AS entries GROUP BY item_id, location_id HAVING sum(quantity) <> 0 OR sum(value) <> 0
"""  # noqa: S608 - the text put in is a constant


def measure(site: Site, *, is_quick: bool) -> Iterator[Table]:
    """Yield the times of questions of the past, and of what is built on them."""
    movements = 100_000 if is_quick else 1_000_000
    say(f"Filling up the ledger by {movements:,} movements")
    _seed(site, movements)
    now = timezone.now()
    asked = {
        "eighteen months ago": Moment(as_of=now - timedelta(550)),
        "a year ago": Moment(as_of=now - timedelta(365)),
        "yesterday": Moment(as_of=now - timedelta(1)),
        "a year ago, as known ten days later": Moment(
            as_of=now - timedelta(365), known_at=now - timedelta(355)
        ),
    }
    say("Asking for stock of the past")
    plain = {name: _time(lambda moment=moment: _plain(moment)) for name, moment in asked.items()}
    alone = {name: _time(lambda moment=moment: _ask(moment)) for name, moment in asked.items()}
    began = time.perf_counter()
    stock_roll_up.catch_up()
    summing = time.perf_counter() - began
    _vacuum(site)
    table = Table(
        f"Stock as of a past moment, {movements:,} movements of {_ITEMS:,} items at two locations",
        ["", "plain sum ms", "without sums ms", "with sums ms", "of the plain sum"],
    )
    for name, moment in asked.items():
        _compare(moment)
        took = _time(lambda moment=moment: _ask(moment))
        table.rows.append(
            [name, *map(milliseconds, (plain[name], alone[name], took)), ratio(took, plain[name])]
        )
    yield table
    yield _work(now, summing, movements)


def _work(now: Any, summing: float, movements: int) -> Table:
    table = Table("Over the same ledger", ["", "p50 ms", "queries"])
    table.rows.append([f"summing up {movements:,} movements", milliseconds(1000 * summing), ""])
    for name, ask in {
        "summing up when nothing is new": stock_roll_up.roll_up,
        "report on stock, now": lambda: stock_report.build(now=now),
        "report on stock, a year ago": lambda: stock_report.build(
            now=now, at=Moment(as_of=now - timedelta(365))
        ),
        "dashboard, summary": lambda: dashboard.summary(now=now),
        "dashboard, metrics": lambda: dashboard.metrics(now=now),
    }.items():
        table.rows.append([name, milliseconds(_time(ask)), str(stage.queries_of(ask))])
    return table


def _time(ask: Callable[[], Any]) -> float:
    """Return the median of a few rounds, in milliseconds."""
    taken = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
    return quantile(taken, 0.5)


def _plain(moment: Moment) -> dict[tuple[int, int], tuple[Decimal, Decimal]]:
    known_at = moment.known_at or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN, {"as_of": moment.as_of, "known_at": known_at})
        return {(item, place): (quantity, value) for item, place, quantity, value in cursor.fetchall()}


def _ask(moment: Moment) -> dict[tuple[int, int], stock_history.Stock]:
    return stock_history.by_location(moment)


def _compare(moment: Moment) -> None:
    plain, found = _plain(moment), _ask(moment)
    if {key: stock.quantity for key, stock in found.items() if stock.quantity} != {
        key: quantity for key, (quantity, _value) in plain.items() if quantity
    } or sum(stock.value for stock in found.values()) != sum(value for _quantity, value in plain.values()):
        raise RuntimeError(f"Stock as of {moment} is not what the plain sum says.")


def _seed(site: Site, movements: int) -> None:
    shelf, bench = stage.make_shelf(), stage.make_shelf()
    with psycopg.connect(embedded.urls(site.var).database_owner_url) as owner:
        owner.execute(_SEED_ITEMS, {"shelf": shelf.pk, "items": _ITEMS})
        owner.execute(
            _SEED,
            {
                "steps": movements // _ITEMS,
                "items": _ITEMS,
                "days": _DAYS,
                "shelf": shelf.pk,
                "bench": bench.pk,
                "outside": virtual_location(LocationKind.SUPPLIER).pk,
                "used": virtual_location(LocationKind.CONSUMPTION).pk,
                "actor": stage.user().pk,
            },
        )
    _vacuum(site)


def _vacuum(site: Site) -> None:
    # As the server does by itself, a minute later.
    with psycopg.connect(embedded.urls(site.var).database_owner_url, autocommit=True) as owner:
        owner.execute(
            "VACUUM ANALYZE inventory_item, inventory_itemvaluation, inventory_stockbalance, "
            "inventory_stockmovement, reporting_stockmonth, reporting_stockclosing"
        )
