from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse
from django.utils import timezone

from ipms import tasks
from ipms.celery import app
from ipms.health import findings, servers, signs, work
from ipms.models import JobRun, JobStatus, MailStatus, OutboxEvent, OutgoingMail
from ipms.testing.back_office import count_queries, enter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _all_at_work():
    signs.give("beat")
    signs.give("worker")
    tasks.heartbeat.delay()


def everything_stops():
    cache.clear()


def ran(name, *, hours_ago, status=JobStatus.DONE, result=""):
    """Record that a job ran; the clock of the record follows."""
    at = timezone.now() - timedelta(hours=hours_ago)
    run = JobRun.objects.create(name=name, due=at, status=status, ended_at=at, result=result)
    JobRun.objects.filter(pk=run.pk).update(started_at=at)


def test_page_tells_of_each_part_in_words(admin):
    ran("backup.nightly", hours_ago=6)
    ran("ledger.verify", hours_ago=5, result="7 movements: every invariant of the ledger holds.")

    page = enter(admin).get(reverse("admin:health"))

    assert page.status_code == 200
    text = page.content.decode()
    for title in (
        "Database",
        "Worker",
        "Scheduler",
        "Nightly backup",
        "Trial restore",
        "Proof of the ledger",
        "Clock",
    ):
        assert f">{title}</h2>" in text
    assert "7 movements: every invariant of the ledger holds." in text
    assert {found.title: found.state for found in page.context["findings"] if found.state == "bad"} == {}


def test_page_and_panel_are_for_those_with_the_permission(staff, manager):
    everything_stops()

    assert enter(manager).get(reverse("admin:health")).status_code == 200
    assert b"Needs attention" in enter(manager).get(reverse("admin:index")).content
    assert enter(staff).get(reverse("admin:health")).status_code == 403
    assert b"Needs attention" not in enter(staff).get(reverse("admin:index")).content


def test_first_page_is_silent_while_nothing_is_wrong(manager):
    assert b"Needs attention" not in enter(manager).get(reverse("admin:index")).content


def test_number_of_queries_does_not_grow_with_what_has_run(admin):
    client = enter(admin)
    url = reverse("admin:health")
    client.get(url)
    few = count_queries(lambda: client.get(url))
    for number in range(30):
        ran(f"job-{number}", hours_ago=number, status=JobStatus.FAILED)
        OutboxEvent.objects.create(topic="one", payload={})

    assert count_queries(lambda: client.get(url)) == few


@pytest.mark.parametrize(
    ("runs", "state"),
    [
        pytest.param([], "warn", id="never so far"),
        pytest.param([(6, "done")], "good", id="last night"),
        pytest.param([(40, "done")], "warn", id="a night was missed"),
        pytest.param([(80, "done")], "bad", id="three nights were missed"),
        pytest.param([(30, "done"), (6, "failed")], "bad", id="the last one failed"),
        pytest.param([(6, "failed")], "bad", id="only failures"),
        pytest.param([(6, "done"), (1, "skipped")], "good", id="one was skipped since"),
    ],
)
def test_nightly_work_is_as_good_as_its_last_nights(runs, state):
    for hours_ago, status in runs:
        ran("boiler.sweep", hours_ago=hours_ago, status=JobStatus(status))

    found = findings.of_daily_job(
        "boiler.sweep", title="Boiler", means="Warm.", missed="Cold.", do="Sweep it."
    )

    assert found.state == state
    assert bool(found.do) is (state != "good")


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        pytest.param([], "bad", id="nobody is there"),
        pytest.param(["worker"], "warn", id="it listens and nobody speaks"),
        pytest.param(["worker", "beat"], "bad", id="it listens and does nothing"),
        pytest.param(["worker", "beat", "tasks"], "good", id="all are at work"),
        pytest.param(["tasks"], "good", id="a task was carried out"),
    ],
)
def test_worker_is_judged_by_the_work_that_is_done(parts, state):
    everything_stops()
    for part in parts:
        signs.give(part)

    assert work.worker().state == state


@pytest.mark.parametrize(("minutes", "state"), [(1, "good"), (5, "warn"), (60, "bad")])
def test_event_that_waits_too_long_is_told(minutes, state):
    event = OutboxEvent.objects.create(topic="stock.low", payload={})
    OutboxEvent.objects.filter(pk=event.pk).update(created_at=timezone.now() - timedelta(minutes=minutes))

    assert work.events().state == state


def test_mail_that_was_given_up_is_told():
    OutgoingMail.objects.create(
        to="a@example.com", subject="Low", text="Low", message_id="<1>", status=MailStatus.FAILED
    )

    assert (work.mails().state, work.mails().value) == ("bad", "1 given up since yesterday")


def test_job_that_fails_is_told_by_its_title():
    ran("orders.overdue", hours_ago=30)
    ran("orders.overdue", hours_ago=6, status=JobStatus.FAILED)

    assert (work.jobs().state, work.jobs().value) == ("bad", "Overdue orders")


def test_queue_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setattr(app.conf, "broker_read_url", "redis://127.0.0.1:1/0")

    assert work.queue().state == "bad"


def test_database_that_is_behind_the_code_is_told(monkeypatch):
    assert servers.migrations().state == "good"
    applied = MigrationRecorder.applied_migrations

    def all_but_one(recorder):
        return {key: row for key, row in applied(recorder).items() if key != ("ipms", "0001_functions")}

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", all_but_one)

    assert servers.migrations().state == "bad"


@pytest.mark.parametrize(
    ("free_gib", "state"), [(50, "good"), (1.5, "warn"), (0.4, "bad")], ids=["room", "little", "nothing"]
)
def test_disk_that_fills_up_is_told(monkeypatch, free_gib, state):
    usage = type("Usage", (), {"total": 100 * 1024**3, "free": int(free_gib * 1024**3)})
    monkeypatch.setattr(servers.shutil, "disk_usage", lambda folder: usage)

    assert servers.disk().state == state


def test_worst_comes_first():
    ran("backup.nightly", hours_ago=80)

    assert [found.state for found in findings.troubles()][:1] == ["bad"]
