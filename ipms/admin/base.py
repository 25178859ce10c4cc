"""What every page of the back office is built on."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.deletion import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from ipms.admin import once, pickers, refusals
from ipms.admin.bulk_actions import BulkActionsMixin
from ipms.admin.history import HistoryMixin
from ipms.admin.object_actions import ObjectActionsMixin
from ipms.admin.paginator import CappedPaginator
from ipms.errors import DomainError, InUse, InvalidInput

#: Scripts of Django's admin that a form needs; jQuery comes for its inlines and for autocompletion.
_FORM_SCRIPTS = [
    "admin/js/vendor/jquery/jquery.min.js",
    "admin/js/jquery.init.js",
    "admin/js/core.js",
    "admin/js/admin/RelatedObjectLookups.js",
]
_PREPOPULATE_SCRIPTS = [
    "admin/js/vendor/xregexp/xregexp.min.js",
    "admin/js/urlify.js",
    "admin/js/prepopulate.js",
]


class DomainAdmin(ObjectActionsMixin, BulkActionsMixin, HistoryMixin, admin.ModelAdmin):
    """A ModelAdmin that changes things only through the functions of the domain.

    Where the domain has a function for it, override `create`, `change` and `remove`: each makes one call.
    What the domain refuses is shown in the form, beside the fields it names, with everything that was typed.
    """

    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 200
    save_on_top = False

    def __init__(self, model, admin_site):
        super().__init__(model, admin_site)
        pickers.install(self)

    def get_inline_instances(self, request, obj=None):
        inlines = super().get_inline_instances(request, obj)
        for inline in inlines:
            pickers.install(inline)
        return inlines

    def create(
        self, request: HttpRequest, values: dict[str, Any], lines: dict[str, list[dict[str, Any]]]
    ) -> models.Model:
        """Create the object from the form's cleaned values by one call of the domain and return it.

        `lines` holds, by the name of the relation of each inline (`"lines"`), the cleaned values of each row
        that was filled in, in order: an `InvalidInput` with `lines=[{…}, {…}]` finds its rows again.
        """
        raise NotImplementedError

    def change(
        self,
        request: HttpRequest,
        obj: models.Model,
        values: dict[str, Any],
        lines: dict[str, list[dict[str, Any]]],
    ) -> None:
        """Change `obj`, as it is stored, by one call of the domain. `values` and `lines` as for `create`.

        A line of `lines` that is already stored has its object under `"id"`.
        """
        raise NotImplementedError

    def remove(self, obj: models.Model, *, by: Any) -> None:
        """Delete the object. Override it where the domain has a function for that."""
        try:
            obj.delete()
        except ProtectedError as error:
            raise InUse(_("Something else depends on it.")) from error

    def get_search_results(self, request, queryset, search_term):
        """Search as the API does where the model knows how (`QuerySet.search`), else by `search_fields`."""
        if search_term and hasattr(queryset, "search"):
            return queryset.search(search_term), False
        return super().get_search_results(request, queryset, search_term)

    # Saving: Django's steps, with one call of the domain in the place of its writes.

    def save_model(self, request, obj, form, change):
        if not self._has_own(change):
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        if not self._has_own(change):
            super().save_related(request, form, formsets, change)
            return
        lines = {formset.get_default_prefix(): _lines(formset) for formset in formsets}
        try:
            if change:
                stored = self.model._base_manager.get(pk=form.instance.pk)
                self.change(request, stored, form.cleaned_data, lines)
            else:
                stored = self.create(request, form.cleaned_data, lines)
        except ValidationError as error:  # what the form found in order has been taken meanwhile
            raise InvalidInput(error.message_dict) from error
        form.instance.__dict__.update(stored.__dict__)

    def construct_change_message(self, request, form, formsets, add=False):
        return []

    def delete_model(self, request, obj):
        self.remove(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        self.run_each(request, queryset, self.remove, done=_("deleted"))

    def _has_own(self, change: bool) -> bool:
        name = "change" if change else "create"
        return getattr(type(self), name) is not getattr(DomainAdmin, name)

    # What happened is written by the audit trail; Django's second log would only repeat it.

    def log_addition(self, request, obj, message):
        request.is_saved = True

    def log_change(self, request, obj, message):
        request.is_saved = True

    def log_deletions(self, request, queryset):
        return None

    # Refusals and double clicks.

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        extra_context = {**(extra_context or {}), "once_token": once.token_of(request) or once.new_token()}
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            if IS_POPUP_VAR in request.POST:  # its answer is a script for the page that opened it: not kept
                return super().changeform_view(request, object_id, form_url, extra_context)
            return self._save_once(request, object_id, form_url, extra_context)
        except once.AlreadySent as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        except DomainError as refusal:
            # All was rolled back. The same form is drawn again, this time with the refusal among its errors.
            request.domain_refusal = refusal
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _save_once(self, request, object_id, form_url, extra_context) -> HttpResponse:
        page: list[HttpResponse] = []

        def act() -> dict[str, Any]:
            response = super(DomainAdmin, self).changeform_view(request, object_id, form_url, extra_context)
            page.append(response)
            if not getattr(request, "is_saved", False):
                raise _NotSaved
            return {"url": response["Location"], "messages": _queued_messages(request)}

        purpose = f"{self.opts.label_lower}:{object_id or 'add'}:save"
        try:
            answer, is_repeat = once.once(request, purpose, act)
        except _NotSaved:
            return page[0]
        if not is_repeat:
            return page[0]
        for level, text in answer["messages"]:
            self.message_user(request, mark_safe(text), level)  # noqa: S308 - escaped when it was kept
        self.message_user(request, _("The form came twice; it was saved once."), messages.INFO)
        return HttpResponseRedirect(answer["url"])

    def get_form(self, request, obj=None, change=False, **kwargs):
        form_class = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "domain_refusal", None)
        if refusal is None:
            return form_class
        inlines = self.get_inline_instances(request, obj)
        relations = {inline.get_formset(request, obj).get_default_prefix() for inline in inlines}

        class RefusedForm(form_class):
            def full_clean(self):
                super().full_clean()
                refusals.add_to_form(self, refusal, elsewhere=relations)
                if not self.errors and not relations & set(refusal.details):
                    self.add_error(None, str(refusal))

        return RefusedForm

    def _create_formsets(self, request, obj, change):
        formsets, inline_instances = super()._create_formsets(request, obj, change)
        refusal = getattr(request, "domain_refusal", None)
        for formset in formsets if isinstance(refusal, InvalidInput) else []:
            if (problems := refusal.details.get(formset.get_default_prefix())) is not None:
                formset.full_clean()
                refusals.add_to_formset(formset, problems)
        return formsets, inline_instances

    def delete_view(self, request, object_id, extra_context=None):
        try:
            with transaction.atomic():
                return super().delete_view(request, object_id, extra_context)
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect("../change/")

    # Weight: a list needs none of the scripts of forms.

    @property
    def media(self):
        scripts = _FORM_SCRIPTS + (_PREPOPULATE_SCRIPTS if self.prepopulated_fields else [])
        return forms.Media(js=scripts)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if change:
            unneeded = _PREPOPULATE_SCRIPTS
            if not self.has_change_permission(request, obj):
                unneeded = [script for script in context["media"]._js if _is_for_forms(script)]
            context["media"] = _without(unneeded, context["media"])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_prepopulated_fields(self, request, obj=None):
        # What is stored has its code; it does not follow the name any more.
        return super().get_prepopulated_fields(request, obj) if obj is None else {}

    def changelist_view(self, request, extra_context=None):
        extra_context = {**(extra_context or {}), "once_token": once.new_token()}
        if not self.list_editable:
            needs_forms = IS_POPUP_VAR in request.GET
            extra_context["media"] = forms.Media(js=_FORM_SCRIPTS if needs_forms else [])
        return super().changelist_view(request, extra_context)


class ReadOnlyAdmin(DomainAdmin):
    """For what is written by the domain alone: the ledger, histories, logs. It can be read, nothing else."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnlyInline(admin.TabularInline):
    """Rows below a document that can be read only."""

    extra = 0
    max_num = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


def _is_for_forms(script: Any) -> bool:
    return str(script).startswith("admin/js/")


def _without(scripts: Collection[Any], media: forms.Media) -> forms.Media:
    left = [script for script in media._js if script not in scripts]
    return forms.Media(css=media._css, js=left)


def _lines(formset: Any) -> list[dict[str, Any]]:
    unwanted = {"DELETE", formset.fk.name} if hasattr(formset, "fk") else {"DELETE"}
    return [
        {name: value for name, value in form.cleaned_data.items() if name not in unwanted}
        for form in refusals.filled_in(formset)
    ]


def _queued_messages(request: HttpRequest) -> list[tuple[int, str]]:
    queued = messages.get_messages(request)._queued_messages
    return [(message.level, str(conditional_escape(message.message))) for message in queued]


class _NotSaved(Exception):
    """The form was not valid: nothing is kept under its token."""
