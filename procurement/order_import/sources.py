"""The values of one row, from the columns and constants that the mapping names."""

import re
from typing import Any

from django.utils.translation import gettext as _

from procurement.order_import import cells
from procurement.order_import.mapping import FIELDS, Kind, OrderMapping, Source
from procurement.order_import.problems import Problem
from procurement.order_import.reading import Row

_KINDS = {
    f"{section}.{name}": kind
    for section, kinds in FIELDS.items()
    for name, kind in kinds.items()
    if kind is not Kind.COLUMNS
}


class RowValues:
    """Reads a row and keeps what is wrong with it.

    `values` holds each field that is not made of several columns, such as `order.number`; None where no
    source has a value. `unreadable` names those where something stands that cannot be read.
    """

    def __init__(self, row: Row, mapping: OrderMapping, empty: re.Pattern[str]) -> None:
        self._row, self._mapping, self._empty = row, mapping, empty
        self.problems: list[Problem] = []
        self.unreadable: set[str] = set()
        self.key = ""
        self.key = self._identity()
        self.values: dict[str, Any] = dict.fromkeys(_KINDS)
        for name in mapping.fields:
            self.values[name] = self._value(name, _KINDS[name])
        if row.surplus:
            sentence = _("This stands beyond the last column: is there a delimiter inside a text?")
            self.refuse("", row.surplus[:80], sentence)

    def labelled(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return the columns of a field that takes several, each with its text where it has one."""
        texts = ((column, self._text(column)) for column in self._mapping.columns.get(name, ()))
        return tuple((column, text) for column, text in texts if text)

    def refuse_field(self, name: str, sentence: str, value: Any = None) -> None:
        """Say what is wrong with a field."""
        self.refuse(self._mapping.column_of(name), "" if value is None else str(value), sentence)

    def refuse(self, column: str, value: str, sentence: str) -> None:
        """Say what is wrong with a column; of several sentences about one column the first counts."""
        if not column or all(problem.column != column for problem in self.problems):
            self.problems.append(
                Problem(row=self._row.number, key=self.key, column=column, value=value, sentence=sentence)
            )

    def _identity(self) -> str:
        parts = []
        for column in self._mapping.key:
            text = self._text(column)
            if not text:
                self.refuse(column, "", _("This identifies the row and is empty."))
            parts.append(text)
        return " | ".join(parts)

    def _value(self, name: str, kind: Kind) -> Any:
        """Return what the first source says that has a value."""
        for source in self._mapping.fields.get(name, ()):
            found = self._found(name, source, kind)
            if name in self.unreadable:
                return None
            if found:
                return min(found) if kind is Kind.DATE else found[0]
        return None

    def _found(self, name: str, source: Source, kind: Kind) -> list[Any]:
        given = [(column, self._row.cells[column]) for column in source.columns]
        if source.constant is not None:
            given = [("", source.constant)]
        found: list[Any] = []
        for column, cell in given:
            try:
                text = cells.text_of(cell)
                if self._empty.fullmatch(text):
                    continue
                if kind is Kind.NUMBER:
                    found.append(cells.number_of(cell, decimal_mark=self._mapping.decimal_mark))
                elif kind is Kind.DATE:
                    formats = source.formats or self._mapping.date_formats
                    found.append(cells.date_of(cell, formats=formats))
                else:
                    found.append(text)
            except cells.Unreadable as error:
                self.refuse(column, str(cell), str(error))
                self.unreadable.add(name)
        return found

    def _text(self, column: str) -> str:
        cell = self._row.cells[column]
        try:
            text = cells.text_of(cell)
        except cells.Unreadable as error:
            self.refuse(column, repr(cell), str(error))
            return ""
        return "" if self._empty.fullmatch(text) else text
