import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from ipms import metrics, shared_counts
from ipms.celery import app
from ipms.models import JobRun, JobStatus
from ipms.queues import NAME

pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]


def figures(client):
    """Return what /metrics says: {(name, labels): value}."""
    page = client.get("/metrics").content.decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_requests_are_counted_by_the_pattern_of_their_route(api, manager, client):
    before = figures(client)

    api(manager).get("/api/rates/7")
    api(manager).get("/api/rates/8")

    after = figures(client)
    labels = "GET", "/api/rates/<pk>"
    assert after["ipms_http_requests_total", *labels, "4xx"] - before.get(
        ("ipms_http_requests_total", *labels, "4xx"), 0
    ) == 2  # fmt: skip
    assert after["ipms_http_request_seconds_count", *labels] >= 2
    assert after["ipms_http_queries_total", *labels] > 0
    assert after["ipms_http_database_seconds_total", *labels] > 0


def test_each_job_says_when_it_went_well_and_whether_it_fails(client):
    long_ago, just_now = timezone.now() - timedelta(hours=2), timezone.now() - timedelta(hours=1)
    JobRun.objects.create(
        name="orders.overdue", due=long_ago, status=JobStatus.DONE, ended_at=long_ago + timedelta(seconds=9)
    )
    JobRun.objects.create(name="orders.overdue", due=just_now, status=JobStatus.FAILED, ended_at=just_now)

    seen = figures(client)

    assert seen["ipms_job_failing", "orders.overdue"] == 1
    assert seen["ipms_job_runs", "orders.overdue", "failed"] == 1
    assert seen["ipms_job_last_success_timestamp_seconds", "orders.overdue"] == pytest.approx(
        long_ago.timestamp() + 9
    )


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        pytest.param("GET", "/api/no/such/thing", ("GET", "unknown"), id="an address that is none"),
        pytest.param("GET", "/static/no.css", ("GET", "/static/"), id="a file"),
        pytest.param("BREW", "/api/who", ("OTHER", "/api/who"), id="a method that is none"),
    ],
)
def test_what_a_stranger_asks_makes_no_new_series(client, method, path, labels):
    client.generic(method, path)

    assert ("ipms_http_request_seconds_count", *labels) in figures(client)


def test_tasks_that_wait_are_counted(client):
    with app.connection_for_write() as broker, broker.SimpleQueue(NAME) as queue:
        queue.clear()
        queue.put({"any": "task"})
        waiting = figures(client)["ipms_queue_length", NAME]
        queue.clear()
        left = figures(client)["ipms_queue_length", NAME]

    assert (waiting, left) == (1, 0)


def test_queue_that_cannot_be_asked_is_left_out(client, monkeypatch):
    monkeypatch.setattr(app.conf, "broker_read_url", "redis://127.0.0.1:1/0")

    assert ("ipms_queue_length", NAME) not in figures(client)


def test_figure_that_cannot_be_read_does_not_spoil_the_others(client):
    @metrics.measure("ipms_test_broken", "Cannot be read.")
    def broken():
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column")

    try:
        assert figures(client)[("ipms_database_up",)] == 1
    finally:
        del metrics._measures["ipms_test_broken"]


COUNTING = """
import os, sys
from pathlib import Path
from ipms import shared_counts
shared_counts.prepare(Path(sys.argv[1]))
from prometheus_client import CollectorRegistry, Counter, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector
values.ValueClass = values.MultiProcessValue(process_identifier=shared_counts.slot)
bolts = Counter("bolts", "Bolts.")
bolts.inc(int(sys.argv[2]))
if os.fork() == 0:
    bolts.inc(int(sys.argv[3]))
    print(shared_counts.slot(), flush=True)
    sys.stdin.readline()
    os._exit(0)
print(shared_counts.slot(), flush=True)
sys.stdin.readline()
everything = CollectorRegistry()
MultiProcessCollector(everything)
print(generate_latest(everything).decode())
"""


class Counting:
    """A process and its fork that count, until they are let go."""

    def __init__(self, folder, *amounts):
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", COUNTING, str(folder), *map(str, amounts)],
            cwd=configured.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.slots = {self.process.stdout.readline(), self.process.stdout.readline()}

    def let_go(self):
        """Return how many bolts all have counted."""
        page, _ = self.process.communicate("go\ngo\n")
        return next(float(line.split()[1]) for line in page.splitlines() if line.startswith("bolts_total "))


def test_processes_add_up_what_they_count_and_a_dead_one_is_not_forgotten(tmp_path):
    first, second = Counting(tmp_path, 1, 10), Counting(tmp_path, 100, 1000)

    living = dict(shared_counts.processes(tmp_path))
    first.process.kill()
    first.process.wait()

    assert len(first.slots | second.slots) == len(living) == 4
    assert second.let_go() == 1111


def test_successor_of_a_dead_process_counts_on_in_its_file(tmp_path):
    keeper = Counting(tmp_path, 1, 0)

    files = []
    for _round in range(3):
        Counting(tmp_path, 10, 0).let_go()
        files.append(len(list(tmp_path.glob("*.db"))))

    assert keeper.let_go() == 31
    assert len(set(files)) == 1


def test_start_after_everything_ended_counts_from_zero(tmp_path):
    Counting(tmp_path, 5, 0).let_go()

    assert Counting(tmp_path, 7, 0).let_go() == 7
