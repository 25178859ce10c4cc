import json

from auditlog.registry import auditlog
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as library
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from ipms.admin.base import DomainAdmin
from ipms.admin.spreadsheets import ExportMixin
from ipms.admin.system.registration import hide, replace
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
    list_display = ["name", "enabled", "scheduler", "last_run_at", "total_run_count"]
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

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Hand the crontabs in words to the page's script, which shows those of the chosen one."""
        words = {crontab.pk: crontab.human_readable for crontab in CrontabSchedule.objects.all()}
        extra_context = {**(extra_context or {}), "crontabs_in_words": json.dumps(words)}
        return DomainAdmin.changeform_view(self, request, object_id, form_url, extra_context)


class _ScheduleAdmin(DomainAdmin):
    inlines = [library.PeriodicTaskInline]


@replace(IntervalSchedule)
class IntervalScheduleAdmin(_ScheduleAdmin):
    pass


@replace(CrontabSchedule)
class CrontabScheduleAdmin(_ScheduleAdmin):
    list_display = ["__str__", "human_readable"]
    fields = [
        "human_readable",
        "minute",
        "hour",
        "day_of_month",
        "month_of_year",
        "day_of_week",
        "timezone",
    ]
    readonly_fields = ["human_readable"]
