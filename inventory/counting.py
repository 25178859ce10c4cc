"""Stock counts from their making to their posting. Entering figures is `inventory.count_entry`.

Nothing stands still while a count goes on. What a line is compared with is what the books say of the very
moment at which it was counted (`CountComparison`), so that what moves before or after it is no
variance. Once posted, a place holds what was counted there and what goods moved since.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from inventory import count_scope, ledger
from inventory.count_scope import Scope
from inventory.errors import CountStateForbids, InvalidPosting, OwnCount, ShortageGone
from inventory.ledger import Posting
from inventory.ledger_sql import ItemState
from inventory.models import (
    CountHistory,
    CountLine,
    CountStatus,
    LocationKind,
    MovementKind,
    StockBalance,
    StockCount,
    StockMovement,
)
from inventory.models.counts import TRANSITIONS
from inventory.models.ledger import average
from inventory.stock import virtual_location
from ipms import bulk, numbering, outbox
from ipms.errors import InvalidInput, NotAllowed

_LONGEST_NOTES = 10_000


@transaction.atomic
def create(scope: Scope, *, by: User, is_blind: bool = False, notes: str = "") -> StockCount:
    """Make a count with a line for each item, place and lot in its scope.

    What the books say is kept with each line. The number sequence of the year stays locked until the
    transaction ends. The number of queries does not depend on that of the lines.

    Raises `InvalidInput` for a scope that cannot be counted, or in which nothing stands.
    """
    scope.check()
    if len(notes) > _LONGEST_NOTES:
        raise InvalidInput({"notes": [_("At most %(most)s characters.") % {"most": _LONGEST_NOTES}]})
    newest, started_at = _start()
    count = StockCount(
        is_blind=is_blind,
        location=scope.location,
        category=scope.category,
        abc_class=scope.abc_class,
        named_items=len({item.pk for item in scope.items}),
        includes_empty=scope.includes_empty,
        notes=notes,
        made_by=by,
        started_at=started_at,
        after_movement=newest,
    )
    (count.number,) = numbering.take("CNT", timezone.localdate(started_at).year)
    count.save()
    lines = count_scope.add_lines(count, scope)
    if not lines:
        raise InvalidInput({"location": [_("Nothing stands there that could be counted.")]})
    if lines > count_scope.MOST_LINES:
        sentence = _("These are %(lines)s lines, more than one count can hold: count a part of them.")
        raise InvalidInput({"location": [sentence % {"lines": lines}]})
    _record(count, from_status="", by=by)
    return count


@transaction.atomic
def submit(count: StockCount, *, by: User, leave_uncounted: bool = False, comment: str = "") -> None:
    """Hand a count over for review.

    With `leave_uncounted` the books stay as they are where nothing was counted.

    Raises `CountStateForbids` unless it is being counted, and `InvalidInput` while lines are to be counted
    again, or are not counted and shall not be left out.
    """
    count.lock()
    check_transition(count, CountStatus.SUBMITTED)
    if again := count.lines.filter(needs_recount=True).count():
        sentence = ngettext(
            "%(lines)s line is still to be counted again.",
            "%(lines)s lines are still to be counted again.",
            again,
        )
        raise InvalidInput({"lines": [sentence % {"lines": again}]})
    if not leave_uncounted and (left := count.lines.uncounted().count()):
        sentence = ngettext(
            "%(lines)s line is not counted yet: count it, or say that it stays as it is.",
            "%(lines)s lines are not counted yet: count them, or say that they stay as they are.",
            left,
        )
        raise InvalidInput({"leave_uncounted": [sentence % {"lines": left}]})
    count.submitted_by, count.submitted_at = by, timezone.now()
    move(count, CountStatus.SUBMITTED, by=by, comment=comment)


@transaction.atomic
def request_recount(count: StockCount, lines: Collection[int], *, by: User, comment: str = "") -> None:
    """Send lines (by their keys) back to be counted again; what was counted stands until then.

    Raises `CountStateForbids` unless the count waits for its review, and `InvalidInput` for lines that are
    not its own or were not counted.
    """
    count.lock()
    if count.status != CountStatus.SUBMITTED:
        raise CountStateForbids(count, allowed=TRANSITIONS.get(count.status, ()))
    chosen = list(count.lines.counted().filter(pk__in=lines))
    if not chosen:
        raise InvalidInput({"lines": [_("Choose the lines that are to be counted again.")]})
    if len(chosen) < len(set(lines)):
        raise InvalidInput({"lines": [_("Only lines of this count that were counted can be counted again.")]})
    for line in chosen:
        line.needs_recount = True
    bulk.update(chosen, ["needs_recount"])
    count.submitted_by = count.submitted_at = None
    told = ngettext(
        "%(lines)s line to be counted again", "%(lines)s lines to be counted again", len(chosen)
    ) % {"lines": len(chosen)}
    move(count, CountStatus.COUNTING, by=by, comment=f"{told}: {comment}" if comment else told)


@transaction.atomic
def approve(count: StockCount, *, by: User, comment: str = "") -> list[StockMovement]:
    """Post the variances of a count, all or none; return the movements.

    The variance of each line is taken off, or added to, what stands there now; its movement says that it
    occurred when the line was counted. A surplus comes in at the average cost, else at the unit price. All
    items of the count stay locked until the transaction ends.

    Raises `CountStateForbids` unless the count waits for its review, `OwnCount` for who counted or submitted
    it, `ShortageGone` where more is missing than is left to be taken off, and `InvalidInput` naming the
    lines that cannot be posted.
    """
    count.lock()
    check_transition(count, CountStatus.POSTED)
    if by.pk == count.submitted_by_id or count.lines.filter(counted_by=by).exists():
        raise OwnCount(count)
    counted = count.lines.counted()
    items = ledger.lock(set(counted.values_list("item_id", flat=True)))
    # Read after the lock: from here on nobody changes what these lines are compared with.
    lines = list(counted.compared().select_related("item", "location", "lot").order_by("pk"))
    differing = _shortages_first([line for line in lines if line.variance])
    _check_shortages(differing)
    movements = _post(count, differing, items=items, by=by)
    for line in lines:
        line.expected_quantity, line.posted_value = line.expected, Decimal(0)
    for line, movement in zip(differing, movements, strict=True):
        line.movement = movement
        line.posted_value = movement.value if line.variance > 0 else -movement.value
    bulk.update(lines, ["expected_quantity", "posted_value", "movement"])
    count.approved_by, count.approved_at = by, timezone.now()
    move(count, CountStatus.POSTED, by=by, comment=comment)
    return movements


@transaction.atomic
def cancel(count: StockCount, *, by: User, reason: str) -> None:
    """Give a count up; the books stay as they are.

    Raises `CountStateForbids` once it is posted, `NotAllowed` for another's count without the permission to
    approve counts, and `InvalidInput` without a reason.
    """
    count.lock()
    if count.made_by_id != by.pk and not by.has_perm("inventory.approve_stockcount"):
        raise NotAllowed(_("Somebody else made this count: only its maker or a manager cancels it."))
    if not reason.strip():
        raise InvalidInput({"reason": [_("Say why.")]})
    move(count, CountStatus.CANCELLED, by=by, comment=reason.strip())


def move(count: StockCount, to: str, *, by: User, comment: str = "") -> None:
    """Make one transition of a locked count. No other code writes `status`."""
    check_transition(count, to)
    before, count.status = count.status, to
    count.save()
    _record(count, from_status=before, by=by, comment=comment)


def check_transition(count: StockCount, to: str) -> None:
    """Raise `CountStateForbids` where a count cannot go there from where it is."""
    allowed = TRANSITIONS.get(count.status, ())
    if to not in allowed:
        raise CountStateForbids(count, allowed=allowed)


def now() -> datetime:
    """Return the moment by the books' clock, which may differ a little from this machine's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def _start() -> tuple[int, datetime]:
    """Return the newest movement, and a moment after it: what happens later has a higher key.

    In this order. A movement that is being written has a key above all that can be seen, or a moment before
    ours, since each takes both within one statement.
    """
    newest = StockMovement.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0, now()


