"""Where an import begins: its template, the file, and what was imported before."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ipms.admin import once
from ipms.admin.display import number
from ipms.errors import DomainError
from ipms.importing import registry, runs, writing
from ipms.importing.registry import Importable
from ipms.models import ImportRun

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_RECENT = 5


class UploadForm(forms.Form):
    """Takes a file; what it is, it says itself."""

    file = forms.FileField(widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = _("File")
        self.fields["file"].help_text = _(
            "CSV or XLSX (its first sheet), with the column names in the first row; "
            "at most %(size)s and %(rows)s rows."
        ) % {"size": filesizeformat(settings.MAX_IMPORT_BYTES), "rows": number(settings.IMPORT_MAX_ROWS)}


class ImportPageMixin:
    """Gives a ModelAdmin its page of imports. What a file may hold is said by the resource."""

    import_template_name = "admin/imports/begin.html"

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self._importable.is_open_to(request.user)

    @property
    def _importable(self) -> Importable:
        return registry.find(self.opts.label_lower)

    def changelist_view(self, request, extra_context=None):
        may = self.has_import_permission(request)
        return super().changelist_view(request, {**(extra_context or {}), "has_import_permission": may})

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}_import"
        return [
            path("import/", view(self.import_view), name=name),
            path("import/template.<slug:kind>", view(self.template_view), name=f"{name}_template"),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Take a file, and lead to what became of it."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and (url := self._take(request, form)):
            return HttpResponseRedirect(url)
        importable = self._importable
        resource = importable.resource()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Import"),
            "what": importable.title,
            "form": form,
            "advice": resource.advice,
            "once_token": once.new_token(),
            "columns": [
                (capfirst(resource.label_of(name)), column) for name, column in resource.columns().items()
            ],
            "template_urls": [(kind.upper(), self._template_url(kind)) for kind in FORMATS],
            "recent": ImportRun.objects.of(request.user).filter(what=importable.name)[:_RECENT],
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.import_template_name, context)

    def template_view(self, request: HttpRequest, kind: str) -> FileResponse:
        """Answer with an empty spreadsheet to fill in."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        if kind not in FORMATS:
            raise Http404
        importable = self._importable
        file = writing.template(importable.resource(), title=importable.title, format=kind)
        return as_attachment(file, f"{self.opts.model_name}-template.{kind}", kind)

    def _take(self, request: HttpRequest, form: UploadForm) -> str | None:
        """Keep the file, once for each form, and return where to go; None where it is refused."""

        def act() -> dict[str, Any]:
            run = runs.upload(self._importable.name, form.cleaned_data["file"], by=request.user)
            return {"url": reverse("admin:ipms_importrun_change", args=[run.pk])}

        try:
            answer, _is_repeat = once.once(request, f"{self.opts.label_lower}:import", act)
        except once.AlreadySent as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return request.get_full_path()
        except DomainError as refusal:
            form.add_error("file", str(refusal))
            return None
        return answer["url"]

    def _template_url(self, kind: str) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_import_template"
        return reverse(name, args=[kind], current_app=self.admin_site.name)


def as_attachment(file: Any, name: str, kind: str) -> FileResponse:
    return FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS[kind])
