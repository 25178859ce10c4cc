"""Exports of all items and of a twentieth of them: how long, how large, and how much the web server grew."""

import http.client
import time
from collections.abc import Iterator
from pathlib import Path

from bench.report import Table, say
from inventory.models import Item
from tests.server import Site

_PATH = "/api/export/inventory"
_FORMATS = ("json", "csv", "xlsx", "pdf")
_TIMEOUT_SECONDS = 900
_CHUNK_BYTES = 1024 * 1024


def measure(site: Site, *, is_quick: bool) -> Iterator[Table]:
    """Yield one table. It takes the items as they are: run it after what makes them."""
    total = Item.objects.count()
    some = Item.objects.filter(category__slug="bench-0").count()
    table = Table(
        "Exports of items",
        ["", f"{some:,} rows, s", "grew by, MB", f"{total:,} rows, s", "file, MB", "grew by, MB"],
    )
    for format in _FORMATS:
        say(f"Exporting as {format}")
        _download(site, f"?format={format}&category=bench-0")  # what is loaded once is no growth
        short = _download(site, f"?format={format}&category=bench-0")
        long = _download(site, f"?format={format}")
        table.rows.append(
            [
                format.upper(),
                f"{short.seconds:.1f}",
                f"{short.grown:.0f}",
                f"{long.seconds:.1f}",
                f"{long.megabytes:.1f}",
                f"{long.grown:.0f}",
            ]
        )
    yield table


class _Outcome:
    """What one download has cost."""

    def __init__(self, *, seconds: float, megabytes: float, grown: float) -> None:
        self.seconds, self.megabytes, self.grown = seconds, megabytes, grown


def _download(site: Site, query: str) -> _Outcome:
    processes = site.web_processes()
    before = {pid: _memory(pid, "VmRSS") for pid in processes}
    for pid in processes:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak counts from here
    began = time.monotonic()
    size = _fetch(site, _PATH + query)
    seconds = time.monotonic() - began
    grown = max(_memory(pid, "VmHWM") - before[pid] for pid in processes)
    return _Outcome(seconds=seconds, megabytes=size / 1e6, grown=grown / 1024)


def _fetch(site: Site, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=_TIMEOUT_SECONDS)
    connection.request("GET", path, headers={"Authorization": f"Bearer {site.token()}"})
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(f"{path} was answered with {response.status}")
    size = 0
    while chunk := response.read(_CHUNK_BYTES):
        size += len(chunk)
    connection.close()
    return size


def _memory(pid: int, name: str) -> int:
    """Return what Linux says of a process's memory, in kilobytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise RuntimeError(f"/proc says nothing of {name}")
