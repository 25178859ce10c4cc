"""What an order import did, and what it could not take."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from ipms import money
from procurement.order_import.documents import Document
from procurement.order_import.problems import Problem


@dataclass(kw_only=True)
class Report:
    """The result of a run. Rows, orders and records count what this run made; problems come by row.

    A rehearsal made nothing and counts what would be made; one that `is_stopped` made nothing since not all
    rows were fine.
    """

    source: str = ""
    is_rehearsal: bool = False
    is_stopped: bool = False
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

    def count(self, document: Document) -> None:
        """Count an order that was taken."""
        self.orders += 1
        self.imported += len(document.lines)
        value = sum((line.value for line in document.lines), Decimal(0))
        self.totals[document.currency] = self.totals.get(document.currency, Decimal(0)) + value

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
        lines = list(self._made()) if self.imported else []
        if self.unchanged:
            lines.append(_("Rows imported before: %(count)s.") % {"count": f"{self.unchanged:,}"})
        if self.problems:
            left_out = len({problem.row for problem in self.problems})
            lines.append(_("Rows not taken: %(count)s.") % {"count": f"{left_out:,}"})
        if self.is_stopped:
            lines.append(_("Nothing was imported, since not all rows are fine."))
        elif not self.imported:
            lines.append(_("Nothing was changed."))
        return lines

    def _made(self) -> Iterator[str]:
        sentence = (
            _("Rows that would be imported: %(rows)s; orders: %(orders)s; value: %(value)s.")
            if self.is_rehearsal
            else _("Rows imported: %(rows)s; orders: %(orders)s; value: %(value)s.")
        )
        totals = (
            f"{total:,.{money.MINOR_UNITS[currency]}f} {currency}"
            for currency, total in sorted(self.totals.items())
        )
        words = {"rows": f"{self.imported:,}", "orders": f"{self.orders:,}", "value": ", ".join(totals)}
        yield sentence % words
        yield _(
            "New suppliers: %(suppliers)s; items: %(items)s; categories: %(categories)s; "
            "locations: %(locations)s; goods receipts: %(receipts)s."
        ) % {
            "suppliers": len(self.suppliers),
            "items": len(self.items),
            "categories": len(self.categories),
            "locations": len(self.locations),
            "receipts": f"{self.receipts:,}",
        }
