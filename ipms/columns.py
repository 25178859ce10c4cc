"""Columns of spreadsheets: how a cell becomes a value, and a value a cell."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.translation import gettext as _
from import_export.fields import Field

from ipms.importing.notation import COMMA, POINT, Notation, folded
from ipms.money import MINOR_UNITS
from ipms.sheets import restored

# In every language of the site, without accents.
_YES = {
    "yes",
    "y",
    "true",
    "1",
    "x",
    "oui",
    "o",
    "vrai",
    "ndiyo",
    "ndio",
    "sim",
    "s",
    "verdadeiro",
    "نعم",
    "صحيح",
}
_NO = {"no", "n", "false", "0", "non", "faux", "hapana", "la", "nao", "falso", "لا", "خطا", "خطأ"}
#: What a workbook shows where a formula has no result.
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
_SHORTENED = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)
#: A workbook keeps so many digits of a number.
_DIGITS_KEPT = 15
#: Among so many records one is looked for that was meant; of more than that none is suggested.
_MOST_SUGGESTED_AMONG = 3000
_MOST_SUGGESTIONS = 300


class _Empty(Enum):
    """What an empty cell may mean besides a value; a copy of a resource keeps its identity."""

    KEPT = "kept"


#: An empty cell leaves the field alone.
KEPT = _Empty.KEPT


class Column(Field):
    """A column of text. `attribute` (a path with `__`) is where an export finds it, by default its own name.

    `empty` is the value of an empty cell; `KEPT` leaves a known record's value as it is, and a new one's to
    its default. A column that `is_required` is needed of every record that is new.

    `label` is what people call it, by default the name of the model's field; `aliases` are other headings
    that mean it. A column that `is_code` holds digits that are no number: a barcode keeps its zeros.
    """

    #: How the file writes numbers and days.
    notation = Notation()

    def __init__(
        self,
        attribute: str | None = None,
        *,
        is_required: bool = False,
        is_readonly: bool = False,
        empty: Any = "",
        hint: Any = "",
        label: Any = "",
        aliases: Iterable[str] = (),
        is_code: bool = False,
        is_import_only: bool = False,
        example: Any = "",
        max_length: int | None = None,
    ) -> None:
        super().__init__(attribute=attribute, readonly=is_readonly)
        self.is_required = is_required
        self.max_length = max_length
        self.empty = empty
        self.hint = hint
        self.label = label
        self.aliases = tuple(aliases)
        self.is_code = is_code
        self.is_import_only = is_import_only
        self.example = example

    def allowed(self) -> list[tuple[str, str]]:
        """Return the values to choose from, each with a word of explanation; none where any will do."""
        return []

    def prepare(self, cells: Iterable[Any]) -> None:
        """See all cells of the column before the first is parsed: what is looked up, is looked up at once."""

    def parse(self, cell: Any) -> Any:
        """Return the value of a cell that is not empty. Raises `ValueError` with a sentence."""
        text = as_text(cell)
        if self.is_code and _is_shortened(cell, text):
            raise ValueError(_("A spreadsheet shortened this number: enter it in full, as text."))
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
    def allowed(self) -> list[tuple[str, str]]:
        return [(code, "") for code in sorted(MINOR_UNITS)]

    def parse(self, cell: Any) -> Any:
        code = super().parse(cell)
        if code not in MINOR_UNITS:
            raise ValueError(_("“%(code)s” is not an ISO 4217 currency code.") % {"code": code})
        return code


class NumberColumn(Column):
    """A decimal number: of a workbook as it is, a text as the file writes numbers."""

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
        if isinstance(cell, bool | date):
            raise ValueError(self._refusal(""))
        # A cell of a workbook holds a binary fraction: its shortest form is what was typed.
        number = Decimal(repr(cell)) if isinstance(cell, int | float) else self.notation.number(as_text(cell))
        if number is None:
            raise ValueError(self._refusal(as_text(cell)))
        if not number.is_finite() or abs(number.adjusted()) > 30:
            raise ValueError(self._refusal(""))
        if self.minimum is not None and number < self.minimum:
            raise ValueError(_("Enter %(minimum)d or more.") % {"minimum": self.minimum})
        return number

    def _refusal(self, text: str) -> str:
        here, other = self.notation, Notation(decimal=COMMA if self.notation.decimal == POINT else POINT)
        if other.number(text) is None:
            return _("Enter a number such as %(example)s.") % {"example": here.number_example}
        words = {"here": here.number_example, "other": other.number_example}
        return _("This is written as %(other)s, the numbers of this file as %(here)s.") % words


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

    def allowed(self) -> list[tuple[str, str]]:
        return [("yes", ""), ("no", "")]

    def parse(self, cell: Any) -> bool:
        word = folded(as_text(cell))
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise ValueError(_("Enter yes or no."))


class DayColumn(Column):
    """A day: a date cell, or text as 2031-07-15, 15 Jul 2031, or in the order of the file's days."""

    def __init__(self, attribute: str | None = None, *, empty: Any = None, **options: Any) -> None:
        super().__init__(attribute, empty=empty, **options)

    def parse(self, cell: Any) -> date:
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        if day := self.notation.day(as_text(cell)):
            return day
        sentence = _("Enter a date as 2031-07-15 or %(example)s.")
        raise ValueError(sentence % {"example": self.notation.day_example})


