"""Filters of the import page."""

import re
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from import_export.results import Result, RowResult

from ipms.admin.display import badge
from ipms.admin.spreadsheets import IMPORT_TYPES

register = template.Library()

_STYLE_ATTRIBUTE = re.compile(r'<(ins|del|span) style="[^"<>]*">')
_TONES = {
    RowResult.IMPORT_TYPE_NEW: "good",
    RowResult.IMPORT_TYPE_UPDATE: "info",
    RowResult.IMPORT_TYPE_SKIP: "quiet",
    RowResult.IMPORT_TYPE_DELETE: "bad",
}


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be taken, with everything that is wrong with it: (column, sentence)."""

    number: int
    problems: list[tuple[str, str]]
    headings: list[str]
    values: list[Any]


@register.filter
def bad_rows(result: Result) -> list[BadRow]:
    """Return all bad rows in the order of the file, whether a value was invalid or the domain refused."""
    rows = [_invalid(row, result) for row in result.invalid_rows]
    rows += [_refused(row.number, row.errors) for row in result.error_rows]
    return sorted(rows, key=lambda row: row.number)


@register.filter
def totals(result: Result) -> list[tuple[int, Any]]:
    """Return how many rows would be new, changed, unchanged, deleted: (count, word), without zeros."""
    return [(result.totals[name], label) for name, label in IMPORT_TYPES.items() if result.totals.get(name)]


@register.filter
def import_badge(import_type: str) -> SafeString | str:
    return badge(import_type, IMPORT_TYPES.get(import_type), tone=_TONES.get(import_type, "bad"))


@register.filter
def without_styles(html: str) -> SafeString:
    """Take the style attributes out of the differences that django-import-export marks in a preview."""
    return mark_safe(_STYLE_ATTRIBUTE.sub(r"<\1>", str(html)))  # noqa: S308 - it came escaped


def _invalid(row: Any, result: Result) -> BadRow:
    problems = [(field, text) for field, texts in row.field_specific_errors.items() for text in texts]
    problems += [("", text) for text in row.non_field_specific_errors]
    return BadRow(row.number, problems, list(result.diff_headers), list(row.values))


def _refused(number: int, errors: Any) -> BadRow:
    content: dict[str, Any] = next((error.row for error in errors if error.row), {})
    problems = [("", str(error.error)) for error in errors]
    return BadRow(number, problems, list(content), list(content.values()))