def _record(count: StockCount, *, from_status: str, by: User, comment: str = "") -> None:
    CountHistory.objects.create(
        count=count, from_status=from_status, to_status=count.status, by=by, comment=comment
    )
    outbox.record(f"count.{count.status}", count=count.pk)


def _shortages_first(lines: Sequence[CountLine]) -> list[CountLine]:
    # A serial number that stands elsewhere than the books say has to leave there before it arrives here.
    return sorted(lines, key=lambda line: (line.variance > 0, line.pk))


def _check_shortages(lines: Sequence[CountLine]) -> None:
    """Raise `ShortageGone` for the first line that would take more than is left."""
    short = [line for line in lines if line.variance < 0]
    balances = StockBalance.objects.filter(
        item__in={line.item_id for line in short}, location__in={line.location_id for line in short}
    ).annotate(free=F("on_hand") - F("reserved"))
    free = {(row.item_id, row.location_id, row.lot_id): row.free for row in balances}
    for line in short:
        available = free.get((line.item_id, line.location_id, line.lot_id), Decimal(0))
        if -line.variance > available:
            raise ShortageGone(line, shortage=-line.variance, available=available)


def _post(
    count: StockCount, lines: Sequence[CountLine], *, items: dict[int, ItemState], by: User
) -> list[StockMovement]:
    outside = virtual_location(LocationKind.ADJUSTMENT)
    postings = [
        Posting(
            kind=MovementKind.COUNT,
            item=line.item,
            quantity=abs(line.variance),
            from_location=outside if line.variance > 0 else line.location,
            to_location=line.location if line.variance > 0 else outside,
            lot=line.lot,
            unit_cost=_cost(items[line.item_id]) if line.variance > 0 else None,
            reason=line.reason or _("Stock count"),
            document=count.number,
            occurred_at=line.counted_at,
        )
        for line in lines
    ]
    try:
        return ledger.post(postings, by=by)
    except InvalidPosting as refusal:
        told = [
            f"{line.item.sku}, {line.location.code}: {sentence}"
            for place, line in enumerate(lines)
            for sentences in refusal.lines.get(place, {}).values()
            for sentence in sentences
        ]
        raise InvalidInput({"lines": told}) from refusal


def _cost(item: ItemState) -> Decimal | None:
    # The average before the count: a shortage of the same count may take the last unit away first.
    return average(item.value, item.quantity) if item.quantity else None
