from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipms.admin import once
from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.display import EMPTY, badge, moment, number, numeric
from ipms.errors import DomainError
from reporting import exportables, exporting
from reporting.admin.export_form import ExportForm
from reporting.api.exports import file_response
from reporting.models import Export, ExportStatus

_TONES = {
    ExportStatus.QUEUED: "quiet",
    ExportStatus.RUNNING: "info",
    ExportStatus.DONE: "good",
    ExportStatus.FAILED: "bad",
    ExportStatus.EXPIRED: "quiet",
}
_PERMISSION = "reporting.export_data"
_SEE_ALL = "reporting.view_export"


class WhatFilter(admin.SimpleListFilter):
    title = gettext_lazy("what")
    parameter_name = "what"

    def lookups(self, request, model_admin):
        return [(name, exportables.find(name).title) for name in exportables.names()]

    def queryset(self, request, queryset):
        return queryset.filter(what=self.value()) if self.value() else queryset


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    """One's own exports; who may see those of others sees that there are some, never what is in them."""

    list_display = ["title", "format_name", "state", "progress", "file_size", "created_at", "until"]
    list_filter = ["status", WhatFilter]
    search_fields = ["what"]
    ordering = ["-id"]
    list_select_related = ["owner"]
    fields = readonly_fields = [
        "title",
        "format_name",
        "asked",
        "owner",
        "state",
        "progress",
        "download",
        "file_size",
        "sha256",
        "error",
        "created_at",
        "started_at",
        "ended_at",
        "until",
    ]

    def get_queryset(self, request):
        exports = super().get_queryset(request)
        return exports if request.user.has_perm(_SEE_ALL) else exports.of(request.user)

    def get_list_display(self, request):
        title, format_name, state, *others = self.list_display
        owner = ["owner"] if request.user.has_perm(_SEE_ALL) else []
        return [title, format_name, state, self._download_for(request.user), *others, *owner]

    def get_fields(self, request, obj=None):
        fields = [name for name in self.fields if name not in {"error", "download"}]
        if obj and obj.error:
            fields.append("error")
        if obj and obj.is_ready and obj.owner_id == request.user.pk:
            fields.insert(0, "download")
        return fields

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(_PERMISSION) or request.user.has_perm(_SEE_ALL)

    def has_add_permission(self, request):
        return request.user.has_perm(_PERMISSION)

    def has_delete_permission(self, request, obj=None):
        return request.user.has_perm(_PERMISSION) and (obj is None or obj.owner_id == request.user.pk)

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # others' are among those that an administrator sees
        return actions

    def remove(self, obj, *, by):
        exporting.delete(obj, by=by)

    def get_urls(self):
        view = self.admin_site.admin_view(self.download_view)
        return [path("<int:pk>/download/", view, name="reporting_export_download"), *super().get_urls()]

    def download_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Answer with the file, to its owner."""
        export = Export.objects.filter(pk=pk).first()
        try:
            if export is None:
                raise exporting.FileGone
            return file_response(export, by=request.user)
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:reporting_export_changelist"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """Ask what shall be exported; then how. What the address says is filled in beforehand."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("New export"),
            "choices": exportables.open_to(request.user),
        }
        if what := request.GET.get("what", ""):
            try:
                context["exportable"] = exportable = exportables.find(what)
                exportable.require(request.user)
            except DomainError:
                raise PermissionDenied from None
            form = ExportForm(
                request.POST or None, exportable=exportable, user=request.user, initial=request.GET.dict()
            )
            if request.method == "POST" and form.is_valid() and (export := self._ask(request, what, form)):
                return HttpResponseRedirect(export)
            context |= {"form": form, "once_token": once.token_of(request) or once.new_token()}
        return TemplateResponse(request, "admin/reporting/new_export.html", context)

    def _ask(self, request: HttpRequest, what: str, form: ExportForm) -> str | None:
        """Ask for the export, once for each form, and return where to go; None where it is refused."""

        def act() -> dict[str, Any]:
            export = exporting.request(what, by=request.user, **form.arguments())
            return {"url": reverse("admin:reporting_export_change", args=[export.pk])}

        try:
            answer, _is_repeat = once.once(request, f"export:{what}", act)
        except DomainError as refusal:
            form.refuse(refusal)
            return None
        self.message_user(request, _("The export was handed to a worker. You are told when it is ready."))
        return answer["url"]

    @admin.display(description=gettext_lazy("what"), ordering="what")
    def title(self, export):
        return exportables.title_of(export.what)

    @admin.display(description=gettext_lazy("format"), ordering="format")
    def format_name(self, export):
        return export.format.upper()

    @admin.display(description=gettext_lazy("filters"))
    def asked(self, export):
        return ", ".join(f"{label}: {text}" for label, text in exportables.in_words(export.filters)) or EMPTY

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, export):
        return badge(export.status, export.get_status_display(), tone=_TONES.get(export.status))

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, export):
        if export.rows_total is None:
            return EMPTY
        words = _("%(done)s of %(total)s rows") % {
            "done": number(export.rows_done),
            "total": number(export.rows_total),
        }
        if not export.is_unfinished:
            return number(export.rows_done)
        return format_html(
            '<progress value="{}" max="{}">{}</progress> {}',
            export.rows_done,
            max(export.rows_total, 1),
            words,
            words,
        )

    @numeric(description=gettext_lazy("size"), ordering="size")
    def file_size(self, export):
        return EMPTY if export.size is None else filesizeformat(export.size)

    @admin.display(description=gettext_lazy("kept until"), ordering="expires_at")
    def until(self, export):
        return moment(export.expires_at)

    @admin.display(description=gettext_lazy("file"))
    def download(self, export):
        url = reverse("admin:reporting_export_download", args=[export.pk])
        return format_html('<a class="button button--primary" href="{}">{}</a>', url, _("Download"))

    def _download_for(self, user):
        @admin.display(description=gettext_lazy("file"))
        def download(export):
            if not export.is_ready or export.owner_id != user.pk:
                return EMPTY
            url = reverse("admin:reporting_export_download", args=[export.pk])
            return format_html('<a href="{}">{}</a>', url, _("Download"))

        return download
