from typing import Any

from auditlog import get_logentry_model
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy as _

from ipms.admin import display, history
from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.columns import stacked
from ipms.admin.panels import TablePanel
from ipms.admin.spreadsheets import ExportMixin
from ipms.admin.system.registration import replace
from ipms.resources import list_of

AuditEntry = get_logentry_model()

#: So many entries stand on the first page.
_LATEST = 6
_TONES = {
    AuditEntry.Action.CREATE: "good",
    AuditEntry.Action.UPDATE: "info",
    AuditEntry.Action.DELETE: "bad",
    AuditEntry.Action.ACCESS: "quiet",
}


class TypeFilter(admin.SimpleListFilter):
    """Which kind of object, of those registered for the audit trail: the trail itself is not asked."""

    title = _("type")
    parameter_name = "type"

    def lookups(self, request, model_admin):
        from auditlog.registry import auditlog

        types = ContentType.objects.get_for_models(*auditlog.get_models()).items()
        return sorted(
            ((content_type.pk, capfirst(model._meta.verbose_name)) for model, content_type in types),
            key=lambda choice: str(choice[1]),
        )

    def queryset(self, request, queryset):
        return queryset.filter(content_type_id=self.value()) if self.value() else queryset


class EventFilter(admin.SimpleListFilter):
    title = _("event")
    parameter_name = "event"

    def lookups(self, request, model_admin):
        return AuditEntry.Event.choices

    def queryset(self, request, queryset):
        return queryset.filter(event=self.value()) if self.value() else queryset


@replace(AuditEntry)
class AuditEntryAdmin(ExportMixin, ReadOnlyAdmin):
    resource_classes = [
        list_of(
            "AuditEntryResource",
            timestamp="timestamp",
            event="event",
            action="get_action_display",
            type="content_type__model",
            key="object_pk",
            object="object_repr",
            changes="changes_text",
            who="actor_email",
            address="remote_addr",
            user_agent="user_agent",
            request_id="request_id",
        )
    ]
    list_display = ["timestamp", "what", "kind", "document", "changed_fields", "who", "remote_addr"]
    list_display_links = ["timestamp"]
    list_select_related = ["content_type", "actor"]
    list_filter = ["action", EventFilter, TypeFilter, "actor"]
    search_fields = ["object_repr"]  # shows the box; QuerySet.search is what is asked
    search_help_text = _("Name or key of the object, name or email of a person, or request id")
    date_hierarchy = "timestamp"
    ordering = ["-id"]
    fieldsets = [
        (None, {"fields": ["timestamp", "what", "kind", "document", "changes_in_words"]}),
        (_("Who and from where"), {"fields": ["who", "remote_addr", "user_agent", "request_id"]}),
    ]

    def get_readonly_fields(self, request, obj=None):
        return [name for _label, options in self.fieldsets for name in options["fields"]]

    @admin.display(description=_("action"), ordering="action")
    def what(self, entry):
        if entry.event:
            label = dict(AuditEntry.Event.choices).get(entry.event, entry.event)
            return display.badge(entry.event, label, tone="bad" if entry.event == "login-failed" else "quiet")
        return display.badge(entry.get_action_display(), tone=_TONES[entry.action])

    @admin.display(description=_("type"))
    def kind(self, entry):
        return capfirst(entry.content_type.name)

    @admin.display(description=_("object"))
    def document(self, entry):
        meta = entry.content_type
        name = Truncator(entry.object_repr).chars(60)
        try:
            url = reverse(f"admin:{meta.app_label}_{meta.model}_change", args=[entry.object_pk])
        except NoReverseMatch:
            return name
        return format_html('<a href="{}">{}</a>', url, name)

    @admin.display(description=_("changes"))
    def changed_fields(self, entry):
        return Truncator(", ".join(history.changed_labels(entry))).chars(60)

    @admin.display(description=_("who"), ordering="actor_email")
    def who(self, entry):
        return entry.actor or entry.actor_email or _("system")

    @admin.display(description=_("changes"))
    def changes_in_words(self, entry):
        return render_to_string(
            "admin/includes/changes.html",
            {
                "changes": history.in_words([entry])[0].changes,
                "is_new": entry.action == AuditEntry.Action.CREATE,
            },
        )


@admin.site.register_panel
class LatestChanges(TablePanel):
    """What happened last, for those who may read the audit trail."""

    title = _("Latest changes")
    permission = f"{AuditEntry._meta.app_label}.view_{AuditEntry._meta.model_name}"
    group = "done"
    order = 90
    headings = [_("Object"), _("What"), _("Who and when")]
    empty = _("Nothing has been changed yet.")

    @property
    def more_url(self) -> str:
        return reverse(f"admin:{AuditEntry._meta.app_label}_{AuditEntry._meta.model_name}_changelist")

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        page = admin.site.get_model_admin(AuditEntry)
        entries = AuditEntry.objects.exclude(action=AuditEntry.Action.ACCESS).select_related(
            "actor", "content_type"
        )
        return [
            [
                stacked(_object(entry, request), page.kind(entry)),
                page.what(entry),
                stacked(page.who(entry), display.moment(entry.timestamp)),
            ]
            for entry in entries.order_by("-id")[:_LATEST]
        ]


def _object(entry: Any, request: HttpRequest) -> Any:
    """The name of what was changed; a link for who may open it."""
    meta = entry.content_type
    name = Truncator(entry.object_repr).chars(40)
    try:
        url = reverse(f"admin:{meta.app_label}_{meta.model}_change", args=[entry.object_pk])
    except NoReverseMatch:
        return name
    is_open = request.user.has_perm(f"{meta.app_label}.view_{meta.model}")
    is_there = entry.action != AuditEntry.Action.DELETE
    return format_html('<a href="{}">{}</a>', url, name) if is_open and is_there else name
