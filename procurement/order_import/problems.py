"""Rows that were not taken, and why."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO

from django.utils.translation import gettext as _

#: A spreadsheet program takes a cell that begins so for a formula.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class ProblemKind(StrEnum):
    """Why a row was not taken: it is refused, or it differs from what an earlier run took."""

    REFUSED = "refused"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A row that was not taken and why; `row` as a spreadsheet program counts."""

    row: int
    sentence: str
    key: str = ""
    column: str = ""
    value: str = ""
    kind: ProblemKind = ProblemKind.REFUSED

    def __str__(self) -> str:
        where = _("row %(row)s") % {"row": self.row}
        if self.column:
            where += f", {self.column}"
        if self.value:
            where += f" “{self.value}”"
        return f"{where}: {self.sentence}"


def write_problems(problems: Iterable[Problem], file: TextIO) -> None:
    """Write problems as CSV, with cells that no spreadsheet program runs as a formula."""
    writer = csv.writer(file)
    writer.writerow([_("Row"), _("Key"), _("Column"), _("Value"), _("Reason"), _("Kind")])
    for one in problems:
        texts = (one.key, one.column, one.value, one.sentence, str(one.kind))
        writer.writerow(
            [one.row, *(f"'{text}" if text.startswith(_FORMULA_SIGNS) else text for text in texts)]
        )
