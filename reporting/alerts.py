"""What people are told of their exports."""

from django.urls import reverse

from accounts.notifications import Kind, notify
from ipms import outbox
from ipms.models import OutboxEvent
from reporting import exportables
from reporting.models import Export


@outbox.subscribe("export.ready", name="reporting.export-ready")
def tell_that_an_export_is_ready(event: OutboxEvent) -> None:
    if export := _export(event):
        _tell(export, until=export.expires_at)


@outbox.subscribe("export.failed", name="reporting.export-failed")
def tell_that_an_export_failed(event: OutboxEvent) -> None:
    if export := _export(event):
        _tell(export, variant="failed", error=export.error)


def _export(event: OutboxEvent) -> Export | None:
    """Return the export, unless its owner has deleted it meanwhile."""
    return Export.objects.select_related("owner").filter(pk=event.payload["export"]).first()


def _tell(export: Export, **words: object) -> None:
    notify(
        [export.owner],
        Kind.REPORT_READY,
        key=f"export:{export.pk}:{export.status}",
        url=reverse("admin:reporting_export_change", args=[export.pk]),
        report=exportables.title_of(export.what),
        **words,  # type: ignore[arg-type]
    )
