import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from ipms.jobs import periodic
from ipms.models import JobRun, JobStatus
from ipms.testing import back_office

pytestmark = pytest.mark.django_db

RUNS = "admin:ipms_jobrun_changelist"
TASKS = "admin:django_celery_beat_periodictask_changelist"


@pytest.fixture
def clean_up():
    """The row of a job that has nothing to do."""
    periodic.install()
    return PeriodicTask.objects.get(name="jobs.clean-up")


def record(name="jobs.clean-up", **values):
    values = {"status": JobStatus.DONE, "ended_at": timezone.now(), "due": timezone.now()} | values
    return JobRun.objects.create(name=name, **values)


def test_the_list_tells_what_each_run_did(admin):
    record(result="3 records deleted.")
    record("ledger.verify", status=JobStatus.FAILED, error="ValueError: no rates")

    page = back_office.enter(admin).get(reverse(RUNS)).content.decode()

    assert "Forget old job runs" in page
    assert "3 records deleted." in page
    assert "ValueError: no rates" in page
    assert "badge--bad" in page


def test_the_list_costs_the_same_for_many_runs(admin):
    browser = back_office.enter(admin)
    record()
    browser.get(reverse(RUNS))
    few = back_office.count_queries(lambda: browser.get(reverse(RUNS)))
    for _run in range(20):
        record()

    assert back_office.count_queries(lambda: browser.get(reverse(RUNS))) == few


def test_runs_are_found_by_job_and_status(admin):
    record(result="good one")
    record(status=JobStatus.FAILED, error="bad one")
    record("jobs.rerun-lost", result="another")

    browser = back_office.enter(admin)
    page = browser.get(reverse(RUNS), {"status": "done", "job": "jobs.clean-up"}).content.decode()

    assert "good one" in page
    assert "bad one" not in page
    assert "another" not in page


def test_a_button_runs_the_job_at_once(admin, clean_up):
    page = reverse("admin:django_celery_beat_periodictask_change", args=[clean_up.pk])

    answer = back_office.press(back_office.enter(admin), page, "/do/run-now/")

    assert "handed to a worker" in back_office.messages(answer)[0]
    assert JobRun.objects.get(name="jobs.clean-up").status == JobStatus.DONE


def test_what_is_no_job_is_refused_among_those_that_are(admin, clean_up):
    other = PeriodicTask.objects.create(
        name="other", task="ipms.tasks.heartbeat", interval=None, crontab=clean_up.crontab
    )
    chosen = {"action": "run_now", ACTION_CHECKBOX_NAME: [clean_up.pk, other.pk]}

    answer = back_office.enter(admin).post(reverse(TASKS), chosen, follow=True)

    assert JobRun.objects.get().name == "jobs.clean-up"
    assert any("Only jobs can be run by hand" in text for text in back_office.messages(answer))


def test_managers_neither_see_nor_run_jobs(manager, clean_up):
    browser = back_office.enter(manager)

    assert browser.get(reverse(RUNS)).status_code == 403
    page = reverse("admin:django_celery_beat_periodictask_action", args=[clean_up.pk, "run-now"])
    assert browser.post(page).status_code == 403
    assert not JobRun.objects.exists()
