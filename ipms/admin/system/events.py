import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.display import EMPTY, badge, numeric
from ipms.admin.spreadsheets import ExportMixin
from ipms.models import OutboxEvent
from ipms.resources import list_of


class DeliveryFilter(admin.SimpleListFilter):
    title = _("delivery")
    parameter_name = "delivery"

    def lookups(self, request, model_admin):
        return [("waiting", _("Waiting")), ("failed", _("Failed so far")), ("delivered", _("Delivered"))]

    def queryset(self, request, queryset):
        match self.value():
            case "waiting":
                return queryset.filter(delivered_at=None)
            case "failed":
                return queryset.filter(delivered_at=None).exclude(last_error="")
            case "delivered":
                return queryset.exclude(delivered_at=None)
        return queryset


@admin.register(OutboxEvent)
class OutboxEventAdmin(ExportMixin, ReadOnlyAdmin):
    resource_classes = [
        list_of(
            "OutboxEventResource",
            id="id",
            topic="topic",
            created_at="created_at",
            delivered_at="delivered_at",
            attempts="attempts",
            next_attempt_at="next_attempt_at",
            last_error="last_error",
        )
    ]
    list_display = ["id", "topic", "state", "created_at", "delivered_at", "tries", "next_attempt_at"]
    list_display_links = ["id", "topic"]
    list_filter = [DeliveryFilter]
    search_fields = ["topic__istartswith"]
    search_help_text = _("Beginning of the topic")
    ordering = ["-id"]
    fields = [
        "topic",
        "content",
        "state",
        "created_at",
        "delivered_at",
        "done_with",
        "attempts",
        "next_attempt_at",
        "last_error",
    ]
    readonly_fields = fields

    @admin.display(description=_("state"))
    def state(self, event):
        if event.delivered_at:
            return badge("delivered", _("Delivered"), tone="good")
        if event.last_error:
            return badge("failed", _("Failed so far"), tone="bad")
        return badge("waiting", _("Waiting"), tone="warn")

    @numeric(description=_("attempts"), ordering="attempts")
    def tries(self, event):
        return event.attempts

    @admin.display(description=_("handled by"))
    def done_with(self, event):
        return ", ".join(event.handled) or EMPTY

    @admin.display(description=_("content"))
    def content(self, event):
        return format_html("<pre>{}</pre>", json.dumps(event.payload, indent=2, ensure_ascii=False))
