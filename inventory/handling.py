"""Several lines in one go, as a storekeeper works: handed out, moved, taken in or scrapped; and undone.

All lines of a call are posted or none, in one `ledger.post`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from inventory import ledger, lots
from inventory.errors import InsufficientStock, InvalidPosting, UndoNotAllowed
from inventory.ledger import Posting
from inventory.lots import LotName
from inventory.models import Item, Location, LocationKind, Lot, MovementKind, StockMovement
from inventory.stock import virtual_location
from ipms.errors import InvalidInput

#: What is done with several lines at once.
KINDS = (MovementKind.ISSUE, MovementKind.TRANSFER, MovementKind.RECEIPT, MovementKind.SCRAP)
#: People may undo what they posted themselves for so long.
UNDO_WITHIN = timedelta(hours=24)

_Errors = dict[int, dict[str, list[str]]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A quantity of an item, in its stock unit.

    What goes out of a tracked item without a lot is taken first expired, first out; what comes in names its
    lot, which is made where it is new, then with `expires_on`.
    """

    item: Item
    quantity: Decimal
    lot: str = ""
    expires_on: date | None = None


@transaction.atomic
def issue(
    lines: Sequence[Line],
    *,
    by: User,
    location: Location | None = None,
    reason: str = "",
    reference: str = "",
    kind: MovementKind = MovementKind.ISSUE,
) -> list[StockMovement]:
    """Issue lines to consumption, or with `kind` scrap them, from `location`, else from each item's own.

    Raises `InvalidInput` with the errors of all lines under `lines`, those that fall short among them. The
    number of queries does not depend on that of the lines; so it is for all that is done with lines.
    """
    target = LocationKind.SCRAP if kind == MovementKind.SCRAP else LocationKind.CONSUMPTION
    outside = virtual_location(target)
    _refuse_placeless(lines, location)
    return _post(
        kind,
        lines,
        lots.find_many,
        way=lambda line: (location or line.item.location, outside),
        by=by,
        reason=reason,
        reference=reference,
    )


@transaction.atomic
def transfer(
    lines: Sequence[Line],
    *,
    to_location: Location,
    by: User,
    location: Location | None = None,
    reason: str = "",
    reference: str = "",
) -> list[StockMovement]:
    """Move lines from `location`, else from each item's own, to another. Raises what `issue` raises."""
    if not to_location.is_real:
        raise InvalidInput({"to_location": [_("Stock cannot stand at this location.")]})
    _refuse_placeless(lines, location)
    return _post(
        MovementKind.TRANSFER,
        lines,
        lots.find_many,
        way=lambda line: (location or line.item.location, to_location),
        by=by,
        reason=reason,
        reference=reference,
    )


@transaction.atomic
def receive(
    lines: Sequence[Line],
    *,
    by: User,
    location: Location | None = None,
    reason: str = "",
    reference: str = "",
) -> list[StockMovement]:
    """Take lines in without an order, to `location`, else to each item's own, at the cost they have.

    Raises what `issue` raises.
    """
    outside = virtual_location(LocationKind.SUPPLIER)
    _refuse_placeless(lines, location)
    # Whoever makes a lot holds its item: in the other order two people could wait for each other.
    ledger.lock({line.item.pk for line in lines})
    return _post(
        MovementKind.RECEIPT,
        lines,
        lots.ensure_many,
        way=lambda line: (outside, location or line.item.location),
        by=by,
        reason=reason,
        reference=reference,
    )


@transaction.atomic
def undo(movement: StockMovement, *, by: User, at: datetime, reason: str) -> StockMovement:
    """Reverse what one posted oneself, for `UNDO_WITHIN` after it was posted.

    It serves for slips: what a document caused is corrected there, and other people's movements and older
    ones are for those who may reverse any (`ledger.reverse`, a permission).

    Raises `UndoNotAllowed` where it is not one's own, too old, of another kind or of a document, and what
    `ledger.reverse` raises: it was reversed before, or what came in has been used since.
    """
    if refusal := _why_not(movement, by=by, at=at):
        raise UndoNotAllowed(refusal)
    return ledger.reverse(movement, by=by, reason=reason)


def can_be_undone(movement: StockMovement, *, by: User, at: datetime) -> bool:
    """Return whether `undo` would take it, as far as the movement itself tells."""
    is_done_with = movement.kind == MovementKind.REVERSAL or hasattr(movement, "reversed_by")
    return not is_done_with and not _why_not(movement, by=by, at=at)


def _why_not(movement: StockMovement, *, by: User, at: datetime) -> str:
    if movement.actor_id != by.pk:
        return _("Somebody else posted this: a manager can reverse it.")
    if movement.document or movement.kind not in {*KINDS, MovementKind.REVERSAL}:
        return _("A document stands behind this movement: correct it there.")
    if at - movement.posted_at > UNDO_WITHIN:
        sentence = _("This was posted more than %(hours)d hours ago: a manager can reverse it.")
        return sentence % {"hours": UNDO_WITHIN / timedelta(hours=1)}
    return ""


def _refuse_placeless(lines: Sequence[Line], location: Location | None) -> None:
    if location is not None:
        if not location.is_real:
            raise InvalidInput({"location": [_("Stock cannot stand at this location.")]})
        return
    sentence = _("Name the location: the item has none of its own.")
    errors: _Errors = {
        place: {"item": [sentence]} for place, line in enumerate(lines) if line.item.location is None
    }
    if errors:
        raise _by_line(lines, errors)


def _post(
    kind: MovementKind,
    lines: Sequence[Line],
    lots_of: Callable[[Sequence[LotName]], list[Lot]],
    *,
    way: Callable[[Line], tuple[Any, Any]],
    by: User,
    reason: str,
    reference: str,
) -> list[StockMovement]:
    if not lines:
        raise InvalidInput({"lines": [_("Enter at least one line.")]})
    named = [place for place, line in enumerate(lines) if line.lot]
    names = [
        LotName(item=line.item, number=line.lot, expires_on=line.expires_on)
        for line in (lines[place] for place in named)
    ]
    try:
        found = dict(zip(named, lots_of(names), strict=True))
    except InvalidPosting as refusal:
        errors = {named[place]: error for place, error in refusal.lines.items()}
        raise _by_line(lines, errors) from refusal
    postings = []
    for place, line in enumerate(lines):
        source, target = way(line)
        postings.append(
            Posting(
                kind=kind,
                item=line.item,
                quantity=line.quantity,
                from_location=source,
                to_location=target,
                lot=found.get(place),
                reason=reason,
                reference=reference,
            )
        )
    try:
        return ledger.post(postings, by=by)
    except (InvalidPosting, InsufficientStock) as refusal:
        raise _by_line(lines, refusal.lines) from refusal


def _by_line(lines: Sequence[Line], errors: Mapping[int, Mapping[str, Any]]) -> InvalidInput:
    return InvalidInput({"lines": [dict(errors.get(place, {})) for place in range(len(lines))]})
