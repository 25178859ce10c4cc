"""What a person may ask of a report: a field for each parameter that the API takes, checked by its rules."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from ipms.api.fields import RecordField
from reporting.api.reports import ReportParameters

#: A value and what a person reads of it.
Choices = Iterable[tuple[Any, Any]]

#: A page has buttons for the one, and its charts show the largest first.
_NOT_ASKED = {"format", "ordering"}
#: More records than this are named by their code, not picked from a list.
_MOST_OPTIONS = 300
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True)
class Option:
    value: str
    label: Any
    is_selected: bool


@dataclass(frozen=True)
class Input:
    """A field of the form: `kind` is `select`, or the type of an HTML input.

    One that `is_decided` always has a value.
    """

    name: str
    label: Any
    kind: str
    value: str
    options: list[Option]
    hint: Any
    errors: list[Any]
    is_decided: bool

    @property
    def id(self) -> str:
        return f"ask-{self.name}"


def inputs(
    parameters: ReportParameters, sent: Mapping[str, str], choices: Mapping[str, Callable[[], Choices]]
) -> list[Input]:
    """Return the form's fields with what was sent and what is wrong with it; it was checked before.

    `choices` gives parameters that the API takes as text a list to pick from.
    """
    return [
        _input(name, field, sent.get(name, ""), parameters.errors.get(name, []), choices.get(name))
        for name, field in parameters.fields.items()
        if name not in _NOT_ASKED
    ]


def _input(
    name: str,
    field: serializers.Field,
    value: str,
    errors: list[Any],
    choices: Callable[[], Choices] | None,
) -> Input:
    kind, offered = _kind(field, value) if choices is None else ("select", list(choices()))
    if kind == "select" and value and value not in {str(key) for key, _label in offered}:
        offered = [(value, value), *offered]
    is_decided = field.default is not serializers.empty
    if not value and is_decided:
        value = str(field.default)
    return Input(
        name=name,
        label=field.label,
        kind=kind,
        value=value,
        options=[Option(str(key), label, str(key) == value) for key, label in offered],
        hint=_hint(field, kind),
        errors=errors,
        is_decided=is_decided,
    )


def _kind(field: serializers.Field, value: str) -> tuple[str, list[tuple[Any, Any]]]:
    match field:
        case RecordField():
            return _records(field)
        case serializers.ChoiceField():
            return "select", list(field.choices.items())
        case serializers.DateField() if not value or _DAY.fullmatch(value):
            return "date", []
        case serializers.IntegerField():
            return "number", []
        case _:
            # Also a moment in the place of a day, and what is no day at all: a field for days would lose it.
            return "text", []


def _hint(field: serializers.Field, kind: str) -> Any:
    if isinstance(field, RecordField):
        named = _("Its code.") if kind == "text" else ""
        return " ".join(str(part) for part in (named, field.help_text) if part)
    # What the API says of words is not true of a list to pick from.
    return "" if kind == "select" else field.help_text or ""


def _records(field: RecordField) -> tuple[str, list[tuple[Any, Any]]]:
    key = field.keys.natural_key or "pk"
    found = list(field.keys.queryset[: _MOST_OPTIONS + 1])
    if len(found) > _MOST_OPTIONS:
        return "text", []
    return "select", [(getattr(record, key), record) for record in found]
