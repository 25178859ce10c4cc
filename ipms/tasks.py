"""Jobs of no app in particular."""

from datetime import datetime

from celery import shared_task
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ipms import jobs, mail, outbox, webhooks
from ipms.api import idempotency
from ipms.celery import QuietTask
from ipms.health import signs
from ipms.importing import runs, working


@shared_task(base=QuietTask, ignore_result=True)
def heartbeat() -> None:
    """Say that beat and a worker are at work."""
    signs.give("tasks")


# The job tells of itself, and knows its own limit; Celery's is for a worker that cannot be interrupted.
@shared_task(base=QuietTask, ignore_result=True, time_limit=4 * 3600)
def run_job(name: str, due: str | None = None) -> None:
    """Run a registered job for the moment it was due; without one, now."""
    jobs.run(name, due=datetime.fromisoformat(due) if due else None)


@jobs.job(
    "jobs.rerun-lost",
    title=gettext_lazy("Start lost jobs again"),
    schedule=jobs.every(seconds=60),
    quiet=True,
)
def rerun_lost(run: jobs.Run) -> str:
    count = jobs.rerun_lost()
    return ngettext("%(count)d run started again.", "%(count)d runs started again.", count) % {"count": count}


@jobs.job("jobs.clean-up", title=gettext_lazy("Forget old job runs"), schedule=jobs.daily("03:50"))
def forget_old_runs(run: jobs.Run) -> str:
    count = jobs.forget_old()
    return ngettext("%(count)d record deleted.", "%(count)d records deleted.", count) % {"count": count}


@jobs.job("outbox.deliver", title=gettext_lazy("Deliver events"), schedule=jobs.every(seconds=5), quiet=True)
def deliver_events(run: jobs.Run) -> str:
    count = outbox.deliver(limit=1000)
    return ngettext("%(count)d event delivered.", "%(count)d events delivered.", count) % {"count": count}


@jobs.job("outbox.clean-up", title=gettext_lazy("Delete delivered events"), schedule=jobs.daily("03:40"))
def delete_delivered_events(run: jobs.Run) -> str:
    count = outbox.clean_up(keep=settings.OUTBOX_KEEP)
    return ngettext("%(count)d event deleted.", "%(count)d events deleted.", count) % {"count": count}


@jobs.job("mail.send", title=gettext_lazy("Send mail"), schedule=jobs.every(seconds=10), quiet=True)
def send_mail(run: jobs.Run) -> str:
    count = mail.send_waiting()
    return ngettext("%(count)d mail sent.", "%(count)d mails sent.", count) % {"count": count}


@jobs.job("mail.clean-up", title=gettext_lazy("Delete old mails"), schedule=jobs.daily("03:45"))
def delete_old_mails(run: jobs.Run) -> str:
    count = mail.clean_up(keep=settings.MAIL_KEEP)
    return ngettext("%(count)d mail deleted.", "%(count)d mails deleted.", count) % {"count": count}


@shared_task(ignore_result=True)
def work_at_import(pk: int) -> None:
    """Check, import or undo a spreadsheet."""
    working.work(pk)


@jobs.job(
    "imports.resume",
    title=gettext_lazy("Hand over imports that lost their worker"),
    schedule=jobs.every(seconds=60),
    quiet=True,
)
def resume_imports(run: jobs.Run) -> str:
    return _("%(count)d imports handed over.") % {"count": working.resume()}


@jobs.job("imports.clean-up", title=gettext_lazy("Delete old spreadsheets"), schedule=jobs.daily("03:35"))
def delete_old_spreadsheets(run: jobs.Run) -> str:
    return _("%(count)d files deleted.") % {"count": runs.clean_up(at=run.due)}


@jobs.job(
    "api.forget-keys", title=gettext_lazy("Forget old answers of the API"), schedule=jobs.daily("03:40")
)
def forget_idempotency_keys(run: jobs.Run) -> str:
    count = idempotency.forget_old()
    return ngettext("%(count)d answer deleted.", "%(count)d answers deleted.", count) % {"count": count}


@jobs.job(
    "webhooks.send",
    title=gettext_lazy("Send webhooks"),
    schedule=jobs.every(seconds=10),
    time_limit=180,
    quiet=True,
)
def send_webhooks(run: jobs.Run) -> str:
    sent = webhooks.send_due()
    return _("%(delivered)d delivered, %(failed)d failed.") % vars(sent)


@jobs.job(
    "webhooks.clean-up", title=gettext_lazy("Delete old webhook deliveries"), schedule=jobs.daily("03:55")
)
def forget_old_deliveries(run: jobs.Run) -> str:
    count = webhooks.clean_up(keep=settings.WEBHOOK_DELIVERIES_KEEP)
    return ngettext("%(count)d delivery deleted.", "%(count)d deliveries deleted.", count) % {"count": count}
