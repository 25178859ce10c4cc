"""Currencies to choose from, instead of a code to type."""

from typing import Any

from django import forms

from ipms.fields import CurrencyField
from ipms.money import MINOR_UNITS


class CurrencyChoiceField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        for name in ("max_length", "empty_value", "strip"):
            kwargs.pop(name, None)
        codes = [(code, code) for code in sorted(MINOR_UNITS)]
        super().__init__(choices=codes if kwargs.get("required", True) else [("", "–"), *codes], **kwargs)


#: For `formfield_overrides` of a ModelAdmin.
CHOSEN: dict[Any, dict[str, Any]] = {CurrencyField: {"form_class": CurrencyChoiceField}}
