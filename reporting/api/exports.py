"""Exports in the background: asked for, looked at, downloaded by their owner, deleted."""

from typing import Any

import django_filters
from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import FileResponse, Http404
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication

from accounts.api.authentication import TokenAuthentication
from ipms import audit
from ipms.api.filters import ChoiceFilter
from ipms.api.serializers import CommandSerializer, RecordSerializer
from ipms.api.views import ApiView, Creates, Deletes
from reporting import exportables, exporting, files
from reporting.api.export import AnyMediaType
from reporting.api.reports import MEDIA_TYPES
from reporting.models import Export, ExportStatus

_PERMISSION = "reporting.export_data"
_LINKS = TimestampSigner(salt="reporting.exports.link")


class FiltersField(serializers.DictField):
    """What the address of the list or report would have; numbers and booleans are taken as their words."""

    child = serializers.JSONField()

    def to_internal_value(self, data):
        filters = super().to_internal_value(data)
        if odd := [name for name, value in filters.items() if _is_odd(value)]:
            sentence = _("A text, a number, true or false.")
            raise serializers.ValidationError({name: [sentence] for name in odd})
        return {name: _word(value) for name, value in filters.items() if value not in (None, "")}


def _is_odd(value: Any) -> bool:
    return value is not None and not isinstance(value, str | int | float | bool)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class NewExportSerializer(CommandSerializer):
    """What shall be exported."""

    what = serializers.CharField(
        max_length=60, help_text=_("inventory, purchase-orders or suppliers; or report:inventory and so on.")
    )
    format = serializers.ChoiceField([*files.FORMATS])
    filters = FiltersField(required=False, help_text=_("As in the address of the list or the report."))


class ExportSerializer(RecordSerializer):
    """An export, and how far it is."""

    title = serializers.SerializerMethodField(help_text=_("In the language of the request."))
    file_name = serializers.SerializerMethodField(allow_null=True)
    download_url = serializers.SerializerMethodField(
        help_text=_(
            "For its owner alone, by a Bearer token, or in a browser that is logged in to the back office. "
            "Null while there is no file; it ends after a while, and is new each time the export is read."
        ),
    )

    class Meta:
        model = Export
        fields = [
            "id",
            "what",
            "title",
            "format",
            "filters",
            "status",
            "rows_done",
            "rows_total",
            "file_name",
            "size",
            "sha256",
            "error",
            "download_url",
            "created_at",
            "started_at",
            "ended_at",
            "expires_at",
        ]
        read_only_fields = fields

    def get_title(self, export: Export) -> str:
        return str(exportables.title_of(export.what))

    @extend_schema_field({"type": "string", "nullable": True})
    def get_file_name(self, export: Export) -> str | None:
        return exporting.file_name(export) if export.is_ready else None

    @extend_schema_field({"type": "string", "format": "uri-reference", "nullable": True})
    def get_download_url(self, export: Export) -> str | None:
        return link_to(export) if export.is_ready else None


class ExportFilter(django_filters.FilterSet):
    status = ChoiceFilter("status", choices=ExportStatus.choices)
    what = django_filters.CharFilter("what")

    class Meta:
        model = Export
        fields: list[str] = []


_FILTERS = {"category": "raw-materials", "status": "low-stock"}
_SENT = {"what": "inventory", "format": "xlsx", "filters": _FILTERS}
_SHOWN = {
    "id": 17,
    "what": "inventory",
    "title": "Items",
    "format": "xlsx",
    "filters": _FILTERS,
    "status": "queued",
    "rows_done": 0,
    "rows_total": None,
    "file_name": None,
    "size": None,
    "sha256": "",
    "error": "",
    "download_url": None,
    "created_at": "2031-05-31T08:00:00.000000Z",
    "started_at": None,
    "ended_at": None,
    "expires_at": None,
}


@extend_schema_view(
    create=extend_schema(
        examples=[
            OpenApiExample("Items that are low on stock, as a workbook", value=_SENT, request_only=True),
            OpenApiExample("It waits for a worker", value=_SHOWN, response_only=True, status_codes=["201"]),
        ]
    )
)
class ExportViewSet(Creates, Deletes):
    """The exports of the person who asks. Nobody sees anybody else's."""

    queryset = Export.objects.all()
    serializer_class = ExportSerializer
    create_serializer_class = NewExportSerializer
    filterset_class = ExportFilter
    search_fields = ("what",)
    ordering_fields = ("id", "what", "format", "status", "size", "created_at", "ended_at", "expires_at")
    verb_permissions = dict.fromkeys(("list", "retrieve", "create", "destroy"), _PERMISSION)
    created_message = _("Export asked for.")
    deleted_message = _("Export deleted.")

    def get_queryset(self):
        return super().get_queryset().of(self.request.user)

    def make(self, *, what, format, filters=None):
        return exporting.request(what, format=format, filters=filters or {}, by=self.request.user)

    def remove(self, record):
        exporting.delete(record, by=self.request.user)


class LinkAuthentication(BaseAuthentication):
    """A link of ours, opened in a browser in which its owner is logged in to the back office."""

    def authenticate(self, request):
        token = request.query_params.get("token", "")
        user = getattr(request._request, "user", None)
        if not token or user is None or not user.is_authenticated:
            return None
        pk = request.parser_context["kwargs"]["pk"]
        try:
            named = _LINKS.unsign(token, max_age=settings.EXPORT_LINK)
        except BadSignature:
            return None
        return (user, None) if named == f"{pk}:{user.pk}" else None


class LinkScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names such a browser."""

    target_class = LinkAuthentication
    name = "backOffice"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class ExportDownload(ApiView):
    """The file of an export."""

    is_enveloped = False
    method_permissions = {"GET": _PERMISSION}
    authentication_classes = (TokenAuthentication, LinkAuthentication)
    content_negotiation_class = AnyMediaType
    documented_errors = {"404": "NotFound", "409": "Conflict"}

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "token", type=str, description=_("Part of a `download_url`; a Bearer token goes without it.")
            )
        ],
        responses={(200, media): OpenApiTypes.BINARY for media in MEDIA_TYPES.values()},
    )
    def get(self, request, pk):
        """Download the file of an export. Its owner alone can."""
        export = Export.objects.of(request.user).filter(pk=pk).first()
        if export is None:
            raise Http404
        return file_response(export, by=request.user)


def link_to(export: Export) -> str:
    """Return an address of the file that serves its owner, for a while, without a Bearer token too."""
    token = _LINKS.sign(f"{export.pk}:{export.owner_id}")
    return reverse("export-download", args=[export.pk], query={"token": token})


def file_response(export: Export, *, by: Any) -> FileResponse:
    """Answer with the file of an export as a download."""
    file = exporting.open_file(export, by=by)
    audit.accessed(export, event="downloaded", actor=by)
    response = FileResponse(file, content_type=files.FORMATS[export.format].content_type)
    response["Content-Length"] = str(export.size)
    response["Content-Disposition"] = content_disposition_header(True, exporting.file_name(export))
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
