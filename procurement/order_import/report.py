"""What an order import did, and what it could not take."""

import csv
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TextIO

from django.utils.translation import gettext as _

from ipms import money

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


@dataclass(kw_only=True)
class Report:
    """The result of a run. Rows and orders count what this run took; `problems` is in the order of rows."""

    source: str
    dry_run: bool = False
    strict: bool = False
    rows: int = 0
    imported: int = 0
    unchanged: int = 0
    orders: int = 0
    receipts: int = 0
    suppliers: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    locations: set[str] = field(default_factory=set)
    totals: dict[str, Decimal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether every row was taken, by this run or an earlier one."""
        return not self.problems

    @property
    def rows_left_out(self) -> int:
        return len({problem.row for problem in self.problems})

    def add(self, other: "Report") -> None:
        """Count what another part of the same run did."""
        for name in ("imported", "unchanged", "orders", "receipts"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("suppliers", "items", "categories", "locations"):
            getattr(self, name).update(getattr(other, name))
        for currency, total in other.totals.items():
            self.totals[currency] = self.totals.get(currency, Decimal(0)) + total
        self.problems += other.problems

    def summary(self) -> list[str]:
        """Say in a few lines what was done."""
        lines = []
        if self.imported:
            sentence = (
                _("%(rows)s rows would be imported as %(orders)s orders: %(totals)s.")
                if self.dry_run
                else _("%(rows)s rows imported as %(orders)s orders: %(totals)s.")
            )
            totals = (
                f"{money.plain_amount(total, currency)} {currency}" for currency, total in self._totals()
            )
            figures = {"rows": self.imported, "orders": self.orders, "totals": ", ".join(totals)}
            lines.append(sentence % figures)
            made = {
                "suppliers": len(self.suppliers),
                "items": len(self.items),
                "categories": len(self.categories),
                "locations": len(self.locations),
                "receipts": self.receipts,
            }
            lines.append(
                _(
                    "New: %(suppliers)s suppliers, %(items)s items, %(categories)s categories, %(locations)s "
                    "locations, %(receipts)s goods receipts."
                )
                % made
            )
        if self.unchanged:
            lines.append(_("%(rows)s rows were imported before.") % {"rows": self.unchanged})
        if self.problems:
            lines.append(_("%(rows)s rows were not taken.") % {"rows": self.rows_left_out})
        elif not self.imported:
            lines.append(_("Nothing to do: nothing was changed."))
        return lines


def write_problems(problems: list[Problem], file: TextIO) -> None:
    """Write problems as CSV, with cells that no spreadsheet program runs as a formula."""
    writer = csv.writer(file)
    writer.writerow([_("Row"), _("Key"), _("Column"), _("Value"), _("Reason"), _("Kind")])
    for one in problems:
        texts = (one.key, one.column, one.value, one.sentence, str(one.kind))
        writer.writerow(
            [one.row, *(f"'{text}" if text.startswith(_FORMULA_SIGNS) else text for text in texts)]
        )
