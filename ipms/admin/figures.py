"""Figures as people type them: 1 234,5 in French, 1.234,5 in Portuguese, 1,234.5 in English."""

import re
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.translation import gettext as _

from ipms.money import plain

_CANONICAL = re.compile(r"-?\d+(\.\d+)?")
_SPACE = re.compile("[ \u00a0\u2009\u202f'\u2019\u066c]")
#: The decimal point of Arabic keyboards; `\u066c` above is what parts its thousands.
_ARABIC_POINT = "\u066b"
_BY_SPACES = re.compile(r"[+-]?\d{1,3}(?: \d{3})+(?:[.,]\d*)?")
_BY_COMMAS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_BY_POINTS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?")
_EITHER = re.compile(r"[+-]?(?P<whole>[1-9]\d{0,2})[.,](?P<fraction>\d{3})")


def written(value: Any) -> Any:
    """Return a figure, or one that a program wrote, with the decimal point of the active language."""
    if isinstance(value, Decimal) and value.is_finite():
        value = plain(value)
    if isinstance(value, str) and _CANONICAL.fullmatch(value):
        return value.replace(".", _point())
    return value


def read(typed: str) -> str:
    """Return what was typed as a program writes it; what is no figure comes back as it is.

    Spaces, points and commas that part thousands go, and the one before the decimals becomes a point. Raises
    `ValidationError` for `1,234` where the comma parts thousands and `1.234` where the point does: half of
    those who type it mean the one, half the other.
    """
    text = _SPACE.sub(" ", typed.strip()).replace(_ARABIC_POINT, ".")
    if " " in text:
        return text.replace(" ", "").replace(",", ".") if _BY_SPACES.fullmatch(text) else typed
    marks = [letter for letter in text if letter in ".,"]
    if len(marks) > 1:
        if _BY_COMMAS.fullmatch(text):
            return text.replace(",", "")
        return text.replace(".", "").replace(",", ".") if _BY_POINTS.fullmatch(text) else typed
    if marks == [str(get_format("THOUSAND_SEPARATOR"))] and (found := _EITHER.fullmatch(text)):
        raise ValidationError(
            _("“%(typed)s” may mean two things: write %(thousands)s or %(decimals)s."),
            code="ambiguous",
            params={
                "typed": typed.strip(),
                "thousands": found["whole"] + found["fraction"],
                "decimals": found["whole"] + _point() + found["fraction"] + "0",
            },
        )
    return text.replace(",", ".")


def _point() -> str:
    return str(get_format("DECIMAL_SEPARATOR"))
