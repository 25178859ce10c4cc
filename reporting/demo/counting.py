"""Today's stock counts: two are posted, one waits for its review, one is half counted, one was given up.

A count lives by the database's clock, which nobody can set back: so these are of the day of the demo.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from inventory import count_entry, counting
from inventory.count_entry import Figure
from inventory.count_scope import Scope
from inventory.models import CountLine, Lot, LotStatus, StockCount
from reporting.demo.factory import Factory

#: What was found instead of the whole, by the place of the line in the count, and why.
_Found = Mapping[int, tuple[Decimal, str]]
_PACKING: _Found = {2: (Decimal("0.98"), "Two rolls were cut"), 7: (Decimal("1.01"), "")}
_SPARES: _Found = {3: (Decimal("0.5"), "Used at night, no paper")}
_COLD: _Found = {
    1: (Decimal("0.9"), "One bag torn"),
    4: (Decimal("1.05"), ""),
    9: (Decimal("0.97"), "Spilled when weighed"),
}
_IN_QUARANTINE = "RM-3001"


class Counter:
    """Counts with the doors that people use."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._people = factory.people

    def count_today(self) -> None:
        """Make today's counts, and set aside a lot that failed its test."""
        self._set_aside()
        packing = self._begin("PK-A1", is_blind=False, notes="Packing material, before the audit")
        self._count(packing, _lines(packing), _PACKING)
        counting.submit(packing, by=self._people.staff)
        counting.approve(packing, by=self._people.manager, comment="Agreed with the packing line.")

        spares = self._begin("EN-A2", is_blind=True)
        self._count_twice(spares)
        counting.approve(spares, by=self._people.manager)

        doubled = self._begin("GS-01", is_blind=False)
        counting.cancel(doubled, by=self._people.manager, reason="Counted last week already.")

        cold = self._begin("COLD-1", is_blind=True, notes="Every lot, with a scale")
        self._count(cold, _lines(cold), _COLD)
        counting.submit(cold, by=self._people.staff, comment="The scale was calibrated this morning.")

        finished = self._begin("FG-02", is_blind=False)
        half = _lines(finished)
        self._count(finished, half[: len(half) // 2], {})

    def _begin(self, code: str, *, is_blind: bool, notes: str = "") -> StockCount:
        scope = Scope(location=self._factory.locations[code])
        return counting.create(scope, by=self._people.manager, is_blind=is_blind, notes=notes)

    def _count(self, count: StockCount, lines: Sequence[CountLine], found: _Found) -> None:
        figures = []
        for place, line in enumerate(lines):
            share, reason = found.get(place, (Decimal(1), ""))
            counted = self._factory.articles[line.item.sku].rounded(line.book_quantity * share)
            figures.append(Figure(line=line, counted=counted, reason=reason))
        count_entry.enter(count, figures, by=self._people.staff)

    def _count_twice(self, count: StockCount) -> None:
        """Miscount a line, be sent back to it, and find it right."""
        lines = _lines(count)
        self._count(count, lines, {**_SPARES, 0: (Decimal(10), "")})
        counting.submit(count, by=self._people.staff)
        counting.request_recount(
            count, [lines[0].pk], by=self._people.manager, comment="Ten times what can stand there."
        )
        self._count(count, lines[:1], {})
        counting.submit(count, by=self._people.staff)

    def _set_aside(self) -> None:
        lots = Lot.objects.filter(item=self._factory.items[_IN_QUARANTINE], balances__on_hand__gt=0)
        if lot := lots.order_by("pk").last():
            lot.status = LotStatus.QUARANTINE
            lot.save()


def _lines(count: StockCount) -> list[CountLine]:
    return list(count.lines.select_related("item").order_by("pk"))
