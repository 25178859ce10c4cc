from datetime import timedelta

from django.contrib import admin
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipms import jobs
from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.display import EMPTY, badge, numeric
from ipms.admin.spreadsheets import ExportMixin
from ipms.models import JobRun, JobStatus
from ipms.resources import list_of

_TONES = {
    JobStatus.RUNNING: "info",
    JobStatus.DONE: "good",
    JobStatus.FAILED: "bad",
    JobStatus.LOST: "warn",
    JobStatus.SKIPPED: "quiet",
}


class JobFilter(admin.SimpleListFilter):
    title = gettext_lazy("job")
    parameter_name = "job"

    def lookups(self, request, model_admin):
        return [(name, job.title) for name, job in jobs.registered().items()]

    def queryset(self, request, queryset):
        return queryset.filter(name=self.value()) if self.value() else queryset


@admin.register(JobRun)
class JobRunAdmin(ExportMixin, ReadOnlyAdmin):
    """What the scheduled jobs did. Run one by hand on the page of its schedule, under periodic tasks."""

    resource_classes = [
        list_of(
            "JobRunResource",
            job="name",
            due="due",
            started_at="started_at",
            ended_at="ended_at",
            status="status",
            result="result",
            error="error",
        )
    ]
    list_display = ["job", "state", "started_at", "took", "told", "due"]
    list_filter = ["status", JobFilter]
    search_fields = ["name__istartswith"]
    search_help_text = gettext_lazy("Beginning of the job's name")
    date_hierarchy = "started_at"
    ordering = ["-id"]
    fields = [
        "job",
        "code",
        "state",
        "due",
        "started_at",
        "ended_at",
        "took",
        "progress",
        "result",
        "error_text",
    ]
    readonly_fields = fields

    @admin.display(description=gettext_lazy("job"), ordering="name")
    def job(self, run):
        known = jobs.registered().get(run.name)
        return str(known.title) if known else run.name

    @admin.display(description=gettext_lazy("name"))
    def code(self, run):
        return run.name

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, run):
        return badge(run.status, run.get_status_display(), tone=_TONES.get(run.status))

    @numeric(description=gettext_lazy("took"))
    def took(self, run):
        seconds = run.duration.total_seconds()
        return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))

    @admin.display(description=gettext_lazy("what it says"))
    def told(self, run):
        return Truncator(run.error or run.result or EMPTY).chars(120)

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, run):
        if run.steps_done is None:
            return EMPTY
        if not run.steps_total:
            return run.steps_done
        return _("%(done)s of %(total)s") % {"done": run.steps_done, "total": run.steps_total}

    @admin.display(description=gettext_lazy("error"))
    def error_text(self, run):
        return format_html("<pre>{}</pre>", run.error) if run.error else EMPTY
