"""What a person says to have something exported: the format, and the filters of the list or the report."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.forms.utils import pretty_name
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ipms.admin.forms import ActionForm
from ipms.admin.pickers import DateInput
from ipms.api.filters import DayFilter, FlagFilter, MomentFilter
from ipms.errors import InvalidInput
from reporting import files
from reporting.api.list_exports import ListExport
from reporting.api.report_exports import ReportExport
from reporting.exportables import Exportable

_ANY = [("", _("Any"))]
_FLAGS = [*_ANY, ("true", _("Yes")), ("false", _("No"))]
_FORMATS = [(name, name.upper()) for name in ("xlsx", "csv", "pdf", "json") if name in files.FORMATS]


class ExportForm(ActionForm):
    """A field for each filter that the list or the report has; the domain checks what they say."""

    format = forms.ChoiceField(label=_("Format"), choices=_FORMATS)

    def __init__(self, *args: Any, exportable: Exportable, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, obj=None, user=user, **kwargs)
        self._filters = _fields(exportable)
        self.fields |= self._filters

    def arguments(self) -> dict[str, Any]:
        given = {name: _word(self.cleaned_data[name]) for name in self._filters}
        return {
            "format": self.cleaned_data["format"],
            "filters": {name: word for name, word in given.items() if word},
        }

    def refuse(self, refusal: Any) -> None:
        if isinstance(refusal, InvalidInput) and "filters" in refusal.details:
            refusal = InvalidInput(refusal.details["filters"])
        super().refuse(refusal)


def _word(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "").strip()


def _fields(exportable: Exportable) -> Mapping[str, forms.Field]:
    if isinstance(exportable, ListExport):
        filters = exportable.view_class.filterset_class.base_filters
        found = {name: _of_filter(found) for name, found in filters.items() if _is_asked(found)}
        fields = {"q": forms.CharField(label=_("Search"), max_length=200), **found}
    elif isinstance(exportable, ReportExport):
        parameters = exportable.view_class.parameters_class().fields
        fields = {name: _of_parameter(field) for name, field in parameters.items() if name != "format"}
    else:
        fields = {}
    for name, field in fields.items():
        field.label = capfirst(field.label or pretty_name(name))
        field.required = False
    return fields


def _is_asked(found: django_filters.Filter) -> bool:
    # Days do for people; a moment is for programs that fetch what is new.
    return not isinstance(found, MomentFilter)


def _of_filter(found: django_filters.Filter) -> forms.Field:
    about = {"label": found.extra.get("label"), "help_text": found.extra.get("help_text", "")}
    match found:
        case django_filters.ChoiceFilter():
            choices = found.extra["choices"]
            return forms.ChoiceField(choices=[*_ANY, *(choices() if callable(choices) else choices)], **about)
        case FlagFilter():
            return forms.ChoiceField(choices=_FLAGS, **about)
        case DayFilter():
            return forms.DateField(widget=DateInput, **about)
    return forms.CharField(max_length=200, **about)


def _of_parameter(field: serializers.Field) -> forms.Field:
    about = {"label": field.label, "help_text": field.help_text or ""}
    match field:
        case serializers.ChoiceField():
            return forms.ChoiceField(choices=[*_ANY, *field.choices.items()], **about)
        case serializers.BooleanField():
            return forms.ChoiceField(choices=_FLAGS, **about)
        case serializers.DateField():
            return forms.DateField(widget=DateInput, **about)
    return forms.CharField(max_length=200, **about)
