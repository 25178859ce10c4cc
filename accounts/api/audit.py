"""The audit trail over HTTP: who changed what, when, from where."""

import re
from typing import Any

import django_filters
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError as FormError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from accounts.api import examples
from accounts.models import AuditEntry, User
from ipms.api.fields import RecordField
from ipms.api.filters import ChoiceFilter, DayFilter, RecordFilter
from ipms.api.pagination import FeedPagination
from ipms.api.serializers import RecordSerializer
from ipms.api.views import DomainViewSet
from ipms.audit import SECRET_FIELDS

_PERSON = {"id": "id", "email": "email", "name": "__str__"}
_ACTIONS = {
    "create": AuditEntry.Action.CREATE,
    "update": AuditEntry.Action.UPDATE,
    "delete": AuditEntry.Action.DELETE,
    "access": AuditEntry.Action.ACCESS,
}
_WORDS = {action: word for word, action in _ACTIONS.items()}
_WHOLE_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_CHANGES = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2},
    "description": "By the name of the field: what was there before, and what afterwards.",
}


class AuditEntrySerializer(RecordSerializer):
    """What happened to one object. `action` is the event (`login`, …) where no row changed.

    A change of a relation to many shows the names that were taken away, and those that were added.
    """

    actor = RecordField(shows=_PERSON, allow_null=True)
    action = serializers.SerializerMethodField()
    object_type = serializers.SerializerMethodField(help_text=_("app.model, such as inventory.item."))
    object_id = serializers.IntegerField(read_only=True, allow_null=True)
    changes = serializers.SerializerMethodField()
    ip_address = serializers.CharField(source="remote_addr", read_only=True, allow_null=True)

    class Meta:
        model = AuditEntry
        fields = [
            "id",
            "actor",
            "action",
            "object_type",
            "object_id",
            "object_repr",
            "changes",
            "ip_address",
            "user_agent",
            "request_id",
            "timestamp",
        ]

    def get_action(self, entry: AuditEntry) -> str:
        return entry.event or _WORDS[entry.action]

    def get_object_type(self, entry: AuditEntry) -> str:
        return f"{entry.content_type.app_label}.{entry.content_type.model}"

    @extend_schema_field(_CHANGES)
    def get_changes(self, entry: AuditEntry) -> dict[str, list[Any]]:
        return {name: _pair(name, change) for name, change in (entry.changes_dict or {}).items()}


def _pair(name: str, change: Any) -> list[Any]:
    if name in SECRET_FIELDS:
        return ["***", "***"]
    if isinstance(change, dict):
        names = change.get("objects", [])
        return [[], names] if change.get("operation") == "add" else [names, []]
    # The trail writes down texts; so it does with nothing at all.
    return [None if value == "None" else value for value in change]


class _TypeInput(forms.CharField):
    def clean(self, value):
        if not (text := super().clean(value)):
            return None
        app_label, _point, model = text.lower().partition(".")
        try:
            return ContentType.objects.get_by_natural_key(app_label, model)
        except ContentType.DoesNotExist as error:
            sentence = _("“%(text)s” is not a kind of object such as inventory.item.")
            raise FormError(sentence, params={"text": text}) from error


class _TypeFilter(django_filters.Filter):
    field_class = _TypeInput


class _IdInput(forms.CharField):
    def clean(self, value):
        if not (text := super().clean(value)):
            return None
        if not _WHOLE_NUMBER.fullmatch(text):
            raise FormError(_("“%(text)s” is not an id."), params={"text": text})
        return int(text)


@extend_schema_field({"type": "integer"})
class _IdFilter(django_filters.Filter):
    field_class = _IdInput


class AuditEntryFilter(django_filters.FilterSet):
    actor = RecordFilter("actor", queryset=User.objects.all(), natural_key="email")
    action = ChoiceFilter(
        choices=[(word, word) for word in (*_ACTIONS, *AuditEntry.Event.values)],
        method="by_action",
        help_text=_("Several by commas; `access` is all that changed no row: logins and the like."),
    )
    object_type = _TypeFilter("content_type", help_text=_("app.model, such as inventory.item."))
    object_id = _IdFilter("object_id")
    date_from = DayFilter("timestamp", since=True)
    date_to = DayFilter("timestamp", until=True)

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def by_action(self, queryset, name, words):
        actions = Q(action__in=[_ACTIONS[word] for word in words if word in _ACTIONS])
        events = [word for word in words if word in AuditEntry.Event.values]
        return queryset.filter(actions | Q(event__in=events)) if words else queryset


@extend_schema_view(
    list=extend_schema(examples=examples.AUDIT_ENTRY), retrieve=extend_schema(examples=examples.AUDIT_ENTRY)
)
class AuditEntryViewSet(DomainViewSet):
    """The audit trail. It only grows."""

    queryset = AuditEntry.objects.prefetch_related("actor", "content_type")
    serializer_class = AuditEntrySerializer
    pagination_class = FeedPagination
    filterset_class = AuditEntryFilter
    ordering_fields = ("id", "timestamp")
