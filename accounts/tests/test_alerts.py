"""What those who run the site are told of its working."""

import pytest
from django.utils import timezone

from accounts.models import Kind, Notification
from accounts.tests.factories import UserFactory
from ipms import outbox
from ipms.models import JobRun, OutgoingMail

pytestmark = pytest.mark.django_db


def told(kind):
    outbox.deliver()
    return {one.user for one in Notification.objects.filter(kind=kind)}


def test_old_rate_is_told_to_those_who_may_enter_a_newer_one(staff, manager, admin):
    outbox.record("rate.stale", currency="RWF", newest="2031-02-03")

    assert told(Kind.RATE_STALE) == {manager, admin}
    assert Notification.objects.get(user=admin).body == "The newest one is of 3 Feb 2031."


def test_rate_that_was_never_entered_is_told_in_other_words(admin):
    outbox.record("rate.stale", currency="RWF", newest=None)
    outbox.deliver()

    assert Notification.objects.get(user=admin).title == "There is no exchange rate of RWF"


def test_job_that_fails_every_few_seconds_is_told_once_a_day(manager, admin):
    for run in range(5):
        outbox.record("job.failed", job="outbox.deliver", error="OSError: no room", run=run)
    outbox.record("job.failed", job="mail.send", error="OSError: no room", run=6)

    assert told(Kind.JOB_FAILED) == {admin}
    assert [one.title for one in Notification.objects.filter(user=admin).order_by("pk")] == [
        "The job “Deliver events” failed",
        "The job “Send mail” failed",
    ]


def test_failure_that_has_words_of_its_own_is_told_once(admin):
    run = JobRun.objects.create(name="backup.nightly", due=timezone.now())
    outbox.record("backup.failed", error="The disk is full.")
    outbox.record("job.failed", job="backup.nightly", error="The disk is full.", run=run.pk)

    assert told(Kind.BACKUP_FAILED) == {admin}
    assert told(Kind.JOB_FAILED) == set()


def test_failure_that_has_no_words_of_its_own_is_told_as_the_job_s(admin):
    outbox.record("backup.failed", error="The disk was full last night.")
    run = JobRun.objects.create(name="backup.nightly", due=timezone.now())
    outbox.record("job.failed", job="backup.nightly", error="It took too long.", run=run.pk)

    assert told(Kind.JOB_FAILED) == {admin}


def test_job_is_named_in_the_reader_s_language_even_when_it_is_gone(admin):
    outbox.record("job.failed", job="once.was", error="?", run=1)
    outbox.deliver()

    assert "once.was" in Notification.objects.get().title


@pytest.mark.parametrize(
    ("topic", "payload", "kind"),
    [
        ("backup.failed", {"error": "The disk is full."}, Kind.BACKUP_FAILED),
        ("ledger.broken", {"offences": [{"invariant": "1"}], "count": 1}, Kind.LEDGER_BROKEN),
    ],
    ids=["backup", "ledger"],
)
def test_what_endangers_the_books_is_told_each_time_and_by_mail(admin, manager, topic, payload, kind):
    UserFactory(admin=True, is_active=False)
    outbox.record(topic, **payload)
    outbox.record(topic, **payload)

    assert told(kind) == {admin}
    assert Notification.objects.filter(kind=kind).count() == 2
    assert OutgoingMail.objects.filter(to=admin.email).count() == 2


def test_what_failed_leads_to_the_runs_that_did(client, admin):
    outbox.record("ledger.broken", offences=[], count=3)
    outbox.deliver()
    client.force_login(admin)

    told = Notification.objects.get()

    assert told.body.startswith("Offences found: 3.")
    assert client.get(told.url).status_code == 200


def test_webhook_that_does_not_arrive_is_told_once_a_day_of_each_endpoint(manager, admin):
    for event in ("order.approved 7", "order.approved 8"):
        outbox.record("webhook.given-up", endpoint=3, delivery=1, name="ERP", event=event, error="Timeout")
    outbox.record("webhook.given-up", endpoint=4, delivery=2, name="Shop", event="stock.low 9", error="500")

    assert told(Kind.WEBHOOK_FAILED) == {admin}
    assert [one.title for one in Notification.objects.filter(user=admin).order_by("pk")] == [
        "Webhooks to ERP do not arrive",
        "Webhooks to Shop do not arrive",
    ]


def test_webhook_that_was_switched_off_is_told_as_such(admin):
    outbox.record("webhook.switched-off", endpoint=3, name="ERP")

    assert told(Kind.WEBHOOK_FAILED) == {admin}
    assert Notification.objects.get().title == "Webhooks to ERP were switched off"
