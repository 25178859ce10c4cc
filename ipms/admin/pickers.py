"""Dates, times and figures by the browser's own fields: they fit a phone and weigh nothing."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from ipms.money import plain


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


class FigureInput(forms.NumberInput):
    """Shows a figure without the zeros that its column adds: `7.75`, not `7.75000000`."""

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, Decimal) and value.is_finite():
            return plain(value)
        return super().format_value(value)


class FigureField(forms.DecimalField):
    """Takes a comma for the decimal point, as the keyboards of half the world have it."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.count(",") == 1 and "." not in value:
            value = value.replace(",", ".")
        return super().to_python(value)


_OVERRIDES = {
    models.DecimalField: {"widget": FigureInput},
    models.DateField: {"widget": DateInput},
    models.TimeField: {"widget": TimeInput},
    models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": SplitDateTimeInput},
}


def install(page: Any) -> None:
    """Let a ModelAdmin or an inline use the pickers, except where it chose a widget of its own."""
    for field_class, override in _OVERRIDES.items():
        if field_class not in type(page).formfield_overrides:
            page.formfield_overrides[field_class] = override
