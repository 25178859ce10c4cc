"""A phone comes back from a day without a network: a batch of 500 operations."""

import secrets
import time
from collections.abc import Iterator

from bench import stage
from bench.report import Table, milliseconds, quantile, rate, say
from tests.server import Site

_OPERATIONS = 500
_PATH = "/api/inventory/movements/batch"


def measure(site: Site, *, is_quick: bool) -> Iterator[Table]:
    """Yield the table of batches."""
    say(f"Posting batches of {_OPERATIONS}")
    items = [item.pk for item in stage.make_items(50)]
    client = site.client()
    latencies, replays = [], []
    for _batch in range(2 if is_quick else 5):
        operations = _operations(items)
        for measured, is_replay in ((latencies, False), (replays, True)):
            asked = time.perf_counter()
            results = client.post(_PATH, {"operations": operations})["results"]
            measured.append(time.perf_counter() - asked)
            assert all(result["status"] == 200 for result in results), results[0]
            assert all(result["replayed"] == is_replay for result in results), results[0]
    here = stage.client(site.token())
    operations = _operations(items)
    queries = stage.queries_of(lambda: here.post(_PATH, {"operations": operations}, format="json"))

    table = Table(
        f"Batches of {_OPERATIONS} operations",
        ["", "operations a second", "p50 ms", "worst ms", "queries each"],
    )
    for name, measured, cost in (
        ("new", latencies, f"{queries / _OPERATIONS:.1f}"),
        ("sent again", replays, ""),
    ):
        table.rows.append(
            [
                name,
                rate(_OPERATIONS * len(measured) / sum(measured)),
                milliseconds(1000 * quantile(measured, 0.5)),
                milliseconds(1000 * max(measured)),
                cost,
            ]
        )
    yield table


def _operations(items: list[int]) -> list[dict[str, object]]:
    mark = secrets.token_hex(6)
    return [
        {
            "key": f"{mark}-{number}",
            "type": "remove" if number % 3 == 2 else "add",
            "item": items[number // 3 % len(items)],
            "quantity": "1",
        }
        for number in range(_OPERATIONS)
    ]
