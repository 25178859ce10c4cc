"""Spreadsheets in and out of a list: CSV and XLSX."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.admin.views.main import SEARCH_VAR
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from import_export.admin import ExportActionMixin
from import_export.forms import SelectableFieldsExportForm

from ipms.admin.imports.begin import ImportPageMixin
from ipms.sheets import Csv, Xlsx

#: A file is made in memory, within the request: no more rows than this.
EXPORT_ROWS = 100_000


class SpreadsheetExportForm(SelectableFieldsExportForm):
    """Asks which columns, in which format."""

    def __init__(self, formats: list[Any], resources: list[Any], **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        field = self.fields["format"]
        field.choices = [
            (str(index), file_format().get_title().upper()) for index, file_format in enumerate(formats)
        ]
        field.widget = forms.RadioSelect(choices=field.choices)
        field.initial = "0"

    @property
    def media(self) -> forms.Media:
        return forms.Media()

    def column_groups(self) -> list[dict[str, Any]]:
        """The checkboxes of columns, by resource."""
        return [
            {
                "index": index,
                "name": resource.get_display_name(),
                "fields": [self[name] for name in self.resource_fields[resource.__name__]],
            }
            for index, resource in enumerate(self.resources)
        ]


class ExportMixin(ExportActionMixin):
    """Adds "Export" to a list (with its search and filters) and to the menu of selected rows."""

    #: Full name of the permission to export; None for that to read the list.
    export_permission: str | None = None
    #: Under which name a worker exports this list, in any number of rows; nothing where none does.
    background_export: str = ""
    #: What a filter of the list is called there.
    background_filters: Mapping[str, str] = {}
    formats = [Xlsx, Csv]
    export_formats = formats
    export_form_class = SpreadsheetExportForm
    show_change_form_export = False
    change_form_template = None
    import_export_change_list_template = "admin/change_list.html"

    def has_export_permission(self, request: HttpRequest) -> bool:
        if self.export_permission is None:
            return super().has_export_permission(request)
        return self.has_view_permission(request) and request.user.has_perm(self.export_permission)

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: Any, **kwargs: Any) -> Any:
        if queryset.order_by()[: EXPORT_ROWS + 1].count() > EXPORT_ROWS:
            # The page shows the sentence of a ValueError as a message.
            sentence = (
                _("More than %(limit)d rows: export them in the background, or narrow the list.")
                if self.background_export_url(request)
                else _("More than %(limit)d rows: narrow the list by its filters first.")
            )
            raise ValueError(sentence % {"limit": EXPORT_ROWS})
        return super().get_export_data(file_format, request, queryset, **kwargs)

    def init_request_context_data(self, request: HttpRequest, form: Any) -> dict[str, Any]:
        context = super().init_request_context_data(request, form)
        return {**context, "background_url": self.background_export_url(request)}

    def background_export_url(self, request: HttpRequest) -> str | None:
        """Return where this list, as it is filtered, is exported in the background; None where it is not."""
        if not self.background_export or not request.user.has_perm("reporting.export_data"):
            return None
        names = {SEARCH_VAR: "q", **self.background_filters}
        filters = {names[name]: value for name, value in request.GET.items() if name in names and value}
        return reverse("admin:reporting_export_add", query={"what": self.background_export, **filters})

    def get_valid_export_item_pks(self, request: HttpRequest) -> Any:
        # Only those asked for are looked up, not every key of the table.
        return (
            self.get_queryset(request)
            .filter(pk__in=request.POST.getlist("export_items"))
            .values_list("pk", flat=True)
        )


class SpreadsheetMixin(ImportPageMixin, ExportMixin):
    """Adds "Import" and "Export". The rules stand in the resource: this is only the door."""

    import_export_change_list_template = "admin/change_list.html"
