"""The last line of a table, summed while its rows pass by."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from reporting.files.cells import as_decimal
from reporting.tables import Row, Table


class Totals:
    """Sums the columns of a table that want it, unless the table brings its totals."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._sums: dict[str, Decimal] = {}
        if table.totals is None:
            self._sums = {
                column.key: Decimal(0)
                for column in table.columns
                if column.total and column.is_figure and column.has_one_currency
            }

    def add(self, row: Row) -> None:
        for key in self._sums:
            if (value := row.get(key)) is not None:
                self._sums[key] += as_decimal(value)

    def line(self) -> Mapping[str, Any] | None:
        """Return the line, once all rows were added; None where the table has none."""
        if self._table.totals is not None:
            return self._table.totals
        if not self._sums:
            return None
        return {**self._word(), **self._sums}

    def _word(self) -> dict[str, str]:
        """Return the word "Total" under the first column that has room for it."""
        others = [column for column in self._table.columns if column.key not in self._sums]
        others.sort(key=lambda column: (column.is_figure, not column.is_printed))
        return {others[0].key: _("Total")} if others else {}
