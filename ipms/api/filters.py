"""Filters, search and order of lists; a value that cannot be meant is refused, not ignored."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError as FormError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend

from ipms.api.natural_keys import Keys, NotFoundByKey

_LONGEST_QUERY = 200
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter as it is: an unknown status or a malformed date is a `VALIDATION_ERROR`."""

    def get_filterset_class(self, view, queryset=None):
        # An action that lists records of another model than the view's has the filters of those.
        return getattr(view, "filterset_class", None)


class SearchBackend(BaseFilterBackend):
    """`q`: the queryset's own `search(q)`, else every word in any of the view's `search_fields`."""

    def filter_queryset(self, request, queryset, view):
        text = request.query_params.get("q", "").strip()
        if not text:
            return queryset
        if len(text) > _LONGEST_QUERY:
            raise ValidationError({"q": [_("At most %(most)s characters.") % {"most": _LONGEST_QUERY}]})
        if hasattr(queryset, "search"):
            return queryset.search(text)
        for word in text.split():
            matches = Q()
            for field in view.search_fields:
                matches |= Q(**{f"{field}__icontains": word})
            queryset = queryset.filter(matches)
        return queryset

    def get_schema_operation_parameters(self, view):
        return [_parameter("q", _("Search: words in any order."))]


class StrictOrdering(BaseFilterBackend):
    """`ordering=name,-created_at`, from the view's `ordering_fields`; the key decides between equals.

    `ordering_fields` lists names, or maps the names of the API to those of the queryset. Without the
    parameter the order is the search's by likeness, else the view's `ordering`, else the model's.
    """

    def filter_queryset(self, request, queryset, view):
        return self._with_key(queryset, self._order(request, queryset, view))

    def _order(self, request, queryset, view) -> list[Any]:
        if wanted := request.query_params.get("ordering", "").strip():
            fields = _names(view)
            terms = [term.strip() for term in wanted.split(",")]
            if unknown := [term for term in terms if term.removeprefix("-") not in fields]:
                sentence = _("“%(unknown)s” is not one of: %(fields)s.")
                given = {"unknown": ", ".join(unknown), "fields": ", ".join(fields)}
                raise ValidationError({"ordering": [sentence % given]})
            return ["-" * term.startswith("-") + fields[term.removeprefix("-")] for term in terms]
        return list(
            queryset.query.order_by
            or getattr(view, "ordering", None)
            or queryset.model._meta.ordering
            or ["pk"]
        )

    def _with_key(self, queryset: QuerySet, order: list[Any]) -> QuerySet:
        if not {"pk", "-pk", "id", "-id"} & {term for term in order if isinstance(term, str)}:
            last = order[-1]
            order.append("-pk" if isinstance(last, str) and last.startswith("-") else "pk")
        return queryset.order_by(*order)

    def get_schema_operation_parameters(self, view):
        names = ", ".join(_names(view))
        return [_parameter("ordering", _("Comma-separated, - for descending: %(names)s.") % {"names": names})]


class _Documented(django_filters.Filter):
    """A filter that tells the OpenAPI document its type beside its `help_text`."""

    schema: ClassVar[dict[str, str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        described = {"description": str(text)} if (text := self.extra.get("help_text")) else {}
        extend_schema_field({**self.schema, **described})(self)


class _DayInput(forms.CharField):
    def clean(self, value):
        if not (text := super().clean(value)):
            return None
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise FormError(_("“%(text)s” is not a date such as 2031-05-31."), params={"text": text})


class DayFilter(_Documented):
    """A date, `YYYY-MM-DD`.

    With `since` it takes what is on or after that day, with `until` what is on or before it. Where the field
    holds a moment (`of_moment`), the days are those of UTC.
    """

    schema = {"type": "string", "format": "date"}
    field_class = _DayInput

    def __init__(
        self, field_name=None, *, since: bool = False, until: bool = False, of_moment: bool = True, **kwargs
    ):
        super().__init__(field_name, **kwargs)
        self.since, self.until, self.of_moment = since, until, of_moment

    def filter(self, queryset, value):
        if value is None or not (self.since or self.until):
            return super().filter(queryset, value)
        if self.since:
            return queryset.filter(
                **{f"{self.field_name}__gte": _midnight(value) if self.of_moment else value}
            )
        if not self.of_moment:
            return queryset.filter(**{f"{self.field_name}__lte": value})
        if value == date.max:
            return queryset
        return queryset.filter(**{f"{self.field_name}__lt": _midnight(value + timedelta(1))})


class _MomentInput(forms.CharField):
    def clean(self, value):
        if not (text := super().clean(value)):
            return None
        try:
            # A plus sign that was not escaped arrives as a space.
            moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            sentence = _("“%(text)s” is not a time such as 2031-05-31T08:00:00Z.")
            raise FormError(sentence, params={"text": text}) from error


class MomentFilter(_Documented):
    """A moment, ISO 8601, UTC where no offset is given; `lookup_expr` says how it compares."""

    schema = {"type": "string", "format": "date-time"}
    field_class = _MomentInput


class _ChoicesInput(django_filters.fields.ChoiceField):
    def clean(self, value):
        if value in self.empty_values:
            return []
        one = super().clean
        return [one(part.strip()) for part in value.split(",")]


class ChoiceFilter(django_filters.ChoiceFilter):
    """One of a list of values, or several of them separated by commas."""

    field_class = _ChoicesInput

    def filter(self, queryset, value):
        return queryset.filter(**{f"{self.field_name}__in": value}) if value else queryset


class _FlagInput(forms.CharField):
    def clean(self, value):
        text = super().clean(value).lower()
        if text and text not in _FLAGS:
            raise FormError(_("“%(text)s” is neither true nor false."), params={"text": text})
        return _FLAGS.get(text)


class FlagFilter(_Documented):
    """`true` or `false`."""

    schema = {"type": "boolean"}
    field_class = _FlagInput


class _RecordInput(forms.CharField):
    def __init__(self, *, keys: Keys, **kwargs):
        super().__init__(**kwargs)
        self.keys = keys

    def clean(self, value):
        if not (text := super().clean(value)):
            return None
        try:
            return self.keys.get(text)
        except NotFoundByKey as error:
            raise FormError("%(why)s", params={"why": str(error)}) from error


class RecordFilter(_Documented):
    """A record by its id or natural key; one that does not exist is refused.

    `method`, if given, gets the record itself: `def within(self, queryset, name, category)`.
    """

    schema = {"type": "string"}
    field_class = _RecordInput

    def __init__(self, field_name=None, *, queryset: QuerySet, natural_key: str | None = None, **kwargs):
        super().__init__(field_name, **kwargs)
        self.extra["keys"] = Keys(queryset, natural_key)


_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _names(view) -> dict[str, str]:
    fields = getattr(view, "ordering_fields", ())
    return dict(fields) if isinstance(fields, dict) else {name: name for name in fields}


def _parameter(name: str, description: Any) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"name": name, "in": "query", "required": False, "description": str(description), "schema": schema}
