"""Entering what was counted, by one person or many, line by line or all at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from inventory import counting, ledger, lots
from inventory.errors import CountStateForbids, InvalidPosting
from inventory.models import CountLine, CountStatus, Item, Location, StockBalance, StockCount, Tracking
from inventory.models.counts import TRANSITIONS
from ipms import audit, bulk
from ipms.errors import InvalidInput
from ipms.money import plain
from ipms.trees import subtree_ids

#: The clock of a client may run ahead of ours by this much.
_CLOCK_SKEW = timedelta(minutes=2)
_LIMIT = Decimal(10) ** 14

_Key = tuple[int, int, int | None]
_Errors = dict[int, dict[str, list[str]]]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What was found of one line: the line by its key, else by item, location and lot.

    `counted` is in the item's stock unit. `at` is the moment of counting, now if left out. The location may
    be left out where the count has the item (and lot) at one place only, else it is the item's own. What the
    count has no line for is added to it; a lot that is new is made then. A figure that `is_first` comes from
    who knew of none, and does not replace one that was entered meanwhile.
    """

    counted: Decimal
    line: CountLine | None = None
    item: Item | None = None
    location: Location | None = None
    lot: str = ""
    expires_on: date | None = None
    reason: str | None = None
    at: datetime | None = None
    is_first: bool = False


@transaction.atomic
def enter(count: StockCount, figures: Sequence[Figure], *, by: User) -> list[CountLine]:
    """Keep what was counted; return the lines, in the order of the figures.

    A figure replaces the one before it. The same figure once more changes nothing, so that what is sent
    twice counts once, unless it says by `at` that it was counted later or the line is to be counted again.
    The number of queries does not depend on that of the figures.

    Raises `CountStateForbids` unless the count is being counted, and `InvalidInput` with the errors of all
    figures under `lines`.
    """
    count.lock()
    if not count.is_countable:
        raise CountStateForbids(count, allowed=TRANSITIONS.get(count.status, ()))
    entry = _Entry(count, figures, by)
    lines = entry.take()
    if count.status == CountStatus.OPEN and lines:
        counting.move(count, CountStatus.COUNTING, by=by)
    return lines


