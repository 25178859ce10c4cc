"""Exports as the web server sends them: in constant memory, and no half a file that looks whole."""

import hashlib
import http.client
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from ipms import embedded
from ipms.embedded import processes
from tests import server

pytestmark = pytest.mark.slow

_ITEMS = 12_000
_CHUNK_BYTES = 64 * 1024
#: What twelve thousand rows held at once would take at the very least.
_GROWTH_ALLOWED_MB = 12
_MAKE = """
import sys, django
django.setup()
from reporting import exporting
assert exporting.make(int(sys.argv[1]))
"""
_ITEM = """
INSERT INTO inventory_item (sku, name, description, category_id, location_id, unit_id, barcode, unit_price,
    currency, reorder_level, reorder_quantity, safety_stock, tracking, is_active, created_at, updated_at)
SELECT 'EXP-' || lpad(n::text, 6, '0'), 'Bolt ' || n, repeat('Kept for line ' || n || '. ', 30), %s, NULL,
    'EA', '', 2.5, 'USD', 10, 40, 5, 'none', true, now(), now()
FROM generate_series(%s::int, %s::int) AS n
"""


@pytest.fixture(scope="module")
def stocked(site):
    """The site with many items, a tenth of them in a category of its own."""
    few, many = (
        site.client().post("/api/inventory/categories", {"slug": slug, "name": slug})["id"]
        for slug in (site.new("few"), site.new("many"))
    )
    with psycopg.connect(embedded.urls(site.var).database_owner_url, autocommit=True) as owner:
        owner.execute(_ITEM, [few, 1, _ITEMS // 10])
        owner.execute(_ITEM, [many, _ITEMS // 10 + 1, _ITEMS])
    site.few = few
    return site


def ask(site, query, *, address="/api/export/inventory"):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=300)
    address += query
    connection.request("GET", address, headers={"Authorization": f"Bearer {site.token()}"})
    response = connection.getresponse()
    assert response.status == 200
    return response


def read_all(response):
    size = 0
    while chunk := response.read(_CHUNK_BYTES):
        size += len(chunk)
    return size


def memory(pid, name):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(name)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("format", ["json", "csv", "xlsx", "pdf"])
def test_memory_of_the_web_server_does_not_grow_with_the_rows(stocked, format):
    processes = stocked.web_processes()
    # Several at once, so that each process has loaded what an export needs.
    with ThreadPoolExecutor(4 * len(processes)) as people:
        few = f"?format={format}&category={stocked.few}"
        list(people.map(lambda _: read_all(ask(stocked, few)), range(8 * len(processes))))
    before = {pid: memory(pid, "VmRSS") for pid in processes}
    for pid in processes:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # peaks count from here

    size = read_all(ask(stocked, f"?format={format}"))

    assert size > _ITEMS * 50
    assert max(memory(pid, "VmHWM") - before[pid] for pid in processes) < _GROWTH_ALLOWED_MB


def test_an_export_whose_worker_is_killed_is_made_by_the_next(stocked):
    """The worker dies at work, with kill -9; the next one begins anew and leaves one file."""
    asked = stocked.client().post("/api/exports", {"what": "inventory", "format": "pdf"})
    make = [sys.executable, "-c", _MAKE, str(asked["id"])]

    def export():
        return stocked.client().get(f"/api/exports/{asked['id']}")

    killed = subprocess.Popen(make, cwd=server.PROJECT, env=stocked.environment)
    assert processes.wait_until(lambda: export()["rows_done"], seconds=60)
    killed.kill()
    killed.wait()
    assert export()["status"] == "running"
    subprocess.run(make, cwd=server.PROJECT, env=stocked.environment, check=True)

    made = export()
    # Other tests of the same site may have made items of their own.
    listed = len(stocked.client().get("/api/export/inventory"))
    assert (made["status"], made["rows_done"], made["rows_total"]) == ("done", listed, listed)
    content = ask(stocked, "", address=made["download_url"]).read()
    assert hashlib.sha256(content).hexdigest() == made["sha256"]


@pytest.mark.parametrize("format", ["json", "csv"])
def test_an_export_whose_database_dies_does_not_look_whole(stocked, format):
    response = ask(stocked, f"?format={format}")
    received = response.read(_CHUNK_BYTES)

    stocked.kill_postgres()
    try:
        received += response.read()
    except (http.client.IncompleteRead, ConnectionError):
        received += b"\ncut off"
    finally:
        stocked.start_servers()

    if format == "json":
        with pytest.raises(json.JSONDecodeError):
            json.loads(received)
    else:
        last = received.splitlines()[-1]
        assert last.endswith(b"cut off") or b"This file is not complete" in last
    assert read_all(ask(stocked, f"?format={format}&category={stocked.few}"))
