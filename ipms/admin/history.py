"""The audit trail of one object, in the place of Django's own history."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from auditlog import get_logentry_model
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ipms import audit


@dataclass(frozen=True)
class Change:
    """One field of one entry, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class HistoryEntry:
    entry: Any
    changes: list[Change]

    @property
    def event(self) -> str:
        """Return what happened beside a change, in words."""
        return str(dict(self.entry.Event.choices).get(self.entry.event, self.entry.event))


class HistoryMixin:
    """Shows the audit entries of an object under its "History" link."""

    object_history_template = "admin/object_history.html"
    history_per_page = 50

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        entries = get_logentry_model().objects.get_for_object(obj).select_related("actor").order_by("-id")
        page = Paginator(entries, self.history_per_page).get_page(request.GET.get(PAGE_VAR, 1))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "subtitle": str(obj),
            "page": page,
            "page_var": PAGE_VAR,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "entries": in_words(page.object_list),
            # From where somebody came is for those who may read the audit trail itself.
            "shows_addresses": request.user.has_perm(_may_read_trail()),
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": obj,
            "opts": self.opts,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.object_history_template, context)


def _may_read_trail() -> str:
    meta = get_logentry_model()._meta
    return f"{meta.app_label}.view_{meta.model_name}"


def in_words(entries: Any) -> list[HistoryEntry]:
    """Turn the stored changes of audit entries into labels and values that a person reads.

    What a foreign key points at is fetched with one query for each model, however many entries there are.
    """
    entries = list(entries)
    names = _names_of_related(entries)
    return [HistoryEntry(entry, _changes(entry, names)) for entry in entries]


def changed_labels(entry: Any) -> list[str]:
    """Return the names of the fields that an entry tells of."""
    model = entry.content_type.model_class()
    return [_label(model, name) for name in entry.changes_dict or {} if _is_of_interest(_field(model, name))]


def _changes(entry: Any, names: dict[type[models.Model], dict[str, str]]) -> list[Change]:
    model = entry.content_type.model_class()
    changes = []
    for name, change in (entry.changes_dict or {}).items():
        if not _is_of_interest(_field(model, name)):
            continue
        label = _label(model, name)
        if isinstance(change, dict):  # a relation to many: what was added or taken away
            objects = ", ".join(map(str, change.get("objects", [])))
            is_added = change.get("operation") == "add"
            changes.append(Change(label, "" if is_added else objects, objects if is_added else ""))
            continue
        old, new = [*change, "", ""][:2] if isinstance(change, list) else ("", change)
        if name in audit.SECRET_FIELDS:
            old, new = "•••", "••••"
        words = [_in_words(model, name, value, names) for value in (old, new)]
        if words[0] != words[1]:
            changes.append(Change(label, *words))
    return changes


def _label(model: type[models.Model] | None, name: str) -> str:
    # Some names of libraries were never marked for translation: ours are in their catalogue.
    return capfirst(_(str(getattr(_field(model, name), "verbose_name", name.replace("_", " ")))))


def _is_of_interest(field: Any) -> bool:
    """Whether a person asks for the field: not what the database derives, nor what others say of it."""
    if field is None:  # it had the field once
        return True
    if field.auto_created or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return False
    return not isinstance(field, models.GeneratedField)


def _in_words(model: type[models.Model] | None, name: str, value: Any, names: Any) -> str:
    if value in (None, "None", ""):
        return ""
    field = _field(model, name)
    if field is None:
        return str(value)
    if field.is_relation and field.related_model in names:
        return names[field.related_model].get(str(value), str(value))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.BooleanField):
        return {"True": _("yes"), "False": _("no")}.get(str(value), str(value))
    return str(value)


def _names_of_related(entries: list[Any]) -> dict[type[models.Model], dict[str, str]]:
    keys: dict[type[models.Model], set[str]] = defaultdict(set)
    for entry in entries:
        model = entry.content_type.model_class()
        for name, change in (entry.changes_dict or {}).items():
            field = _field(model, name)
            if field is not None and field.many_to_one and isinstance(change, list):
                keys[field.related_model].update(
                    str(value) for value in change if value not in (None, "None", "")
                )
    return {model: _names(model, values) for model, values in keys.items()}


def _names(model: type[models.Model], values: set[str]) -> dict[str, str]:
    valid = []
    for value in values:
        try:
            valid.append(model._meta.pk.to_python(value))
        except ValidationError:  # written when the key was of another kind
            continue
    return {str(key): str(obj) for key, obj in model._base_manager.in_bulk(valid).items()}


def _field(model: type[models.Model] | None, name: str) -> Any:
    if model is None:
        return None
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
