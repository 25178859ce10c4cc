"""A phone comes back from a day without a network: all its operations in one request."""

import secrets
import time
from collections.abc import Iterator

from bench import stage
from bench.report import Table, milliseconds, quantile, rate, say
from tests.server import Site

#: As many as one request may carry.
_LARGEST = 500
_PATH = "/api/inventory/movements/batch"


def measure(site: Site, *, is_quick: bool) -> Iterator[Table]:
    """Yield the table of batches."""
    size = 100 if is_quick else _LARGEST
    say(f"Posting batches of {size}")
    items = [item.pk for item in stage.make_items(20 if is_quick else 50)]
    client = site.client()
    latencies, replays = [], []
    for _batch in range(1 if is_quick else 2):
        operations = _operations(items, size)
        for measured, is_replay in ((latencies, False), (replays, True)):
            asked = time.perf_counter()
            results = client.post(_PATH, {"operations": operations})["results"]
            measured.append(time.perf_counter() - asked)
            assert all(result["status"] == 200 for result in results), results[0]
            assert all(result["replayed"] == is_replay for result in results), results[0]
    queries = (_queries(site, items, 40) - _queries(site, items, 20)) / 20

    table = Table(
        f"Batches of {size} operations",
        ["", "operations a second", "p50 ms", "worst ms", "queries each"],
    )
    for name, measured, cost in (
        ("new", latencies, f"{queries:.1f}"),
        ("sent again", replays, ""),
    ):
        table.rows.append(
            [
                name,
                rate(size * len(measured) / sum(measured)),
                milliseconds(1000 * quantile(measured, 0.5)),
                milliseconds(1000 * max(measured)),
                cost,
            ]
        )
    yield table


def _queries(site: Site, items: list[int], count: int) -> int:
    here, operations = stage.client(site.token()), _operations(items, count)
    return stage.queries_of(lambda: here.post(_PATH, {"operations": operations}, format="json"))


def _operations(items: list[int], count: int) -> list[dict[str, object]]:
    mark = secrets.token_hex(6)
    return [
        {
            "key": f"{mark}-{number}",
            "type": "remove" if number % 3 == 2 else "add",
            "item": items[number // 3 % len(items)],
            "quantity": "1",
        }
        for number in range(count)
    ]
