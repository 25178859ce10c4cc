"""What becomes of a file: its columns are named, it is checked, imported, undone."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.display import badge, moment, number, numeric
from ipms.admin.imports import telling
from ipms.admin.imports.begin import FORMATS, as_attachment
from ipms.admin.imports.naming_form import NamingForm
from ipms.errors import DomainError, InvalidInput
from ipms.importing import registry, runs, writing
from ipms.models import ImportRun, ImportStatus
from ipms.resources import SheetResource

_TONES = {
    ImportStatus.NAMING: "warn",
    ImportStatus.CHECKING: "info",
    ImportStatus.CHECKED: "warn",
    ImportStatus.IMPORTING: "info",
    ImportStatus.DONE: "good",
    ImportStatus.UNDOING: "info",
    ImportStatus.UNDONE: "quiet",
    ImportStatus.CANCELLED: "quiet",
    ImportStatus.FAILED: "bad",
}
_SEE_ALL = "ipms.view_importrun"


class WhatFilter(admin.SimpleListFilter):
    title = gettext_lazy("what")
    parameter_name = "what"

    def lookups(self, request, model_admin):
        return [(importable.name, importable.title) for importable in registry.open_to(request.user)]

    def queryset(self, request, queryset):
        return queryset.filter(what=self.value()) if self.value() else queryset


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    """One's own imports; who may see those of others sees what came of them."""

    list_display = ["file_name", "title", "state", "rows", "bad", "uploaded"]
    list_filter = ["status", WhatFilter]
    search_fields = ["file_name"]
    ordering = ["-id"]
    list_select_related = ["owner"]

    def get_queryset(self, request):
        found = super().get_queryset(request).defer("outcomes", "findings", "looked_at")
        return found if request.user.has_perm(_SEE_ALL) else found.of(request.user)

    def get_list_display(self, request):
        return [*self.list_display, *(["owner"] if request.user.has_perm(_SEE_ALL) else [])]

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(_SEE_ALL) or bool(registry.open_to(request.user))

    def has_add_permission(self, request):
        return bool(registry.open_to(request.user))

    def get_actions(self, request):
        return {}

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/columns/", view(self.columns_view), name="ipms_importrun_columns"),
            path("<int:pk>/bad-rows.<slug:kind>", view(self.bad_rows_view), name="ipms_importrun_bad_rows"),
            path("<int:pk>/undo/", view(self.undo_view), name="ipms_importrun_undo"),
            path("<int:pk>/act/<slug:act>/", view(self.act_view), name="ipms_importrun_act"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """Ask what shall be imported."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        choices = [(one.title, reverse(one.url_name)) for one in registry.open_to(request.user)]
        return self._page(
            request, "admin/imports/choose.html", {"title": _("New import"), "choices": choices}
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show where the import is, and what can be done now."""
        run = self._find(request, object_id, any_owner=True)
        is_own = run.owner_id == request.user.pk
        if run.status == ImportStatus.NAMING and is_own:
            return HttpResponseRedirect(reverse("admin:ipms_importrun_columns", args=[run.pk]))
        importable = registry.known(run.what)
        resource = importable.resource() if importable else SheetResource()
        context = {
            "title": run.file_name,
            "run": run,
            "is_own": is_own,
            "what": importable.title if importable else run.what,
            "state": self.state(run),
            **telling.of(run, resource),
            "may_undo": is_own and importable is not None and runs.can_undo(run),
            "may_go_on": is_own and runs.can_go_on(run),
            "begin_url": reverse(importable.url_name) if importable else "",
            "list_url": reverse(importable.list_url_name) if importable else "",
            "bad_urls": [
                (kind.upper(), reverse("admin:ipms_importrun_bad_rows", args=[run.pk, kind]))
                for kind in FORMATS
            ],
        }
        response = self._page(request, "admin/imports/run.html", context)
        response["Cache-Control"] = "no-store"  # the page behind "back" would offer what is over
        return response

    def columns_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Let the columns be named, and how numbers and days are written."""
        run = self._find(request, pk)
        run_url = reverse("admin:ipms_importrun_change", args=[run.pk])
        if not runs.can_be_named(run):
            return HttpResponseRedirect(run_url)
        form = NamingForm(request.POST or None, run=run)
        if request.method == "POST" and form.is_valid():
            try:
                form.save(by=request.user)
                return HttpResponseRedirect(run_url)
            except InvalidInput:
                pass  # the form tells it
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
                return HttpResponseRedirect(run_url)
        importable = registry.find(run.what)
        context = {
            "title": _("Name the columns"),
            "run": run,
            "what": importable.title,
            "form": form,
            "begin_url": reverse(importable.url_name),
        }
        return self._page(request, "admin/imports/columns.html", context)

    def bad_rows_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        """Answer with the rows that were not taken, each with the reasons."""
        run = self._find(request, pk)
        if kind not in FORMATS or not run.file:
            raise Http404
        file = writing.bad_rows(run, registry.find(run.what).resource(), format=kind)
        stem = run.file_name.rpartition(".")[0] or run.file_name
        ending = _("to-correct")
        return as_attachment(file, f"{stem}-{ending}.{kind}", kind)

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask before an import is undone."""
        run = self._find(request, pk)
        if not runs.can_undo(run):
            return HttpResponseRedirect(reverse("admin:ipms_importrun_change", args=[run.pk]))
        context = {"title": _("Undo the import"), "run": run, "what": registry.find(run.what).title}
        return self._page(request, "admin/imports/undo.html", context)

    def act_view(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Do what a button says. One that was pressed twice does it once: the import has moved on."""
        acts: dict[str, Callable[..., None]] = {
            "start": runs.start,
            "cancel": runs.cancel,
            "go-on": runs.go_on,
            "undo": runs.undo,
        }
        if act not in acts:
            raise Http404
        run = self._find(request, pk)
        # Who had to log in first comes here without the button: they are led to where it is.
        if request.method == "POST":
            try:
                acts[act](run, by=request.user)
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
        return HttpResponseRedirect(reverse("admin:ipms_importrun_change", args=[run.pk]))

    def _find(self, request: HttpRequest, pk: Any, *, any_owner: bool = False) -> ImportRun:
        """Return an import of this person that they may still do; with `any_owner` one they may look at."""
        if not str(pk).isdigit():
            raise Http404
        run = ImportRun.objects.select_related("owner").filter(pk=int(pk)).first()
        if run is None:
            raise Http404
        if any_owner and request.user.has_perm(_SEE_ALL):
            return run
        try:
            runs.require_own(run, request.user)
        except DomainError as refusal:
            raise PermissionDenied from refusal
        return run

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        request.current_app = self.admin_site.name
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**frame, **context})

    @admin.display(description=gettext_lazy("what"), ordering="what")
    def title(self, run):
        importable = registry.known(run.what)
        return importable.title if importable else run.what

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, run):
        if run.status == ImportStatus.DONE and run.is_stopped:
            return badge(run.status, _("Stopped"), tone="warn")
        return badge(run.status, run.get_status_display(), tone=_TONES[ImportStatus(run.status)])

    @numeric(description=gettext_lazy("rows"), ordering="rows_total")
    def rows(self, run):
        return number(run.rows_total)

    @numeric(description=gettext_lazy("not taken"), ordering="bad_count")
    def bad(self, run):
        return number(run.bad_count)

    @admin.display(description=gettext_lazy("uploaded"), ordering="created_at")
    def uploaded(self, run):
        return moment(run.created_at)
