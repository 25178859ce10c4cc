"""The page that imports the history of orders from a spreadsheet and its mapping: check, look, import."""

import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement import order_import
from procurement.order_import import ImportRefused, OrderMapping, Report

#: So many rows that were not taken are shown; all of them are in the file to download.
SHOWN_PROBLEMS = 300
_KEPT_SECONDS = 24 * 3600
_TOKEN = re.compile(r"[0-9a-f]{32}")
_LARGEST_MAPPING = 256 * 1024


@dataclass(frozen=True)
class Upload:
    """A spreadsheet with its mapping, kept for a day between the look at it and its import."""

    folder: Path

    @property
    def spreadsheet(self) -> Path:
        return self.folder / "spreadsheet"

    @property
    def mapping(self) -> Path:
        return self.folder / "mapping.toml"

    @property
    def problems(self) -> Path:
        return self.folder / "problems.csv"

    @property
    def token(self) -> str:
        return self.folder.name

    @classmethod
    def keep(cls, spreadsheet: Any, mapping: str, *, by: Any) -> "Upload":
        """Store what was uploaded by a person; uploads of yesterday go."""
        place = _place_of(by)
        place.mkdir(parents=True, exist_ok=True)
        for old in place.iterdir():
            if old.stat().st_mtime < time.time() - _KEPT_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        upload = cls(place / uuid.uuid4().hex)
        upload.folder.mkdir()
        with upload.spreadsheet.open("wb") as file:
            for chunk in spreadsheet.chunks():
                file.write(chunk)
        upload.mapping.write_text(mapping, encoding="utf-8")
        return upload

    @classmethod
    def fetch(cls, token: str, *, by: Any) -> "Upload | None":
        """Return what this person uploaded; None where it is gone."""
        upload = cls(_place_of(by) / token)
        return upload if _TOKEN.fullmatch(token) and upload.spreadsheet.exists() else None

    def write_problems(self, report: Report) -> None:
        with self.problems.open("w", encoding="utf-8-sig", newline="") as file:
            order_import.write_problems(report.problems, file)

    def forget(self) -> None:
        """Delete the spreadsheet and its mapping; what could not be taken stays for its reader."""
        self.spreadsheet.unlink(missing_ok=True)
        self.mapping.unlink(missing_ok=True)


class HistoryImportForm(forms.Form):
    spreadsheet = forms.FileField(
        label=gettext_lazy("Spreadsheet"),
        widget=forms.FileInput(attrs={"accept": ".tsv,.csv,.txt,.xlsx,.xls,.ods"}),
        help_text=gettext_lazy("TSV, CSV or a workbook, with a row for each line that was ordered."),
    )
    mapping = forms.FileField(
        label=gettext_lazy("Mapping"),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
        help_text=gettext_lazy(
            "The TOML file that says what the columns mean; see docs/importing-orders.md."
        ),
    )

    def clean_spreadsheet(self) -> Any:
        file = self.cleaned_data["spreadsheet"]
        if file.size > settings.MAX_IMPORT_BYTES:
            limit = filesizeformat(settings.MAX_IMPORT_BYTES)
            raise forms.ValidationError(_("The file is larger than %(limit)s.") % {"limit": limit})
        return file

    def clean_mapping(self) -> tuple[str, OrderMapping]:
        file = self.cleaned_data["mapping"]
        if file.size > _LARGEST_MAPPING:
            raise forms.ValidationError(_("This is too large for a mapping."))
        try:
            text = file.read().decode("utf-8-sig")
            return text, order_import.load(text)
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The mapping is not UTF-8.")) from error
        except ImportRefused as refusal:
            raise forms.ValidationError(refusal.sentences) from refusal


class HistoryImportMixin:
    """Adds "Import history" to the list of orders, for those who may do all that it does."""

    import_history_template = "admin/procurement/purchaseorder/import_history.html"

    def has_import_history_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(order_import.PERMISSIONS)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "procurement_purchaseorder_import_history"
        return [
            path("import-history/", view(self.import_history_view), name=name),
            path("import-history/<slug:token>/", view(self.take_history_view), name=f"{name}_take"),
            path(
                "import-history/<slug:token>/problems.csv",
                view(self.history_problems_view),
                name=f"{name}_problems",
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        may = self.has_import_history_permission(request)
        return super().changelist_view(request, {**(extra_context or {}), "may_import_history": may})

    def import_history_view(self, request: HttpRequest) -> HttpResponse:
        """Take the two files and tell what an import would do."""
        self._check_permission(request)
        form = HistoryImportForm(request.POST or None, request.FILES or None)
        if request.method != "POST" or not form.is_valid():
            return self._history_page(request, form=form)
        text, mapping = form.cleaned_data["mapping"]
        upload = Upload.keep(form.cleaned_data["spreadsheet"], text, by=request.user)
        try:
            report = order_import.run(upload.spreadsheet, mapping, by=request.user, dry_run=True)
        except ImportRefused as refusal:
            upload.forget()
            for sentence in refusal.sentences:
                form.add_error("spreadsheet", sentence)
            return self._history_page(request, form=form)
        upload.write_problems(report)
        return self._history_page(request, report=report, upload=upload)

    def take_history_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """Import what was looked at; the rows that cannot be taken are left out and told."""
        self._check_permission(request)
        upload = Upload.fetch(token, by=request.user)
        if request.method != "POST" or upload is None:
            return self._start_over(request, _("The uploaded file is gone. Please upload it again."))
        with _alone(f"order history {token}") as is_alone:
            if not is_alone:
                return self._start_over(request, _("This import is running already."))
            mapping = order_import.load(upload.mapping.read_text(encoding="utf-8"))
            report = order_import.run(upload.spreadsheet, mapping, by=request.user)
            upload.write_problems(report)
            upload.forget()
        return self._history_page(request, report=report, upload=upload)

    def history_problems_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """Download the rows that were not taken, with the reason of each."""
        self._check_permission(request)
        upload = Upload(_place_of(request.user) / token)
        if not _TOKEN.fullmatch(token) or not upload.problems.exists():
            raise Http404
        return FileResponse(
            upload.problems.open("rb"),
            as_attachment=True,
            filename="rows-not-taken.csv",
            content_type="text/csv",
        )

    def _check_permission(self, request: HttpRequest) -> None:
        if not self.has_import_history_permission(request):
            raise PermissionDenied

    def _start_over(self, request: HttpRequest, sentence: str) -> HttpResponse:
        self.message_user(request, sentence, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:procurement_purchaseorder_import_history"))

    def _history_page(
        self,
        request: HttpRequest,
        *,
        form: HistoryImportForm | None = None,
        report: Report | None = None,
        upload: Upload | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import order history"),
            "opts": self.opts,
            "form": form,
            "report": report,
            "token": upload.token if upload else "",
            "problems": report.problems[:SHOWN_PROBLEMS] if report else [],
            "is_shortened": report is not None and len(report.problems) > SHOWN_PROBLEMS,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.import_history_template, context)


def _place_of(user: Any) -> Path:
    return settings.VAR / "imports" / str(user.pk)


@contextmanager
def _alone(name: str) -> Iterator[bool]:
    """Hold a name while the block runs; the second to ask for it is told so. No transaction stays open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        (is_alone,) = cursor.fetchone()
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
