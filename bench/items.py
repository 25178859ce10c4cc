"""The item list and its search at 10,000 and 100,000 items."""

from collections.abc import Iterator
from urllib.parse import quote

import psycopg

from bench import stage
from bench.report import Table, milliseconds, quantile, say
from inventory import categories
from inventory.models import Item
from ipms import embedded
from tests.http_clients import Pressure, press
from tests.server import Site

_PATH = "/api/inventory/items"
_MATERIALS = ("steel", "brass", "copper", "nylon", "rubber", "ceramic", "zinc", "bronze")
_FORMS = ("hexagonal", "hydraulic", "pneumatic", "flanged", "threaded", "sealed", "angular", "double")
_THINGS = ("bolt", "pump", "bearing", "valve", "coupling", "gasket", "motor", "sprocket", "filter", "belt")
_CATEGORIES = 20

#: What is asked, and with which query strings in turn; {page} is a page in the middle.
_CASES: list[tuple[str, list[str]]] = [
    ("first page", [""]),
    ("200 a page", ["?per_page=200"]),
    ("a page in the middle", ["?page={page}"]),
    ("newest first", ["?ordering=-updated_at"]),
    ("category with what is below it", ["?category=bench-0", "?category=bench-1"]),
    ("low on stock", ["?status=low-stock"]),
    ("category, location and status", ["?category=bench-2&location={location}&status=in-stock"]),
    (
        "search, three words",
        [f"?q={quote(words)}" for words in ("steel hydraulic pump", "gasket nylon sealed", "motor zinc 42")],
    ),
    ("search, word beginnings", [f"?q={quote(words)}" for words in ("bra thre", "coup pneu", "hyd val")]),
    (
        "search, slips of the finger",
        [f"?q={quote(words)}" for words in ("hydrulic pmup", "bearring cooper", "pnuematic valv")],
    ),
    ("search, one SKU", [f"?q=BX-{number:06}" for number in (17, 4711, 9999)]),
    ("search, no such word", ["?q=xylophone"]),
]

_SEED_ITEMS = """
INSERT INTO inventory_item (sku, name, description, category_id, location_id, unit_id, barcode, unit_price,
    currency, reorder_level, reorder_quantity, safety_stock, tracking, is_active, created_at, updated_at)
SELECT 'BX-' || lpad(n::text, 6, '0'),
    initcap(words.material || ' ' || words.form || ' ' || words.thing) || ' ' || n %% 97,
    'Kept for line ' || n %% 12 || ', drawing ' || md5(n::text),
    (%(categories)s::bigint[])[1 + n %% %(count)s], %(location)s, 'EA', (4000000000000 + n)::text, 2.5,
    'USD', 10, 40, 5, 'none', true, now() - n * interval '1 minute', now() - n * interval '1 minute'
FROM generate_series(%(first)s::int, %(last)s::int) AS n, LATERAL (SELECT
    (%(materials)s::text[])[1 + n %% 8] AS material, (%(forms)s::text[])[1 + n / 8 %% 8] AS form,
    (%(things)s::text[])[1 + n / 64 %% 10] AS thing) AS words
"""
#: An opening balance for each, from nothing to 49 pieces.
_SEED_STOCK = """
WITH new AS (
    SELECT i.id, i.location_id, (i.id %% 50)::numeric AS quantity
    FROM inventory_item i JOIN inventory_itemvaluation v ON v.item_id = i.id
    WHERE i.sku BETWEEN %(from_sku)s AND %(to_sku)s AND i.id %% 50 > 0
), moved AS (
    INSERT INTO inventory_stockmovement (kind, item_id, quantity, from_location_id, to_location_id, unit_cost,
        value, on_hand_after, reason, reference, document, actor_id, occurred_at, posted_at)
    SELECT 'opening', id, quantity, (SELECT id FROM inventory_location WHERE kind = 'opening'), location_id,
        2.5, quantity * 2.5, quantity, '', '', '', %(actor)s, now(), now() FROM new
), stood AS (
    INSERT INTO inventory_stockbalance (item_id, location_id, on_hand, reserved)
    SELECT id, location_id, quantity, 0 FROM new
)
UPDATE inventory_itemvaluation v SET quantity = new.quantity, value = new.quantity * 2.5
FROM new WHERE v.item_id = new.id
"""


def measure(site: Site, *, is_quick: bool) -> Iterator[Table]:
    """Yield a table for each number of items."""
    shelf = stage.make_shelf()
    parent = categories.create(slug="bench", name="Bench")
    below = [
        categories.create(slug=f"bench-{number}", name=f"Bench {number}", parent=parent).pk
        for number in range(_CATEGORIES)
    ]
    done = 0
    for total in (10_000,) if is_quick else (10_000, 100_000):
        say(f"Filling up to {total:,} items")
        _seed(site, shelf.pk, below, first=done + 1, last=total)
        done = total
        say("Listing and searching")
        yield _table(site, location=shelf.code, requests=6 if is_quick else 30)


def _table(site: Site, *, location: str, requests: int) -> Table:
    total = Item.objects.count()
    table = Table(f"Lists and search of {total:,} items", ["", "p50 ms", "p95 ms", "queries", "found"])
    here = stage.client(site.token())
    for name, patterns in _CASES:
        paths = [_PATH + pattern.format(page=total // 40, location=location) for pattern in patterns]
        outcome = press(
            [Pressure(port=site.port, token=site.token(), paths=paths, requests=max(requests, len(paths)))]
        )
        if set(outcome.answers) != {"200"}:
            raise RuntimeError(f"{name} was answered with {dict(outcome.answers)}")
        found = [here.get(path).json()["pagination"]["total"] for path in paths]
        table.rows.append(
            [
                name,
                milliseconds(1000 * quantile(outcome.latencies, 0.5)),
                milliseconds(1000 * quantile(outcome.latencies, 0.95)),
                str(max(stage.queries_of(lambda path=path: here.get(path)) for path in paths)),
                f"{found[0]:,}",
            ]
        )
    return table


def _seed(site: Site, location: int, below: list[int], *, first: int, last: int) -> None:
    with psycopg.connect(embedded.urls(site.var).database_owner_url, autocommit=True) as owner:
        with owner.transaction():
            owner.execute(
                _SEED_ITEMS,
                {
                    "categories": below,
                    "count": len(below),
                    "location": location,
                    "first": first,
                    "last": last,
                    "materials": list(_MATERIALS),
                    "forms": list(_FORMS),
                    "things": list(_THINGS),
                },
            )
            skus = {"from_sku": f"BX-{first:06}", "to_sku": f"BX-{last:06}", "actor": stage.user().pk}
            owner.execute(_SEED_STOCK, skus)
        owner.execute("VACUUM ANALYZE inventory_item, inventory_itemvaluation, inventory_stockbalance")
