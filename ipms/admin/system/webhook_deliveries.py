"""What became of each webhook."""

import json
from uuid import UUID

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ipms import webhooks
from ipms.admin import display
from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.bulk_actions import BulkAction
from ipms.admin.cards import TableCard, card_of
from ipms.admin.display import EMPTY, badge, numeric
from ipms.admin.object_actions import ObjectAction
from ipms.admin.spreadsheets import ExportMixin
from ipms.models import WebhookDelivery, WebhookEndpoint
from ipms.models.webhooks import DeliveryStatus
from ipms.resources import list_of

_TONES = {
    DeliveryStatus.QUEUED: "info",
    DeliveryStatus.DELIVERED: "good",
    DeliveryStatus.FAILED: "warn",
    DeliveryStatus.GIVEN_UP: "bad",
}
_REDELIVER = "ipms.redeliver_webhookdelivery"


class TopicFilter(admin.SimpleListFilter):
    title = _("topic")
    parameter_name = "topic"

    def lookups(self, request, model_admin):
        return [(topic, topic) for topic in webhooks.declared()]

    def queryset(self, request, queryset):
        return queryset.filter(topic=self.value()) if self.value() else queryset


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ExportMixin, ReadOnlyAdmin):
    """What was sent, how often, and what came back."""

    resource_classes = [
        list_of(
            "WebhookDeliveryResource",
            id="key",
            endpoint="endpoint",
            topic="topic",
            event="event_id",
            status="status",
            attempts="attempts",
            answer="response_status",
            error="last_error",
            created_at="created_at",
            delivered_at="delivered_at",
        )
    ]
    list_display = [
        "__str__",
        "endpoint",
        "state",
        "tries",
        "answer",
        "took",
        "created_at",
        "next_attempt_at",
    ]
    list_select_related = ["endpoint"]
    list_filter = ["status", "endpoint", TopicFilter]
    search_fields = ["topic__istartswith"]
    search_help_text = _("Beginning of the topic, delivery id, or number of the event")
    date_hierarchy = "created_at"
    ordering = ["-id"]
    fieldsets = [
        (None, {"fields": ["topic", "event_id", "endpoint_link", "key", "state"]}),
        (
            _("Attempts"),
            {
                "fields": [
                    "created_at",
                    "attempts",
                    "next_attempt_at",
                    "delivered_at",
                    "answer",
                    "took",
                    "last_error",
                ]
            },
        ),
        (_("What is sent"), {"fields": ["content"]}),
        (_("What came back"), {"fields": ["answer_text"]}),
    ]
    object_actions = [
        ObjectAction(
            name="redeliver",
            label=_("Send again"),
            permission=_REDELIVER,
            allowed=lambda delivery, user: delivery.status != DeliveryStatus.QUEUED,
            run=webhooks.redeliver,
            done=_("%(object)s is sent again within seconds, under the same delivery id."),
        )
    ]
    bulk_actions = [
        BulkAction(
            name="redeliver_selected",
            label=_("Send selected again"),
            permission=_REDELIVER,
            run=webhooks.redeliver,
            done=_("queued again"),
        )
    ]

    def get_readonly_fields(self, request, obj=None):
        return [name for _label, options in self.fieldsets for name in options["fields"]]

    def get_search_results(self, request, queryset, search_term):
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if (number := _number(search_term)) is not None:
            found |= queryset.filter(event_id=number)
        elif (key := _uuid(search_term)) is not None:
            found |= queryset.filter(key=key)
        return found, may_repeat

    @admin.display(description=_("endpoint"))
    def endpoint_link(self, delivery):
        return display.link(delivery.endpoint)

    @admin.display(description=_("state"), ordering="status")
    def state(self, delivery):
        return badge(delivery.status, delivery.get_status_display(), tone=_TONES[delivery.status])

    @numeric(description=_("attempts"), ordering="attempts")
    def tries(self, delivery):
        return delivery.attempts

    @numeric(description=_("answer"), ordering="response_status")
    def answer(self, delivery):
        return delivery.response_status or EMPTY

    @numeric(description=_("took"), ordering="duration_ms")
    def took(self, delivery):
        return EMPTY if delivery.duration_ms is None else f"{delivery.duration_ms / 1000:.2f} s"

    @admin.display(description=_("content"))
    def content(self, delivery):
        return format_html(
            "<pre>{}</pre>", json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False)
        )

    @admin.display(description=_("text of the answer"))
    def answer_text(self, delivery):
        return format_html("<pre>{}</pre>", delivery.response_body) if delivery.response_body else EMPTY


@card_of(WebhookEndpoint)
class LatestDeliveries(TableCard):
    title = _("Latest deliveries")
    permission = "ipms.view_webhookdelivery"
    headings = [_("When"), _("Event"), _("State"), _("Answer")]
    empty = _("Nothing was sent there yet.")

    def more_url(self, endpoint):
        url = reverse("admin:ipms_webhookdelivery_changelist")
        return f"{url}?endpoint__id__exact={endpoint.pk}"

    def rows(self, request, endpoint):
        page = admin.site.get_model_admin(WebhookDelivery)
        return [
            [
                display.moment(delivery.created_at),
                display.link(delivery),
                page.state(delivery),
                delivery.last_error or page.answer(delivery),
            ]
            for delivery in endpoint.deliveries.order_by("-id")[:8]
        ]


def _number(text):
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _uuid(text):
    try:
        return UUID(text)
    except ValueError:
        return None
