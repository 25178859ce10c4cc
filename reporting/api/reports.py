"""What every report of the API does: parameters, permission, cache, and the format that is asked for."""

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from ipms.api.fields import RecordField
from ipms.api.views import ApiView
from reporting import cache, files

if TYPE_CHECKING:
    from reporting.tables import Document

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@extend_schema_field({"type": "string"})
class KeyField(RecordField):
    """A record in the address of a request, by its id or natural key."""


class ReportParameters(serializers.Serializer):
    """What a report takes in its address; what is not named here is not looked at, as with lists.

    `validate` may check fields against each other; what is left are the keyword arguments of `build`.
    """

    format = serializers.ChoiceField([*MEDIA_TYPES], default="json", help_text="How the report is answered.")


class ReportView(ApiView):
    """A report as JSON, CSV, XLSX or PDF.

    A subclass names what it takes (`parameters_class`), what it computes (`build`, with exact numbers and
    moments, `as_of` among them), how that is shown as JSON (`data_class`), and how as a file (`document`).
    The JSON data is shown through `data_class`, which formats quantities and amounts as the API does.
    """

    method_permissions: ClassVar = {"GET": "reporting.view_reports"}
    #: Stable: part of the key in the cache.
    name: ClassVar[str]
    parameters_class: ClassVar[type[ReportParameters]] = ReportParameters
    data_class: ClassVar[type[serializers.Serializer]]

    def build(self, **params: Any) -> dict[str, Any]:
        """Compute the report: one call of the domain."""
        raise NotImplementedError

    def document(self, data: dict[str, Any], params: dict[str, Any]) -> "Document":
        """Return the report as tables and charts."""
        raise NotImplementedError

    def get(self, request):
        params = self.parameters()
        wanted = params.pop("format")
        data = cache.remember(self.name, params, lambda: self.build(**params))
        if wanted == "json":
            return self.done(_("OK"), self.data_class(data, context={"request": request}).data)
        return files.respond(self.document(data, params), wanted)

    def parameters(self) -> dict[str, Any]:
        """Return what the address asks for, checked; a value that cannot be meant is refused."""
        sent = {name: value for name, value in self.request.query_params.items() if value.strip()}
        serializer = self.parameters_class(data=sent, context={"request": self.request, "view": self})
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


View = TypeVar("View", bound=type[ReportView])


def described(examples: Sequence[OpenApiExample] = ()) -> Callable[[View], View]:
    """Describe a report in the OpenAPI document, in the words of its docstring."""

    def describe(view: View) -> View:
        files = {(200, media): OpenApiTypes.BINARY for name, media in MEDIA_TYPES.items() if name != "json"}
        schema = extend_schema(
            description=inspect.getdoc(view),
            parameters=[view.parameters_class],
            responses={(200, MEDIA_TYPES["json"]): view.data_class, **files},
            examples=list(examples),
        )
        return extend_schema_view(get=schema)(view)

    return describe
