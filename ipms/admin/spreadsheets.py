"""Spreadsheets in and out of a list: CSV and XLSX, with a preview and all bad rows at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ExportActionMixin, ImportMixin
from import_export.forms import ImportForm, SelectableFieldsExportForm
from import_export.results import Result, RowResult

from ipms.admin import once
from ipms.sheets import Csv, UnreadableFile, Xlsx

#: So many rows of a preview are drawn; errors are always drawn in full.
PREVIEW_ROWS = 100
#: A file is made in memory, within the request: no more rows than this.
EXPORT_ROWS = 100_000


class SpreadsheetImportForm(ImportForm):
    """Takes a file; its format is told by its name."""

    def __init__(self, formats: list[Any], resources: list[Any], **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self._titles = [file_format().get_title() for file_format in formats]
        self.fields["format"].required = False
        self.fields["format"].widget = forms.HiddenInput()
        self.fields["import_file"].widget = forms.FileInput(attrs={"accept": ".csv,.xlsx"})
        self.fields["import_file"].help_text = _("CSV or XLSX, with the column names in the first row.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        file = cleaned.get("import_file")
        if file is None:
            return cleaned
        extension = file.name.rpartition(".")[2].lower()
        if extension not in self._titles:
            self.add_error("import_file", _("The file must be a CSV or an XLSX file."))
        elif file.size > settings.MAX_IMPORT_BYTES:
            self.add_error(
                "import_file",
                _("The file is larger than %(limit)s.")
                % {"limit": filesizeformat(settings.MAX_IMPORT_BYTES)},
            )
        else:
            cleaned["format"] = str(self._titles.index(extension))
        return cleaned

    @property
    def media(self) -> forms.Media:
        return forms.Media()


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
    export_formats = import_formats = formats
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


class SpreadsheetMixin(ImportMixin, ExportMixin):
    """Adds "Import" and "Export". The rules stand in the resource: this is only the door."""

    #: Full names of the permissions to import, all of them; none for that to add an object.
    import_permissions: Sequence[str] = ()
    import_form_class = SpreadsheetImportForm
    import_export_change_list_template = "admin/change_list.html"

    def has_import_permission(self, request: HttpRequest) -> bool:
        if not self.import_permissions:
            return super().has_import_permission(request)
        return request.user.has_perms(self.import_permissions)

    def add_data_read_fail_error_to_form(self, form: forms.Form, error: Exception) -> None:
        if not isinstance(error, UnreadableFile):
            raise error
        form.add_error("import_file", str(error))

    def changelist_view(self, request, extra_context=None):
        extra_context = {
            **(extra_context or {}),
            "has_import_permission": self.has_import_permission(request),
        }
        return super().changelist_view(request, extra_context)

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().import_action(request, **kwargs)
        response.context_data["columns"] = [
            (resource.get_display_name(), resource().get_user_visible_fields())
            for resource in self.get_import_resource_classes(request)
        ]
        return response

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_import_data_kwargs(**kwargs), "rollback_on_validation_errors": True}

    def get_import_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_import_context_data(**kwargs),
            "preview_rows": PREVIEW_ROWS,
            "preview_slice": f":{PREVIEW_ROWS}",
            "once_token": once.new_token(),
        }

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Import what was previewed; a second click on "Confirm" imports nothing."""
        if request.method != "POST" or not self.has_import_permission(request):
            raise PermissionDenied
        failed: list[HttpResponse] = []

        def act() -> dict[str, Any]:
            response = super(SpreadsheetMixin, self).process_import(request, **kwargs)
            if response.status_code != 302:
                failed.append(response)
                raise _NotImported
            return {"url": response["Location"], "message": request.import_summary}

        try:
            answer, is_repeat = once.once(request, f"{self.opts.label_lower}:import", act)
        except _NotImported:
            return failed[0]
        except once.AlreadySent as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect("../import/")
        except FileNotFoundError:
            self.message_user(
                request, _("The uploaded file is gone. Please upload it again."), messages.ERROR
            )
            return HttpResponseRedirect("../import/")
        self.message_user(request, answer["message"], messages.SUCCESS)
        if is_repeat:
            self.message_user(request, _("The form came twice; the file was imported once."), messages.INFO)
        return HttpResponseRedirect(answer["url"])

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        # Between preview and confirmation the data may have changed: then nothing was imported.
        if result.has_errors() or result.has_validation_errors():
            context = {
                **self.admin_site.each_context(request),
                **self.get_import_context_data(),
                "title": _("Import"),
                "opts": self.opts,
                "form": self.import_form_class(
                    self.get_import_formats(), self.get_import_resource_classes(request)
                ),
                "result": result,
                "media": self.media,
            }
            return TemplateResponse(request, [self.import_template_name], context)
        return super().process_result(result, request)

    def add_success_message(self, result: Result, request: HttpRequest) -> None:
        totals = result.totals
        request.import_summary = _(
            "Import finished: %(new)d new, %(updated)d changed, %(deleted)d deleted, %(skipped)d unchanged."
        ) % {
            "new": totals[RowResult.IMPORT_TYPE_NEW],
            "updated": totals[RowResult.IMPORT_TYPE_UPDATE],
            "deleted": totals[RowResult.IMPORT_TYPE_DELETE],
            "skipped": totals[RowResult.IMPORT_TYPE_SKIP],
        }


#: Words of the column that says what will happen to a row.
IMPORT_TYPES = {
    RowResult.IMPORT_TYPE_NEW: gettext_lazy("New"),
    RowResult.IMPORT_TYPE_UPDATE: gettext_lazy("Changed"),
    RowResult.IMPORT_TYPE_SKIP: gettext_lazy("Unchanged"),
    RowResult.IMPORT_TYPE_DELETE: gettext_lazy("Deleted"),
}


class _NotImported(Exception):
    """The file was refused: nothing is kept under the form's token."""
