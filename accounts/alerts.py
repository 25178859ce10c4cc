"""What those who run the site are told of its working."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Subquery
from django.urls import reverse

from accounts.notifications import Kind, holders_of, notify, page_of
from ipms import jobs, outbox
from ipms.models import ImportRun, ImportStatus, JobRun, JobStatus, OutboxEvent, WebhookEndpoint

_ADMINISTRATORS = "ipms.change_sitesettings"
#: Jobs that tell of some of their failures by an event of their own.
_TOLD_APART = {"backup.nightly": "backup.failed", "ledger.verify": "ledger.broken"}


@outbox.subscribe("rate.stale", name="accounts.rate-stale")
def tell_of_an_old_rate(event: OutboxEvent) -> None:
    """Tell those who may enter rates."""
    newest = event.payload["newest"]
    words: dict[str, Any] = {"newest": date.fromisoformat(newest)} if newest else {}
    notify(
        holders_of("ipms.change_exchangerate"),
        Kind.RATE_STALE,
        key=f"{event.payload['currency']}:{event.pk}",
        url=reverse("admin:ipms_exchangerate_changelist"),
        variant="" if words else "missing",
        currency=event.payload["currency"],
        **words,
    )


@outbox.subscribe("job.failed", name="accounts.job-failed")
def tell_of_a_failed_job(event: OutboxEvent) -> None:
    """Tell once a day of each job: one that runs every few seconds may fail as often."""
    name, run = event.payload["job"], event.payload["run"]
    if _is_told_apart(name, run):
        return
    known = jobs.registered()
    notify(
        holders_of(_ADMINISTRATORS),
        Kind.JOB_FAILED,
        key=f"{name}:{event.created_at:%Y-%m-%d}",
        url=page_of(JobRun(pk=run)),
        job=known[name].title if name in known else name,
        error=event.payload["error"],
    )


@outbox.subscribe("import.ended", name="accounts.import-ended")
def tell_that_an_import_has_ended(event: OutboxEvent) -> None:
    """Tell its owner what a worker made of a spreadsheet."""
    run = ImportRun.objects.select_related("owner").filter(pk=event.payload["run"]).first()
    if run is None:
        return
    status = event.payload["status"]
    notify(
        [run.owner],
        Kind.IMPORT_ENDED,
        key=f"import:{run.pk}:{status}:{event.pk}",
        url=page_of(run),
        variant="" if status == ImportStatus.CHECKED else status,
        file=run.file_name,
        good=Decimal(run.good_count),
        new=Decimal(run.new_count),
        changed=Decimal(run.changed_count),
        bad=Decimal(run.bad_count),
        undone=Decimal(run.undone_count),
        error=run.error,
    )


@outbox.subscribe("backup.failed", name="accounts.backup-failed")
def tell_of_a_failed_backup(event: OutboxEvent) -> None:
    notify(
        holders_of(_ADMINISTRATORS),
        Kind.BACKUP_FAILED,
        key=str(event.pk),
        url=_failed_runs(),
        error=event.payload["error"],
    )


@outbox.subscribe("ledger.broken", name="accounts.ledger-broken")
def tell_of_a_broken_ledger(event: OutboxEvent) -> None:
    notify(
        holders_of(_ADMINISTRATORS),
        Kind.LEDGER_BROKEN,
        key=str(event.pk),
        url=_failed_runs(),
        offences=event.payload["count"],
    )


def _is_told_apart(name: str, run: int) -> bool:
    """Tell whether this run of a job recorded why it failed in words of its own."""
    began = JobRun.objects.filter(pk=run).values("started_at")
    own = OutboxEvent.objects.filter(topic=_TOLD_APART.get(name), created_at__gte=Subquery(began))
    return name in _TOLD_APART and own.exists()


def _failed_runs() -> str:
    return f"{reverse('admin:ipms_jobrun_changelist')}?status__exact={JobStatus.FAILED}"


@outbox.subscribe("webhook.given-up", name="accounts.webhook-given-up")
def tell_of_a_webhook_that_was_given_up(event: OutboxEvent) -> None:
    """Tell once a day of each endpoint, however many events did not reach it."""
    _tell_of_a_webhook(
        event,
        key=f"{event.payload['endpoint']}:{event.created_at:%Y-%m-%d}",
        event=event.payload["event"],
        error=event.payload["error"],
    )


@outbox.subscribe("webhook.switched-off", name="accounts.webhook-switched-off")
def tell_of_a_webhook_that_was_switched_off(event: OutboxEvent) -> None:
    _tell_of_a_webhook(event, key=f"{event.payload['endpoint']}:off:{event.pk}", variant="gone")


def _tell_of_a_webhook(happened: OutboxEvent, /, *, key: str, variant: str = "", **words: Any) -> None:
    """Tell who made the endpoint, as far as that is still theirs to see to, and the others who may."""
    notify(
        holders_of("ipms.change_webhookendpoint"),
        Kind.WEBHOOK_FAILED,
        key=key,
        url=page_of(WebhookEndpoint(pk=happened.payload["endpoint"])),
        variant=variant,
        endpoint=happened.payload["name"],
        **words,
    )
