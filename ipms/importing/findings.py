"""What a check found, short enough for a page: faults that are alike are one line."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ipms.columns import as_text
from ipms.resources import BAD, CHANGED, NEW, UNCHANGED, Row, SheetResource, shown

#: Letters of `ImportRun.outcomes`; an example has none, and was not counted.
LETTERS = {NEW: "n", CHANGED: "c", UNCHANGED: "u", BAD: "b"}
OUTCOMES = {letter: outcome for outcome, letter in LETTERS.items()}
_MOST_GROUPS = 500
_MOST_ROWS_OF_A_GROUP = 2000
_MOST_VALUES = 3
_SAMPLES = 60
_LONGEST_VALUE = 80


@dataclass
class Group:
    """Rows with the same fault in the same column."""

    column: str
    sentence: str
    count: int = 0
    rows: list[int] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        self.count += 1
        if len(self.rows) < _MOST_ROWS_OF_A_GROUP:
            self.rows.append(row.number)
        value = as_text(cell)[:_LONGEST_VALUE] if (cell := row.cells.get(self.column)) is not None else ""
        if value and value not in self.values and len(self.values) < _MOST_VALUES:
            self.values.append(value)


class Findings:
    """Adds up what becomes of rows."""

    def __init__(self, resource: SheetResource, names: Sequence[str]) -> None:
        self._resource = resource
        self._names = list(names)
        self.counts: Counter[str] = Counter()
        self.letters: list[str] = []
        self._changes: Counter[str] = Counter()
        self._groups: dict[tuple[str, str], Group] = {}
        self._left_out = 0
        self._samples: dict[str, list[dict[str, Any]]] = {NEW: [], CHANGED: []}

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            outcome = BAD if row.problems else row.outcome
            self.counts[outcome] += 1
            self.letters.append(LETTERS[outcome])
            if row.problems:
                self._add_bad(row)
            else:
                self._changes.update(list(row.before))
                self._sample(row)

    def as_json(self) -> dict[str, Any]:
        groups = sorted(self._groups.values(), key=lambda group: (-group.count, group.rows[0]))
        return {
            "groups": [vars(group) for group in groups],
            "groups_left_out": self._left_out,
            "changes": dict(self._changes.most_common()),
            "samples": self._samples[CHANGED] + self._samples[NEW],
            "names": self._names,
        }

    def _add_bad(self, row: Row) -> None:
        for column, sentences in row.problems.items():
            for sentence in sentences:
                key = (column, sentence)
                if key not in self._groups and len(self._groups) >= _MOST_GROUPS:
                    self._left_out += 1
                    continue
                self._groups.setdefault(key, Group(column, sentence)).add(row)

    def _sample(self, row: Row) -> None:
        samples = self._samples.get(row.outcome)
        if samples is None or len(samples) >= _SAMPLES:
            return
        samples.append(
            {
                "row": row.number,
                "outcome": row.outcome,
                "cells": [self._sampled(row, name) for name in self._names],
            }
        )

    def _sampled(self, row: Row, name: str) -> list[str]:
        """Return what stands there now and, where it changes, what stood there before."""
        value = row.values.get(name, row.cells.get(name))
        cell = [shown(value)[:_LONGEST_VALUE]]
        if name in row.before:
            cell.append(shown(row.before[name])[:_LONGEST_VALUE])
        return cell


def ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return numbers in their order as ranges: 3, 4, 5, 9 are 3–5 and 9."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
