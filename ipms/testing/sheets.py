"""Bringing rows into a resource in tests, as an import does with one part of a file."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from ipms.importing.notation import Notation
from ipms.resources import Row, SheetResource


class Taken:
    """What became of the rows."""

    def __init__(self, rows: Sequence[Row], resource: SheetResource) -> None:
        self.rows, self.resource = rows, resource
        self.counts = Counter("bad" if row.problems else row.outcome for row in rows)

    @property
    def problems(self) -> dict[int, dict[str, list[str]]]:
        """What is wrong, by row of the file and column."""
        return {row.number: row.problems for row in self.rows if row.problems}

    @property
    def traces(self) -> list[dict[str, Any]]:
        taken = (self.resource.trace(row) for row in self.rows if not row.problems)
        return [trace for trace in taken if trace]


def bring_in(
    resource: type[SheetResource], *rows: Sequence[Any], by: Any, dry_run: bool = False, **notation: str
) -> Taken:
    """Bring rows in; the first has the names of the columns."""
    names, *others = rows
    made = resource().reading(Notation(**notation))
    meant = [
        Row(number, dict(zip(names, cells, strict=False))) for number, cells in enumerate(others, start=2)
    ]
    with transaction.atomic():
        made.bring_in(meant, by=by)
        transaction.set_rollback(dry_run)
    return Taken(meant, made)
