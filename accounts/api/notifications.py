"""One's own notifications over HTTP, and by which ways they come."""

from typing import Any

import django_filters
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action

from accounts import notifications
from accounts.api import examples
from accounts.models import Kind, Notification
from accounts.notifications import Channels
from ipms.api.filters import ChoiceFilter, FlagFilter
from ipms.api.serializers import CommandSerializer, RecordSerializer
from ipms.api.views import ApiView, DomainViewSet

_KIND_LABEL = gettext_lazy("What the kind is called, in the language of the request.")


class NotificationSerializer(RecordSerializer):
    class Meta:
        model = Notification
        fields = ["id", "kind", "title", "body", "url", "read_at", "created_at"]
        extra_kwargs = {"url": {"help_text": gettext_lazy("Of the record's page in the back office.")}}


class ReadAllSerializer(serializers.Serializer):
    read = serializers.IntegerField(help_text=gettext_lazy("How many were unread."))


class PreferenceSerializer(CommandSerializer):
    kind = serializers.ChoiceField(choices=Kind.choices)
    label = serializers.SerializerMethodField(help_text=_KIND_LABEL)
    in_app = serializers.BooleanField()
    by_mail = serializers.BooleanField()

    def get_label(self, preference: dict[str, Any]) -> str:
        return str(Kind(preference["kind"]).label)


class PreferencesSerializer(CommandSerializer):
    """The kinds that are left out stay as they are."""

    preferences = PreferenceSerializer(many=True)


class NotificationFilter(django_filters.FilterSet):
    unread = FlagFilter("read_at", lookup_expr="isnull")
    kind = ChoiceFilter(choices=Kind.choices)


@extend_schema_view(list=extend_schema(examples=examples.NOTIFICATION))
class NotificationViewSet(DomainViewSet):
    """What the person who asks was told. Nobody sees anybody else's."""

    queryset = Notification.objects.all()
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    search_fields = ("title", "body")
    ordering_fields = ("id", "kind", "title", "read_at", "created_at")
    verb_permissions = {"list": None, "retrieve": None, "read": None, "read_all": None}

    def get_queryset(self):
        return super().get_queryset().of(self.request.user)

    @extend_schema(request=None, responses=NotificationSerializer, examples=examples.NOTIFICATION_READ)
    @action(detail=True, methods=["post"])
    def read(self, request, pk):
        """Mark a notification as read. One that was read before keeps its time."""
        notification = self.get_object()
        notifications.mark_read(notification, by=request.user)
        return self.done(_("Marked as read."), notification)

    @extend_schema(request=None, responses=ReadAllSerializer, examples=examples.NOTIFICATIONS_READ)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request):
        """Mark all your notifications as read."""
        return self.done(_("All are read."), {"read": notifications.mark_all_read(request.user)})


class PreferencesView(ApiView):
    @extend_schema(responses=PreferencesSerializer, examples=examples.PREFERENCES)
    def get(self, request):
        """Read by which ways you are told of what."""
        return self.done(_("OK"), self._shown())

    @extend_schema(
        request=PreferencesSerializer, responses=PreferencesSerializer, examples=examples.CHANGE_PREFERENCES
    )
    def put(self, request):
        """Choose by which ways you are told of what."""
        wanted = self.command(PreferencesSerializer)["preferences"]
        choices = {one["kind"]: Channels(one["in_app"], one["by_mail"]) for one in wanted}
        notifications.choose(request.user, choices)
        return self.done(_("Saved."), self._shown())

    def _shown(self) -> dict[str, Any]:
        channels = notifications.channels_of(self.request.user).items()
        rows = [{"kind": kind, "in_app": by.in_app, "by_mail": by.by_mail} for kind, by in channels]
        return PreferencesSerializer({"preferences": rows}).data
