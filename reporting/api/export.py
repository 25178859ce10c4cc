"""`GET /api/export/…`: a list as a download, with the filters of the list."""

from typing import Any, ClassVar

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation

from inventory.api.items import ItemSerializer
from inventory.api.views import ItemViewSet
from procurement.api.serializers import OrderSerializer
from procurement.api.views import PurchaseOrderViewSet
from reporting import exportables, files
from reporting.api.reports import MEDIA_TYPES
from suppliers.api.serializers import SupplierSerializer
from suppliers.api.views import SupplierViewSet


class AnyMediaType(DefaultContentNegotiation):
    """The address says the format; a client that accepts only that one still gets our errors, as JSON."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class ExportParameters(serializers.Serializer):
    format = serializers.ChoiceField([*files.FORMATS], default="json")


class ListDownload:
    """Mixed into the view set of a list: its rows as a file, all of them."""

    exportable: ClassVar[str]
    is_enveloped = False
    pagination_class = None
    http_method_names = ("get", "head", "options")
    content_negotiation_class = AnyMediaType

    def needed_permission(self):
        return "reporting.export_data"

    def list(self, request, *args, **kwargs) -> HttpResponseBase:
        """Download the list, with its own filters, search and order.

        CSV and JSON are streamed. The columns of CSV and XLSX have the names of the list's fields; a workbook
        of purchase orders has their lines on a sheet of its own.
        """
        exportable = exportables.find(self.exportable)
        exportable.require(request.user)
        parameters = ExportParameters(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        wanted = parameters.validated_data["format"]
        known = exportable.filter_names()
        filters = {name: value for name, value in request.query_params.items() if name in known}
        exportable.check(filters, by=request.user)
        exportables.taken_away(exportable, wanted, filters, by=request.user)
        about: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        if wanted == "json":
            chunks = exportable.json(filters, **about)
            return files.stream(
                chunks, wanted, files.file_name(exportables.stem_of(exportable.name), wanted, about["at"])
            )
        if wanted == "csv":
            return files.respond(exportable.document(filters, **about), wanted)
        with exportables.snapshot():
            return files.respond(exportable.document(filters, **about), wanted)


def _described(serializer: type[serializers.Serializer]) -> Any:
    """Describe a download in the OpenAPI document; `serializer` shows a row of the list."""
    fields = {
        "__doc__": "All rows of a list.",
        "data": serializer(many=True),
        "count": serializers.IntegerField(help_text=_("How many rows there are.")),
        "exported_at": serializers.DateTimeField(),
    }
    name = serializer.__name__.replace("Serializer", "ExportSerializer")
    whole = extend_schema_serializer(many=False)(type(name, (serializers.Serializer,), fields))
    binary = {(200, media): OpenApiTypes.BINARY for name, media in MEDIA_TYPES.items() if name != "json"}
    format = OpenApiParameter(
        "format", enum=[*files.FORMATS], default="json", description=_("Of the file."), type=str
    )
    return extend_schema_view(
        list=extend_schema(parameters=[format], responses={(200, MEDIA_TYPES["json"]): whole, **binary})
    )


@_described(ItemSerializer)
class ItemDownload(ListDownload, ItemViewSet):
    exportable = "inventory"


@_described(OrderSerializer)
class PurchaseOrderDownload(ListDownload, PurchaseOrderViewSet):
    exportable = "purchase-orders"


@_described(SupplierSerializer)
class SupplierDownload(ListDownload, SupplierViewSet):
    exportable = "suppliers"
