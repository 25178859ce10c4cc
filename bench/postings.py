"""Stock postings over HTTP, beside plain SQL and an empty view; and the ledger without HTTP."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from django.db import transaction

from bench import stage
from bench.plain_sql import PlainSql
from bench.report import Rounds, Table, milliseconds, quantile, rate, ratio, say
from inventory import ledger
from inventory.ledger import Posting
from inventory.models import Item, LocationKind, MovementKind
from inventory.stock import virtual_location
from tests.http_clients import Pressure, press
from tests.server import Site

_CLIENTS = (1, 8)
_DIFFERENT, _HOT, _EMPTY = "add-stock, different items", "add-stock, one hot item", "GET /api/auth/me"
_PLAIN = {_DIFFERENT: "plain SQL, different items", _HOT: "plain SQL, one hot item"}


def measure(site: Site, *, is_quick: bool) -> Iterator[Table]:
    """Yield the two tables of postings."""
    rounds, seconds = (1, 0.6) if is_quick else (3, 1.5)
    different, hot = stage.make_items(25 if is_quick else 400), stage.make_items(1)
    say("Posting by HTTP, plain SQL and nothing at all, in turns")
    yield _by_http(site, {_DIFFERENT: different, _HOT: hot}, rounds=rounds, seconds=seconds)
    say("Posting in this process")
    yield _in_process(different, seconds=seconds)


def _by_http(site: Site, stocked: dict[str, list[Item]], *, rounds: int, seconds: float) -> Table:
    token, actor = site.token(), stage.user().pk
    pressures = {
        name: Pressure(
            port=site.port,
            token=token,
            method="POST",
            paths=[f"/api/inventory/items/{item.pk}/add-stock" for item in items],
            body={"quantity": "1"},
            keyed=True,
            seconds=seconds,
        )
        for name, items in stocked.items()
    }
    pressures[_EMPTY] = Pressure(port=site.port, token=token, paths=["/api/auth/me"], seconds=seconds)
    plain = {name: PlainSql(site, items, actor=actor) for name, items in stocked.items()}
    measured: dict[tuple[str, int], Rounds] = defaultdict(Rounds)
    for pressure in pressures.values():  # each thread of the server opens its connection
        press([replace(pressure, seconds=0, requests=5)] * max(_CLIENTS))
    for _round in range(rounds):
        for clients in _CLIENTS:
            for name, pressure in pressures.items():
                outcome = press([pressure] * clients)
                _require_success(name, outcome.answers)
                measured[name, clients].add(seconds=outcome.seconds, latencies=outcome.latencies)
            for name, sql in plain.items():
                sql.run(measured[_PLAIN[name], clients], clients=clients, seconds=seconds)

    table = Table(
        "Postings", ["", "clients", "per second", "p50 ms", "p95 ms", "of plain SQL", "of the empty view"]
    )
    for name in (_DIFFERENT, _HOT, *_PLAIN.values(), _EMPTY):
        for clients in _CLIENTS:
            figures = measured[name, clients].figures()
            floor = measured[_PLAIN[name], clients].figures().per_second if name in _PLAIN else 0
            empty = measured[_EMPTY, clients].figures().per_second if name in _PLAIN else 0
            table.rows.append(
                [
                    name,
                    str(clients),
                    rate(figures.per_second),
                    milliseconds(figures.p50),
                    milliseconds(figures.p95),
                    ratio(figures.per_second, floor) if floor else "",
                    ratio(figures.per_second, empty) if empty else "",
                ]
            )
    return table


def _in_process(stocked: list[Item], *, seconds: float) -> Table:
    table = Table(
        "ledger.post in one process", ["lines", "calls a second", "lines a second", "p95 ms", "queries"]
    )
    actor, outside = stage.user(), virtual_location(LocationKind.SUPPLIER)
    for lines in (1, 10, 100, 500):
        postings = [
            Posting(
                kind=MovementKind.RECEIPT,
                item=item,
                quantity=Decimal(1),
                from_location=outside,
                to_location=item.location,
            )
            for item in (stocked[number % len(stocked)] for number in range(lines))
        ]

        def post(postings=postings) -> None:
            ledger.post(postings, by=actor)

        with transaction.atomic():  # so that its own beginning and end do not count
            queries = stage.queries_of(post) - 2
        latencies = []
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            asked = time.perf_counter()
            post()
            latencies.append(time.perf_counter() - asked)
        calls = len(latencies) / (time.perf_counter() - began)
        p95 = 1000 * quantile(latencies, 0.95)
        table.rows.append([str(lines), rate(calls), rate(calls * lines), milliseconds(p95), str(queries)])
    return table


def _require_success(name: str, answers: Counter[str]) -> None:
    if set(answers) != {"200"}:
        raise RuntimeError(f"{name} was answered with {dict(answers)}")
