"""The first page of who runs the site: jobs, mails and webhooks that somebody should look at."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ipms import jobs
from ipms.admin.columns import stacked
from ipms.admin.display import badge, moment
from ipms.admin.panels import TablePanel, link_for
from ipms.jobs.lateness import late_jobs
from ipms.models import JobRun, JobStatus, MailStatus, OutgoingMail, WebhookEndpoint
from ipms.models.jobs import WENT_WRONG

_ROWS = 6
_ERROR_LENGTH = 90
#: A run that is no nearer to its end after so long hangs; as on the health page.
_HANGS_AFTER = timedelta(hours=3)
#: What could not be sent longer ago is known.
_REMEMBERED = timedelta(days=7)


@admin.site.register_panel
class TroubledJobs(TablePanel):
    """Jobs that failed when they ran last, that hang, or that should have begun."""

    title = gettext_lazy("Scheduled jobs")
    permission = "ipms.view_jobrun"
    group = "site"
    order = 20
    headings = [gettext_lazy("Job"), gettext_lazy("State"), gettext_lazy("What it says")]
    empty = gettext_lazy("All scheduled jobs went well and are in time.")
    more_url = reverse_lazy("admin:ipms_jobrun_changelist")

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        now = timezone.now()
        wrong = JobRun.objects.filter(
            Q(pk__in=JobRun.objects.newest_ended().values("pk"), status__in=WENT_WRONG)
            | Q(status=JobStatus.RUNNING, started_at__lt=now - _HANGS_AFTER)
        )
        rows = [
            [
                link_for(request, run, _title(run.name)),
                stacked(_state(run), moment(run.started_at)),
                _last_line(run.error)
                or _("It has been running for %(time)s.") % {"time": _since(run.started_at)},
            ]
            for run in wrong.order_by("-id")[:_ROWS]
        ]
        rows += [
            [
                link_for(request, late.task, _title(late.name)),
                stacked(badge("late", _("late"), tone="warn"), moment(late.due)),
                _("It should have begun %(time)s ago.") % {"time": _since(late.due)},
            ]
            for late in late_jobs(now=now)
        ]
        return rows[:_ROWS]


@admin.site.register_panel
class LostMail(TablePanel):
    """Mails of a week that were given up: somebody was not told."""

    title = gettext_lazy("Mail that did not go out")
    permission = "ipms.view_outgoingmail"
    group = "site"
    order = 30
    headings = [gettext_lazy("Mail"), gettext_lazy("Written"), gettext_lazy("Why")]
    empty = gettext_lazy("No mail was given up in the last week.")
    more_url = reverse_lazy("admin:ipms_outgoingmail_changelist", query={"status__exact": "failed"})

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        lost = OutgoingMail.objects.filter(
            status=MailStatus.FAILED, created_at__gt=timezone.now() - _REMEMBERED
        ).defer("text", "html")
        return [
            [
                stacked(link_for(request, mail, Truncator(mail.subject).chars(40)), mail.to),
                moment(mail.created_at),
                _last_line(mail.last_error),
            ]
            for mail in lost.order_by("-id")[:_ROWS]
        ]


@admin.site.register_panel
class FailingWebhooks(TablePanel):
    """Other systems that are not told what they asked for."""

    title = gettext_lazy("Webhooks that do not arrive")
    permission = "ipms.view_webhookendpoint"
    group = "site"
    order = 40
    headings = [gettext_lazy("Webhook"), gettext_lazy("Failures"), gettext_lazy("Last delivered")]
    empty = gettext_lazy("All webhooks arrive.")
    more_url = reverse_lazy("admin:ipms_webhookendpoint_changelist")

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        failing = WebhookEndpoint.objects.filter(is_active=True, failures_in_a_row__gt=0)
        return [
            [
                stacked(link_for(request, endpoint), Truncator(endpoint.url).chars(40)),
                badge(
                    "failing",
                    ngettext("%(count)d in a row", "%(count)d in a row", endpoint.failures_in_a_row)
                    % {"count": endpoint.failures_in_a_row},
                    tone="bad",
                ),
                moment(endpoint.last_success_at) if endpoint.last_success_at else _("never"),
            ]
            for endpoint in failing.order_by(F("failures_in_a_row").desc(), "name")[:_ROWS]
        ]


def _title(name: str) -> str:
    job = jobs.registered().get(name)
    return str(job.title) if job else name


def _state(run: JobRun) -> Any:
    if run.status == JobStatus.RUNNING:
        return badge("hangs", _("hangs"), tone="bad")
    return badge(run.status, run.get_status_display(), tone="bad")


def _last_line(error: str) -> str:
    """What an error says; the lines before it are where it happened."""
    lines = error.strip().splitlines()
    return Truncator(lines[-1]).chars(_ERROR_LENGTH) if lines else ""


def _since(began: Any) -> str:
    return timesince(began, depth=1)