class _Entry:
    """The figures of one call on their way into the lines of a locked count."""

    def __init__(self, count: StockCount, figures: Sequence[Figure], by: User) -> None:
        self._count, self._figures, self._by = count, figures, by
        self._now = counting.now()
        self._errors: _Errors = {}
        lines = self._read()
        self._by_key = {line.pk: line for line in lines}
        self._by_item: dict[int, list[CountLine]] = defaultdict(list)
        for line in lines:
            self._by_item[line.item_id].append(line)

    def take(self) -> list[CountLine]:
        found = {place: self._find(place) for place in range(len(self._figures))}
        missing = [place for place, line in found.items() if line is None and place not in self._errors]
        found |= self._add(missing)
        self._check_once(found)
        for place, line in found.items():
            if line is not None:
                self._check(place, line)
        if self._errors:
            raise InvalidInput({"lines": [self._errors.get(p, {}) for p in range(len(self._figures))]})
        lines = [line for place in range(len(self._figures)) if (line := found[place]) is not None]
        self._write(lines)
        return lines

    def _read(self) -> list[CountLine]:
        keys = {figure.line.pk for figure in self._figures if figure.line}
        items = {figure.item.pk for figure in self._figures if figure.item}
        own = self._count.lines.select_related("item__unit", "location", "lot", "counted_by")
        return list((own.filter(pk__in=keys) | own.filter(item__in=items)).order_by("pk"))

    def _find(self, place: int) -> CountLine | None:
        """Return the line a figure is for; None where there is none yet, or it is refused."""
        figure = self._figures[place]
        if figure.line is not None:
            line = self._by_key.get(figure.line.pk)
            if line is None:
                self._refuse(place, "line", _("This line is of another count."))
            return line
        if figure.item is None:
            self._refuse(place, "item", _("Name the line, or the item that was counted."))
            return None
        found = self._by_item[figure.item.pk]
        if figure.lot:
            found = [line for line in found if line.lot and line.lot.number.lower() == figure.lot.lower()]
        if figure.location:
            found = [line for line in found if line.location_id == figure.location.pk]
        if len(found) > 1:
            if figure.location or figure.lot or len({line.location_id for line in found}) == 1:
                self._refuse(place, *self._which(figure, found))
            else:
                self._refuse(place, "location", _("Name the location: the item stands at several."))
            return None
        return found[0] if found and (figure.lot or not found[0].lot) else None

    def _which(self, figure: Figure, found: Sequence[CountLine]) -> tuple[str, str]:
        if len({line.location_id for line in found}) > 1:
            return "location", _("Name the location: the item stands at several.")
        return "lot", _("Name the lot: several stand here.")

    def _add(self, places: Sequence[int]) -> dict[int, CountLine]:
        """Add lines for what was found where the count has none."""
        wanted = [place for place in places if self._may_be_added(place)]
        if not wanted:
            return {}
        named = [place for place in wanted if self._figures[place].lot]
        # Whoever makes a lot holds its item: in the other order two people could wait for each other.
        ledger.lock({self._item(place).pk for place in wanted})
        try:
            made = lots.ensure_many(
                [
                    lots.LotName(
                        item=self._item(place),
                        number=self._figures[place].lot,
                        expires_on=self._figures[place].expires_on,
                    )
                    for place in named
                ]
            )
        except InvalidPosting as refusal:
            for which, error in refusal.lines.items():
                self._errors[named[which]] = dict(error)
            return {}
        lot_of = dict(zip(named, made, strict=True))
        standing = self._standing(wanted)
        added: dict[_Key, CountLine] = {}
        found: dict[int, CountLine] = {}
        for place in wanted:
            item, location, lot = self._item(place), self._place(place), lot_of.get(place)
            key = (item.pk, location.pk, lot.pk if lot else None)
            line = CountLine(
                count=self._count,
                item=item,
                location=location,
                lot=lot,
                book_quantity=standing.get(key, Decimal(0)),
                is_added=True,
            )
            found[place] = added.setdefault(key, line)
        if not self._errors:
            CountLine.objects.bulk_create(added.values())
            audit.created(list(added.values()))
        return found

    def _may_be_added(self, place: int) -> bool:
        figure, item = self._figures[place], self._item(place)
        if not item.is_active:
            self._refuse(place, "item", _("This item is inactive: no stock can be moved."))
        elif item.tracking != Tracking.NONE and not figure.lot:
            self._refuse(place, "lot", _("Name the lot: this item is tracked."))
        elif item.tracking == Tracking.NONE and figure.lot:
            self._refuse(place, "lot", _("This item is not tracked by lot."))
        elif (location := figure.location or item.location) is None:
            self._refuse(place, "location", _("Name the location where it was found."))
        elif not location.is_real or not location.is_active:
            self._refuse(place, "location", _("Stock cannot stand at this location."))
        elif self._covered is not None and location.pk not in self._covered:
            sentence = _("%(location)s is not part of this count.")
            self._refuse(place, "location", sentence % {"location": location.code})
        return place not in self._errors

    @property
    def _covered(self) -> set[int] | None:
        """Return the places that are counted; None for all."""
        if not hasattr(self, "_places"):
            root = self._count.location_id
            self._places = set(subtree_ids(Location, (root,))) if root else None
        return self._places

    def _standing(self, places: Sequence[int]) -> dict[_Key, Decimal]:
        balances = StockBalance.objects.filter(
            item__in={self._item(place).pk for place in places},
            location__in={self._place(place).pk for place in places},
        )
        return {(row.item_id, row.location_id, row.lot_id): row.on_hand for row in balances}

    def _check_once(self, found: dict[int, CountLine | None]) -> None:
        seen: set[int] = set()
        for place, line in found.items():
            if line is None:
                continue
            if id(line) in seen:
                self._refuse(place, "counted", _("This line is named twice."))
            seen.add(id(line))

    def _check(self, place: int, line: CountLine) -> None:
        figure, unit = self._figures[place], line.item.unit
        counted = figure.counted
        if not counted.is_finite() or counted < 0 or counted >= _LIMIT:
            self._refuse(place, "counted", _("Enter what was counted: zero or more."))
        elif counted != round(counted, unit.decimals):
            self._refuse(
                place,
                "counted",
                _("At most %(decimals)s decimals, please.") % {"decimals": unit.decimals}
                if unit.decimals
                else _("This item is counted in whole units."),
            )
        elif line.item.tracking == Tracking.SERIAL and line.lot and counted > 1:
            self._refuse(place, "counted", _("A serial number is one piece: enter 0 or 1."))
        elif figure.is_first and line.counted_quantity not in (None, counted):
            words = {"person": line.counted_by, "quantity": plain(line.counted_quantity)}
            sentence = _("Meanwhile %(person)s counted %(quantity)s. Save again if yours is right.")
            self._refuse(place, "counted", sentence % words)
        if figure.reason and len(figure.reason) > 200:
            self._refuse(place, "reason", _("At most %(most)s characters.") % {"most": 200})
        if figure.at is None:
            return
        if figure.at > self._now + _CLOCK_SKEW:
            self._refuse(place, "counted_at", _("This is in the future."))
        elif figure.at < self._count.started_at:
            self._refuse(place, "counted_at", _("This is before the count was started."))
        elif line.counted_at and figure.at < line.counted_at:
            self._refuse(place, "counted_at", _("This line was counted again since."))

    def _write(self, lines: Sequence[CountLine]) -> None:
        written: list[CountLine] = []
        changes: list[dict[str, list[Any]]] = []
        for figure, line in zip(self._figures, lines, strict=True):
            at = min(figure.at or self._now, self._now)
            if self._is_known(figure, line, at):
                continue
            before = line.counted_quantity
            line.counted_quantity, line.counted_at, line.counted_by = figure.counted, at, self._by
            line.needs_recount = False
            if figure.reason is not None:
                line.reason = figure.reason
            written.append(line)
            changes.append({"counted_quantity": [before, figure.counted]})
        bulk.update(written, ["counted_quantity", "counted_at", "counted_by", "needs_recount", "reason"])
        audit.changed(written, changes)

    @staticmethod
    def _is_known(figure: Figure, line: CountLine, at: datetime) -> bool:
        if line.counted_at is None or line.needs_recount or line.counted_quantity != figure.counted:
            return False
        if figure.reason is not None and figure.reason != line.reason:
            return False
        return figure.at is None or at <= line.counted_at

    def _item(self, place: int) -> Item:
        item = self._figures[place].item
        assert item is not None
        return item

    def _place(self, place: int) -> Location:
        location = self._figures[place].location or self._item(place).location
        assert location is not None
        return location

    def _refuse(self, place: int, field: str, sentence: str) -> None:
        self._errors.setdefault(place, {}).setdefault(field, []).append(sentence)
