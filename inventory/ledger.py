"""The stock ledger: the one door through which a quantity changes.

Every unit that leaves somewhere arrives somewhere: what stands inside the gate has a balance, what lies
outside (supplier, consumption, adjustment, scrap, opening) may owe any quantity. The valuation row of an
item is the item's lock; rows are locked in the order of their item, so that two callers never deadlock.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from inventory import ledger_sql
from inventory.book import Book
from inventory.models import Item, Location, Lot, MovementKind, StockMovement
from ipms.errors import InvalidState


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One movement that is asked for.

    `quantity` is in the item's stock unit, above zero. `unit_cost` is in base currency and counts only for
    what comes in: without it the average cost, else the unit price. `lot` may be left out for what goes out
    of a tracked item: first expired, first out then. `occurred_at` is when it happened, now if left out.
    """

    kind: MovementKind
    item: Item
    quantity: Decimal
    from_location: Location
    to_location: Location
    lot: Lot | None = None
    unit_cost: Decimal | None = None
    reason: str = ""
    reference: str = ""
    document: str = ""
    occurred_at: datetime | None = None
    reverses: StockMovement | None = None


@transaction.atomic
def post(postings: Sequence[Posting], *, by: User) -> list[StockMovement]:
    """Post movements, all or none, and bring balances and valuations up to date.

    The items stay locked until the transaction ends. The answer is in the order of the postings; one that
    took from several lots answers with a movement for each. The number of queries is the same for any
    number of postings. Movements come without their related rows but for those the postings brought.

    Raises `InvalidPosting` with the errors of every line that cannot be taken, and `InsufficientStock`
    where a real location would give more than is available.
    """
    if not postings:
        return []
    item_ids = {posting.item.pk for posting in postings}
    items = lock(item_ids)
    balances = ledger_sql.read_balances(
        item_ids,
        location_ids={
            place.pk
            for posting in postings
            for place in (posting.from_location, posting.to_location)
            if place.is_real
        },
        lot_ids={posting.lot.pk for posting in postings if posting.lot},
    )
    book = Book(items, balances)
    book.enter(postings)
    rows = [
        {
            "kind": str(entry.posting.kind),
            "item_id": entry.posting.item.pk,
            "lot_id": entry.lot_id,
            "quantity": entry.quantity,
            "from_location_id": entry.posting.from_location.pk,
            "to_location_id": entry.posting.to_location.pk,
            "unit_cost": entry.unit_cost,
            "value": entry.value,
            "on_hand_after": entry.on_hand_after,
            "reason": entry.posting.reason,
            "reference": entry.posting.reference,
            "document": entry.posting.document,
            "actor_id": by.pk,
            "reverses_id": entry.posting.reverses.pk if entry.posting.reverses else None,
            "occurred_at": entry.posting.occurred_at,
        }
        for entry in book.entries
    ]
    written = ledger_sql.write(movements=rows, balances=book.touched, items=book.items, events=book.events())
    return [
        _movement(entry, row, stamps, by)
        for entry, row, stamps in zip(book.entries, rows, written, strict=True)
    ]


def lock(item_ids: Collection[int]) -> dict[int, ledger_sql.ItemState]:
    """Lock these items for posting until the transaction ends, in one order whoever asks.

    A caller that decides on what stands before it posts, or that posts more than once in a transaction,
    locks all its items first.
    """
    return ledger_sql.lock_items(item_ids, default_currency=settings.BASE_CURRENCY)


@transaction.atomic
def reverse(movement: StockMovement, *, by: User, reason: str) -> StockMovement:
    """Undo a movement by its opposite, once, at the value it had.

    Where that value is no longer there, or the last unit goes out, what is left goes with it. Raises
    `InvalidState` where it was reversed already or is a reversal itself, and `InsufficientStock` where what
    came in has been used since.
    """
    lock([movement.item_id])
    if movement.kind == MovementKind.REVERSAL:
        raise InvalidState(_("A reversal cannot be reversed; post the movement anew."), status=movement.kind)
    if StockMovement.objects.filter(reverses=movement).exists():
        raise InvalidState(_("This movement has been reversed already."), status="reversed")
    (reversal,) = post(
        [
            Posting(
                kind=MovementKind.REVERSAL,
                item=movement.item,
                quantity=movement.quantity,
                from_location=movement.to_location,
                to_location=movement.from_location,
                lot=movement.lot,
                reason=reason,
                reference=movement.reference,
                document=movement.document,
                reverses=movement,
            )
        ],
        by=by,
    )
    return reversal


def _movement(entry, row, stamps, by) -> StockMovement:
    pk, occurred_at, posted_at = stamps
    movement = StockMovement(pk=pk, posted_at=posted_at, **{**row, "occurred_at": occurred_at})
    movement._state.adding = False
    movement._state.db = "default"
    movement.item = entry.posting.item
    movement.from_location = entry.posting.from_location
    movement.to_location = entry.posting.to_location
    movement.actor = by
    if entry.posting.lot and entry.lot_id == entry.posting.lot.pk:
        movement.lot = entry.posting.lot
    return movement