class ChoiceColumn(Column):
    """One of a few words: the stored value or its label, in any language of the site."""

    def __init__(
        self, attribute: str | None = None, *, choices: Iterable[tuple[Any, Any]], **options: Any
    ) -> None:
        super().__init__(attribute, empty=options.pop("empty", KEPT), **options)
        self.choices = list(choices)
        self._words: dict[str, Any] = {}

    def allowed(self) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in self.choices]

    def parse(self, cell: Any) -> Any:
        if not self._words:
            self._words = dict(self._words_of_all_languages())
        word = folded(as_text(cell))
        if word in self._words:
            return self._words[word]
        values = ", ".join(str(value) for value, _label in self.choices)
        raise ValueError(_("Enter one of: %(values)s.") % {"values": values})

    def _words_of_all_languages(self) -> Iterator[tuple[str, Any]]:
        for code in languages():
            with translation.override(code):
                yield from ((folded(str(label)), value) for value, label in self.choices)
        yield from ((folded(str(value)), value) for value, _label in self.choices)


class RecordColumn(Column):
    """Another record by its natural key, without regard to case, or by its name where one alone has it.

    All keys of a file cost two queries, and one more where some are not known: it looks for what was meant.
    """

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
        self._found: dict[str, models.Model] = {}
        self._known: dict[str, str] | None = None
        self._meant: dict[str, str] = {}

    def allowed(self) -> list[tuple[str, str]]:
        name = self._name_field()
        rows = self.among().order_by(self.key).values_list(self.key, name or self.key)
        return [(key, label if name else "") for key, label in rows[: _MOST_SUGGESTED_AMONG + 1]]

    def prepare(self, cells: Iterable[Any]) -> None:
        texts = {as_text(cell) for cell in cells}
        self._found = by_key(self.among(), self.key, texts)
        missing = {text for text in texts if text.lower() not in self._found}
        if missing and (name := self._name_field()):
            self._found |= by_key(self.among(), name, missing, only_unique=True)

    def parse(self, cell: Any) -> models.Model:
        text = as_text(cell)
        if found := self._found.get(text.lower()):
            return found
        words = {"name": self.among().model._meta.verbose_name, "key": text}
        if meant := self._suggestion(text):
            raise ValueError(
                _("There is no %(name)s “%(key)s”. Did you mean %(meant)s?") % {**words, "meant": meant}
            )
        raise ValueError(_("There is no %(name)s “%(key)s”.") % words)

    def _suggestion(self, text: str) -> str:
        """Return the key of the record that was meant, as far as that can be said."""
        if self._known is None:
            allowed = self.allowed()
            self._known = {}
            for key, label in allowed if len(allowed) <= _MOST_SUGGESTED_AMONG else []:
                self._known.setdefault(folded(label), key)
                self._known[folded(key)] = key
        word = folded(text)
        if word not in self._meant and len(self._meant) < _MOST_SUGGESTIONS:
            close = get_close_matches(word, self._known, n=1, cutoff=0.6)
            self._meant[word] = self._known[close[0]] if close else ""
        return self._meant.get(word, "")

    def _name_field(self) -> str:
        names = {field.name for field in self.among().model._meta.concrete_fields}
        return "name" if "name" in names and self.key != "name" else ""

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


def by_key(
    queryset: models.QuerySet, key: str, values: Iterable[str], *, only_unique: bool = False
) -> dict[str, Any]:
    """Return the records with these keys, whatever the case, by their key in lower case; with one query.

    With `only_unique`, what several records share finds none.
    """
    wanted = {value.lower() for value in values if value}
    found: dict[str, Any] = {}
    repeated = set()
    for record in queryset.annotate(folded_key=Lower(key)).filter(folded_key__in=wanted):
        if record.folded_key in found:
            repeated.add(record.folded_key)
        found[record.folded_key] = record
    return {name: record for name, record in found.items() if not (only_unique and name in repeated)}


def languages() -> list[str]:
    """Return the codes of the languages in which headings and words of a file are understood."""
    return [code for code, _name in settings.LANGUAGES]


def _is_shortened(cell: Any, text: str) -> bool:
    if isinstance(cell, int | float):
        return abs(cell) >= 10**_DIGITS_KEPT
    return bool(_SHORTENED.fullmatch(text))
