"""Dates, times and figures by the browser's own fields: they fit a phone and weigh nothing."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from ipms.admin import figures


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        # The browser takes and gives ISO 8601, whatever it shows.
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"step": 1, **(attrs or {})}, format="%H:%M:%S")


class SplitDateTimeInput(forms.SplitDateTimeWidget):
    template_name = "admin/widgets/split_datetime.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        # The field's label is that of the date.
        forms.MultiWidget.__init__(self, [DateInput, TimeInput({"aria-label": _("Time")})], attrs)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_


class FigureInput(forms.TextInput):
    """Shows a figure as its reader writes it, without the zeros that its column adds: `7.75` or `7,75`.

    It is no number field of the browser's: those follow the browser's language, not that of the page, and
    take `1.234` for what the one means and not the other.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "figure", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, Decimal) and value.is_finite():
            return figures.written(value)
        return super().format_value(value)


class _BoundFigure(forms.BoundField):
    def value(self) -> Any:
        if self.form.is_bound:
            return super().value()
        return figures.written(self.initial)


class FigureField(forms.DecimalField):
    """Takes a figure as it is written in the reader's language; one that may mean two things is refused."""

    widget = FigureInput

    def to_python(self, value: Any) -> Any:
        return super().to_python(figures.read(value) if isinstance(value, str) else value)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        return _BoundFigure(form, self, field_name)


_OVERRIDES = {
    models.DecimalField: {"form_class": FigureField, "widget": FigureInput},
    models.DateField: {"widget": DateInput},
    models.TimeField: {"widget": TimeInput},
    models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": SplitDateTimeInput},
}


def install(page: Any) -> None:
    """Let a ModelAdmin or an inline use the pickers, except where it chose a widget of its own."""
    for field_class, override in _OVERRIDES.items():
        if field_class not in type(page).formfield_overrides:
            page.formfield_overrides[field_class] = override
