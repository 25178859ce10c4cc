"""Records by what people call them: an id, or a key such as a SKU, without regard to case."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

_MAX_ID = 2**63 - 1
_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)


class NotFoundByKey(Exception):
    """No record has this key, or it is no key at all. Its text is fit for the user."""


class Keys:
    """Finds records of a queryset by id or natural key.

    A JSON integer is an id. Text is the natural key first, and an id where no record has that key and it
    is all digits. An object, as reads give it, counts by its `id`, else by its natural key.
    """

    def __init__(self, queryset: QuerySet, natural_key: str | None = None) -> None:
        self.queryset = queryset
        self.natural_key = natural_key

    def get(self, value: Any) -> Model:
        """Return the record; raise `NotFoundByKey`."""
        return self.found(value, self.get_many([value]).get(self.normal(value)))

    def found(self, value: Any, record: Model | None) -> Model:
        """Return the record that `get_many` found for `value`; raise `NotFoundByKey` where it found none."""
        if record is None:
            raise NotFoundByKey(self._sentence(value))
        return record

    def get_many(self, values: Iterable[Any]) -> dict[int | str, Model]:
        """Return what is found, by `normal(value)`, with one query for any number of values."""
        wanted = {key for value in values if (key := self.normal(value)) is not None}
        names = {key for key in wanted if isinstance(key, str)}
        ids = {key for key in wanted if isinstance(key, int)} | {
            int(name) for name in names if _DIGITS.fullmatch(name) and int(name) <= _MAX_ID
        }
        if not wanted:
            return {}
        asked, by_name = self.queryset.all(), {}
        condition = Q(pk__in=ids)
        if self.natural_key and names:
            asked = asked.annotate(_natural_key=Lower(self.natural_key))
            condition |= Q(_natural_key__in=names)
        records = list(asked.filter(condition)) if ids or self.natural_key else []
        by_id = {record.pk: record for record in records}
        if self.natural_key:
            by_name = {getattr(record, self.natural_key).lower(): record for record in records}
        found = {}
        for key in wanted:
            record = by_id.get(key) if isinstance(key, int) else by_name.get(key)
            if record is None and isinstance(key, str) and _DIGITS.fullmatch(key):
                record = by_id.get(int(key))
            if record is not None:
                found[key] = record
        return found

    def normal(self, value: Any) -> int | str | None:
        """Return the form under which `get_many` answers; None for what cannot be a key."""
        if isinstance(value, Mapping):
            value = value.get("id", value.get(self.natural_key))
        if isinstance(value, bool):
            return None
        if isinstance(value, int):
            return value if 0 < value <= _MAX_ID else None
        if isinstance(value, str) and "\x00" not in value:
            return value.strip().lower() or None
        return None

    def _sentence(self, value: Any) -> str:
        if isinstance(value, Mapping):
            value = value.get("id", value.get(self.natural_key, ""))
        given = {
            "name": self.queryset.model._meta.verbose_name,
            "value": str(value)[:80],
            "key": self.natural_key,
        }
        if self.natural_key:
            return _("There is no %(name)s “%(value)s”: send its id or its %(key)s.") % given
        return _("There is no %(name)s “%(value)s”: send its id.") % given
