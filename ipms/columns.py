"""Columns of spreadsheets: how a cell becomes a value, and a value a cell."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from import_export.fields import Field

from ipms.money import MINOR_UNITS
from ipms.sheets import restored

_YES = {"yes", "y", "true", "1", "x"}
_NO = {"no", "n", "false", "0"}


class _Empty(Enum):
    """What an empty cell may mean besides a value; a copy of a resource keeps its identity."""

    KEPT = "kept"


#: An empty cell leaves the field alone.
KEPT = _Empty.KEPT


class Column(Field):
    """A column of text. `attribute` (a path with `__`) is where an export finds it, by default its own name.

    `empty` is the value of an empty cell; `KEPT` leaves a known record's value as it is, and a new one's to
    its default. A column that `is_required` stands in every file that is read, without an empty cell.
    """

    def __init__(
        self,
        attribute: str | None = None,
        *,
        is_required: bool = False,
        is_readonly: bool = False,
        empty: Any = "",
        hint: Any = "",
        max_length: int | None = None,
    ) -> None:
        super().__init__(attribute=attribute, readonly=is_readonly)
        self.is_required = is_required
        self.max_length = max_length
        self.empty = empty
        self.hint = hint

    def prepare(self, cells: Iterable[Any]) -> None:
        """See all cells of the column before the first is parsed: what is looked up, is looked up at once."""

    def parse(self, cell: Any) -> Any:
        """Return the value of a cell that is not empty. Raises `ValueError` with a sentence."""
        text = as_text(cell)
        if self.max_length and len(text) > self.max_length:
            raise ValueError(_("At most %(count)d characters, please.") % {"count": self.max_length})
        return text

    def export(self, instance: Any, **kwargs: Any) -> Any:
        value = self.get_value(instance)
        return str(value) if isinstance(value, models.Model | models.Choices) else value


class CodeColumn(Column):
    """A code in capitals, such as a currency or a country."""

    def parse(self, cell: Any) -> Any:
        return as_text(cell).upper()


class CurrencyColumn(CodeColumn):
    def parse(self, cell: Any) -> Any:
        code = super().parse(cell)
        if code not in MINOR_UNITS:
            raise ValueError(_("“%(code)s” is not an ISO 4217 currency code.") % {"code": code})
        return code


class NumberColumn(Column):
    """A decimal number, with a point and without thousands separators."""

    def __init__(
        self,
        attribute: str | None = None,
        *,
        empty: Any = KEPT,
        minimum: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(attribute, empty=empty, **options)
        self.minimum = minimum

    def parse(self, cell: Any) -> Decimal:
        if isinstance(cell, bool):
            raise ValueError(_("Enter a number."))
        # A cell of a workbook holds a binary fraction: its shortest form is what was typed.
        text = repr(cell) if isinstance(cell, float) else as_text(cell).replace("\N{NO-BREAK SPACE}", "")
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValueError(_("Enter a number such as 1250.50.")) from None
        if not number.is_finite() or abs(number.adjusted()) > 30:
            raise ValueError(_("Enter a number such as 1250.50."))
        if self.minimum is not None and number < self.minimum:
            raise ValueError(_("Enter %(minimum)d or more.") % {"minimum": self.minimum})
        return number


class WholeColumn(NumberColumn):
    """A whole number."""

    def parse(self, cell: Any) -> Any:
        number = super().parse(cell)
        if number != int(number):
            raise ValueError(_("Enter a whole number."))
        return int(number)


class FlagColumn(Column):
    def __init__(self, attribute: str | None = None, **options: Any) -> None:
        super().__init__(attribute, empty=KEPT, **options)

    def parse(self, cell: Any) -> bool:
        word = as_text(cell).lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise ValueError(_("Enter yes or no."))


class DayColumn(Column):
    """A day: a date cell, or text as 2031-07-15."""

    def __init__(self, attribute: str | None = None, *, empty: Any = None, **options: Any) -> None:
        super().__init__(attribute, empty=empty, **options)

    def parse(self, cell: Any) -> date:
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        try:
            return date.fromisoformat(as_text(cell)[:10])
        except ValueError:
            raise ValueError(_("Enter a date as 2031-07-15.")) from None


class ChoiceColumn(Column):
    """One of a few words: the stored value or its label."""

    def __init__(
        self, attribute: str | None = None, *, choices: Iterable[tuple[Any, Any]], **options: Any
    ) -> None:
        super().__init__(attribute, empty=options.pop("empty", KEPT), **options)
        self.choices = list(choices)

    def parse(self, cell: Any) -> Any:
        word = as_text(cell).lower()
        for value, label in self.choices:
            if word in (str(value).lower(), str(label).lower()):
                return value
        values = ", ".join(str(value) for value, _label in self.choices)
        raise ValueError(_("Enter one of: %(values)s.") % {"values": values})


class RecordColumn(Column):
    """Another record by its natural key, without regard to case. All keys of a file cost one query."""

    def __init__(
        self,
        attribute: str | None = None,
        *,
        among: Callable[[], models.QuerySet],
        key: str,
        **options: Any,
    ) -> None:
        super().__init__(attribute, empty=options.pop("empty", None), **options)
        self.among = among
        self.key = key
        self._found: Mapping[str, models.Model] = {}

    def prepare(self, cells: Iterable[Any]) -> None:
        self._found = by_key(self.among(), self.key, (as_text(cell) for cell in cells))

    def parse(self, cell: Any) -> models.Model:
        text = as_text(cell)
        if found := self._found.get(text.lower()):
            return found
        name = self.among().model._meta.verbose_name
        raise ValueError(_("There is no %(name)s “%(key)s”.") % {"name": name, "key": text})

    def export(self, instance: Any, **kwargs: Any) -> Any:
        value = self.get_value(instance)
        return getattr(value, self.key) if value is not None else None


def as_text(cell: Any) -> str:
    """Return what a person sees in a cell: 1001, not 1001.0."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, datetime) and cell.hour == cell.minute == cell.second == 0:
        cell = cell.date()
    return restored(str(cell).replace("\x00", "")).strip()


def by_key(queryset: models.QuerySet, key: str, values: Iterable[str]) -> dict[str, Any]:
    """Return the records with these keys, whatever the case, by their key in lower case; with one query."""
    wanted = {value.lower() for value in values if value}
    found = queryset.annotate(folded_key=Lower(key)).filter(folded_key__in=wanted)
    return {record.folded_key: record for record in found}
