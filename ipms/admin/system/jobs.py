import json

from auditlog.registry import auditlog
from django.contrib import admin
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as library
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from ipms import audit, jobs
from ipms.admin.base import DomainAdmin
from ipms.admin.bulk_actions import BulkAction
from ipms.admin.display import EMPTY
from ipms.admin.object_actions import ObjectAction
from ipms.admin.spreadsheets import ExportMixin
from ipms.admin.system import schedules
from ipms.admin.system.registration import hide, replace
from ipms.errors import InvalidState
from ipms.jobs import periodic
from ipms.resources import list_of

# Nothing here follows the sun, and what is to happen once at a moment is a task with a start time.
hide(SolarSchedule, ClockedSchedule)

# The scheduler writes a task after each run; only what people set belongs into the audit trail.
auditlog.register(
    PeriodicTask,
    include_fields=[
        "name",
        "task",
        "enabled",
        "interval",
        "crontab",
        "args",
        "kwargs",
        "queue",
        "one_off",
    ],
)


def run_now(task, *, by):
    """Let a worker run the job of a row, whatever its schedule says."""
    name = periodic.job_name(task)
    if not name:
        raise InvalidState(_("Only jobs can be run by hand."), status="other")
    jobs.start(name)
    audit.accessed(task, event="run-by-hand", actor=by)


@replace(PeriodicTask)
class PeriodicTaskAdmin(ExportMixin, DomainAdmin, library.PeriodicTaskAdmin):
    resource_classes = [
        list_of(
            "PeriodicTaskResource",
            name="name",
            task="task",
            enabled="enabled",
            schedule="scheduler",
            last_run_at="last_run_at",
            runs="total_run_count",
        )
    ]
    change_form_template = "admin/djcelery/change_periodictask_form.html"
    list_display = ["row_name", "title", "enabled", "when", "last_run_at", "total_run_count"]
    list_filter = ["enabled", "one_off"]
    date_hierarchy = None
    list_select_related = ["interval", "crontab", "solar", "clocked"]
    fieldsets = [
        (None, {"fields": ["name", "regtask", "task", "enabled", "description"]}),
        (
            _("Schedule"),
            {
                "description": _("Either an interval or a crontab."),
                "fields": ["interval", "crontab", "start_time", "last_run_at", "one_off"],
            },
        ),
        (_("Arguments"), {"fields": ["args", "kwargs"], "classes": ["collapse"]}),
        (
            _("Execution"),
            {
                "fields": [
                    "expires",
                    "expire_seconds",
                    "queue",
                    "exchange",
                    "routing_key",
                    "priority",
                    "headers",
                ],
                "classes": ["collapse"],
            },
        ),
    ]
    readonly_fields = ["last_run_at"]
    # The library's own "run" calls any task in this process, without a record.
    actions = ["enable_tasks", "disable_tasks"]
    object_actions = [
        ObjectAction(
            name="run-now",
            label=_("Run now"),
            run=run_now,
            done=_("%(object)s: handed to a worker. What it did will stand under “Job runs”."),
            permission="ipms.run_jobs",
            allowed=lambda task, user: bool(periodic.job_name(task)),
        )
    ]
    bulk_actions = [
        BulkAction(
            name="run_now",
            label=_("Run selected jobs now"),
            run=run_now,
            done=_("handed to a worker"),
            permission="ipms.run_jobs",
        )
    ]

    @admin.display(description=_("name"), ordering="name")
    def row_name(self, task):
        return task.name

    @admin.display(description=_("schedule"))
    def when(self, task):
        return schedules.in_words(task.scheduler)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "name":
            # The library never marked this label for translation.
            field.label = capfirst(_("name"))
        return field

    @admin.display(description=_("what it does"))
    def title(self, task):
        job = jobs.registered().get(periodic.job_name(task))
        return str(job.title) if job else task.description or EMPTY

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Hand the crontabs in words to the page's script, which shows those of the chosen one."""
        words = {crontab.pk: schedules.in_words(crontab) for crontab in CrontabSchedule.objects.all()}
        extra_context = {**(extra_context or {}), "crontabs_in_words": json.dumps(words)}
        return DomainAdmin.changeform_view(self, request, object_id, form_url, extra_context)


class _TasksInline(library.PeriodicTaskInline):
    """What runs by a schedule. The library names its field in English alone."""

    fields = readonly_fields = ["name", "job", "args", "kwargs"]

    @admin.display(description=_("Job"))
    def job(self, task):
        return task.task


class _ScheduleAdmin(DomainAdmin):
    inlines = [_TasksInline]


@replace(IntervalSchedule)
class IntervalScheduleAdmin(_ScheduleAdmin):
    pass


@replace(CrontabSchedule)
class CrontabScheduleAdmin(_ScheduleAdmin):
    list_display = ["__str__", "in_words"]
    fields = [
        "in_words",
        "minute",
        "hour",
        "day_of_month",
        "month_of_year",
        "day_of_week",
        "timezone",
    ]
    readonly_fields = ["in_words"]

    @admin.display(description=_("in words"))
    def in_words(self, schedule):
        return schedules.in_words(schedule)
