"""Figures for Prometheus: what requests cost is counted; what the database knows is asked when it is wanted.

An app adds a figure of its own in a module that its `ready()` imports:

    @metrics.measure("ipms_mails_waiting", "Mails not sent yet.")
    def mails_waiting() -> float:
        return Mail.objects.waiting().count()

A measure is asked at every scrape: it costs one cheap query. With `labels` it answers a mapping from their
values to the figure.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.db import Error as DatabaseError
from django.http import HttpRequest
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
    values,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ipms import shared_counts

logger = logging.getLogger(__name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Answer = float | Mapping[tuple[str, ...], float]

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

# When a counter began is of no use here and doubles the page.
disable_created_metrics()
if settings.METRICS_FOLDER:
    values.ValueClass = values.MultiProcessValue(process_identifier=shared_counts.slot)

_counted = CollectorRegistry()
REQUESTS = Counter(
    "ipms_http_requests", "Requests answered.", ["method", "route", "status"], registry=_counted
)
SECONDS = Histogram(
    "ipms_http_request_seconds",
    "Time from the first middleware to the last byte handed to the server.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_counted,
)
QUERIES = Histogram(
    "ipms_http_request_queries",
    "Database queries of one request.",
    buckets=(0, 1, 2, 5, 10, 20, 50, 100, 200),
    registry=_counted,
)
QUERIES_BY_ROUTE = Counter(
    "ipms_http_queries", "Database queries of requests.", ["method", "route"], registry=_counted
)
DATABASE_SECONDS = Counter(
    "ipms_http_database_seconds", "Time that requests waited for the database.", ["method", "route"],
    registry=_counted,
)  # fmt: skip
SLOW_QUERIES = Counter(
    "ipms_slow_queries", "Statements that took longer than SLOW_QUERY_MS.", registry=_counted
)


@dataclass(frozen=True)
class _Measure:
    name: str
    description: str
    kind: Literal["gauge", "counter"]
    labels: Sequence[str]
    needs_database: bool
    ask: Callable[[], Answer]


_measures: dict[str, _Measure] = {}


def measure(
    name: str,
    description: str,
    *,
    kind: Literal["gauge", "counter"] = "gauge",
    labels: Sequence[str] = (),
    needs_database: bool = True,
) -> Callable[[Callable[[], Answer]], Callable[[], Answer]]:
    """Register the decorated function as a figure. A counter's name ends in `_total`."""

    def decorate(ask: Callable[[], Answer]) -> Callable[[], Answer]:
        _measures[name] = _Measure(name, description, kind, labels, needs_database, ask)
        return ask

    return decorate


def count_request(
    request: HttpRequest, status: int, *, seconds: float, queries: int, database_seconds: float
) -> None:
    """Count one answered request under the pattern of its route, never under its address."""
    method = request.method if request.method in _METHODS else "OTHER"
    route = _route(request)
    REQUESTS.labels(method, route, f"{status // 100}xx").inc()
    SECONDS.labels(method, route).observe(seconds)
    QUERIES.observe(queries)
    QUERIES_BY_ROUTE.labels(method, route).inc(queries)
    DATABASE_SECONDS.labels(method, route).inc(database_seconds)


def exposition() -> bytes:
    """Return every figure in Prometheus' text format; those of all processes that count together."""
    return b"".join(generate_latest(registry) for registry in (_all_counted(), _asked))


def _all_counted() -> CollectorRegistry:
    if not settings.METRICS_FOLDER:
        return _counted
    registry = CollectorRegistry()
    MultiProcessCollector(registry, settings.METRICS_FOLDER)
    return registry


class _Asked(Collector):
    """The measures, asked at the moment."""

    def collect(self) -> Iterable[Metric]:
        has_database = bool(_measures["ipms_database_up"].ask())
        for each in _measures.values():
            if not each.needs_database or has_database:
                yield from _metric(each)


_asked = CollectorRegistry()
_asked.register(_Asked())


def _metric(each: _Measure) -> Iterator[Metric]:
    try:
        answer = each.ask()
    except DatabaseError as error:
        logger.warning("the metric %s could not be read: %s", each.name, error)
        return
    family: type[GaugeMetricFamily | CounterMetricFamily] = (
        CounterMetricFamily if each.kind == "counter" else GaugeMetricFamily
    )
    if not isinstance(answer, Mapping):
        yield family(each.name, each.description, value=answer)
        return
    metric = family(each.name, each.description, labels=each.labels)
    for key, value in answer.items():
        metric.add_metric(key, value)
    yield metric


def _route(request: HttpRequest) -> str:
    if match := request.resolver_match:
        return _readable(match.route)
    return settings.STATIC_URL if request.path_info.startswith(settings.STATIC_URL) else "unknown"


@lru_cache(maxsize=2000)
def _readable(route: str) -> str:
    return simplify_regex(route)


def processes() -> dict[str, int]:
    """Return the number of each process that counts, by its slot."""
    if not settings.METRICS_FOLDER:
        return {"0": os.getpid()}
    return {str(slot): pid for slot, pid in shared_counts.processes(Path(settings.METRICS_FOLDER))}
