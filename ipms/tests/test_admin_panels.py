"""The first page: how it is put together, and what who runs the site sees there."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from ipms.admin import panels
from ipms.jobs.lateness import late_jobs
from ipms.jobs.running import TASK
from ipms.models import JobRun, JobStatus, MailStatus, OutgoingMail, WebhookEndpoint
from ipms.testing.back_office import cells_of, enter, first_page

pytestmark = pytest.mark.django_db


def ran(name, *, started_at=None, status=JobStatus.DONE, due=None, **fields):
    now = timezone.now()
    ended = None if status == JobStatus.RUNNING else now
    run = JobRun.objects.create(name=name, due=due or now, status=status, ended_at=ended, **fields)
    if started_at:
        JobRun.objects.filter(pk=run.pk).update(started_at=started_at)
    return run


def shown(admin, name):
    cache.clear()
    return cells_of(first_page(enter(admin))[name])


class TestTheFrame:
    class Nothing(panels.TablePanel):
        title, group, empty, headings = "Nothing", "waiting", "Nothing waits.", ["One"]

        def rows(self, request):
            return []

    class Something(Nothing):
        title = "Something"

        def rows(self, request):
            return [["a"]]

    class Secret(Something):
        permission = ("inventory.view_item", "inventory.delete_item")

    def page(self, user, *of):
        request = SimpleNamespace(user=user)
        return panels.first_page([panel() for panel in of], request)

    def test_what_has_nothing_to_show_is_said_in_a_line(self, staff):
        (group,) = self.page(staff, self.Nothing, self.Something)

        assert [entry["panel"].title for entry in group["entries"]] == ["Something"]
        assert [entry["panel"].title for entry in group["clear"]] == ["Nothing"]

    def test_a_panel_takes_all_its_permissions(self, staff, admin):
        assert self.page(staff, self.Secret) == []
        assert len(self.page(admin, self.Secret)) == 1

    def test_a_panel_without_a_neighbour_takes_the_whole_width(self, staff):
        class Wide(self.Something):
            width = "full"

        (group,) = self.page(staff, self.Something, self.Something, self.Something, Wide, self.Something)

        assert [entry["width"] for entry in group["entries"]] == ["half", "half", "full", "full", "full"]


class TestJobs:
    def test_one_that_failed_is_told_with_the_last_line_of_its_error(self, admin):
        ran("orders.overdue", status=JobStatus.FAILED, error="Traceback\n  File\nValueError: no rate")

        ((job, state, said),) = shown(admin, "TroubledJobs")

        assert (job, said) == ("Overdue orders", "ValueError: no rate")
        assert state.startswith("Failed")

    def test_one_that_went_well_since_is_not(self, admin):
        ran("orders.overdue", status=JobStatus.FAILED, due=timezone.now() - timedelta(days=1))
        ran("orders.overdue")

        assert shown(admin, "TroubledJobs") == []

    def test_one_that_hangs_is(self, admin):
        ran("orders.overdue", status=JobStatus.RUNNING, started_at=timezone.now() - timedelta(hours=4))

        ((_job, state, said),) = shown(admin, "TroubledJobs")

        assert state.startswith("Hangs")
        assert said == "It has been running for 4 hours."


class TestLateJobs:
    NOW = datetime(2031, 5, 7, 9, 0, tzinfo=UTC)

    def daily(self, name="backup.nightly", **fields):
        at_two, _is_new = CrontabSchedule.objects.get_or_create(minute="0", hour="2", timezone="UTC")
        return self.task(name, crontab=at_two, **fields)

    def task(self, name, **fields):
        return PeriodicTask.objects.create(name=name, task=TASK, kwargs=json.dumps({"name": name}), **fields)

    def late(self):
        return [(job.name, job.due) for job in late_jobs(now=self.NOW)]

    def test_a_daily_job_is_late_from_a_quarter_of_an_hour_after_its_time(self):
        self.daily()
        ran("backup.nightly", due=datetime(2031, 5, 6, 2, 0, tzinfo=UTC))

        assert self.late() == [("backup.nightly", datetime(2031, 5, 7, 2, 0, tzinfo=UTC))]
        assert late_jobs(now=datetime(2031, 5, 7, 2, 14, tzinfo=UTC)) == []

    def test_one_that_began_is_not_late_whatever_came_of_it(self):
        self.daily()
        ran("backup.nightly", due=datetime(2031, 5, 7, 2, 0, tzinfo=UTC), status=JobStatus.FAILED)

        assert self.late() == []

    def test_one_that_is_switched_off_is_not_late(self):
        self.daily(enabled=False)
        ran("backup.nightly", due=datetime(2031, 5, 1, 2, 0, tzinfo=UTC))

        assert self.late() == []

    @pytest.mark.parametrize(("minutes", "count"), [(14, 0), (16, 1)], ids=["soon enough", "too late"])
    def test_one_that_is_due_every_minute_may_miss_some(self, minutes, count):
        each_minute = IntervalSchedule.objects.create(every=60, period="seconds")
        self.task("mails.send", interval=each_minute)
        ran("mails.send", due=self.NOW - timedelta(minutes=minutes))

        assert len(self.late()) == count

    def test_the_first_page_tells_of_it(self, admin):
        now = timezone.now()
        at = now - timedelta(hours=2)
        crontab = CrontabSchedule.objects.create(minute=str(at.minute), hour=str(at.hour), timezone="UTC")
        self.task("backup.nightly", crontab=crontab)
        ran("backup.nightly", due=now - timedelta(days=1, hours=2))

        ((job, state, said),) = shown(admin, "TroubledJobs")

        assert job == "Nightly backup"
        assert state.startswith("Late")
        assert said == "It should have begun 2 hours ago."


def test_mail_that_was_given_up_is_told_with_the_reason(admin):
    mail = OutgoingMail.objects.create(
        to="ama@example.com", subject="Low", text="Low", message_id="<1>", status=MailStatus.FAILED
    )
    OutgoingMail.objects.filter(pk=mail.pk).update(last_error="550 No such user")
    OutgoingMail.objects.create(to="b@example.com", subject="Sent", text="", message_id="<2>")

    ((what, _when, why),) = shown(admin, "LostMail")

    assert (what, why) == ("Low / ama@example.com", "550 No such user")


def test_an_address_that_answers_no_more_is_told(admin):
    for name, failures in (("Books", 3), ("Shop", 0)):
        WebhookEndpoint.objects.create(
            name=name, url="https://example.com", topics=["*"], created_by=admin, failures_in_a_row=failures
        )

    ((endpoint, failures, last),) = shown(admin, "FailingWebhooks")

    assert endpoint.startswith("Books")
    assert (failures, last) == ("3 in a row", "never")


class TestHealth:
    def test_who_runs_the_site_sees_all_of_it_in_words(self, admin):
        cache.clear()
        page = enter(admin).get(reverse("admin:index")).content.decode()

        assert "Nobody knows whether the newest backup can be restored." in page
        assert "PostgreSQL" in page

    def test_others_are_told_only_what_is_wrong(self, manager, staff):
        cache.clear()
        assert "Alarm" in first_page(enter(manager))
        alarm = first_page(enter(manager))["Alarm"]

        assert {found.state for found in alarm["troubles"]} == {"bad"}
        assert not {"Alarm", "SiteHealth", "TroubledJobs"} & set(first_page(enter(staff)))
        assert "SiteHealth" not in first_page(enter(manager))


def test_the_page_of_an_app_leads_to_its_work_too(staff):
    page = enter(staff).get(reverse("admin:app_list", args=["inventory"]))

    assert page.status_code == 200
    middle = page.content.decode().split('id="content-main"')[1]
    assert reverse("admin:inventory_handling") in middle
    assert reverse("admin:suppliers_supplier_changelist") not in middle
