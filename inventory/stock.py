"""What people do with stock: add, remove, transfer, adjust. Each ends in one `ledger.post`."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import User
from inventory import ledger, lots
from inventory.errors import InvalidPosting
from inventory.ledger import Posting
from inventory.models import Item, Location, LocationKind, MovementKind, StockBalance, StockMovement, Tracking
from ipms.errors import InvalidInput


@transaction.atomic
def add(
    item: Item,
    *,
    quantity: Decimal,
    by: User,
    location: Location | None = None,
    unit_cost: Decimal | None = None,
    lot: str = "",
    expires_on: date | None = None,
    reason: str = "",
    reference: str = "",
    occurred_at: datetime | None = None,
    kind: MovementKind = MovementKind.RECEIPT,
) -> list[StockMovement]:
    """Bring stock in from outside: a receipt without an order, or with `kind` an opening balance.

    `location` defaults to the item's own. `unit_cost` is in base currency, by default the average cost, else
    the unit price. A tracked item names its lot, which is made where it is new.

    Raises what `ledger.post` raises, and `InvalidInput` where no location is known.
    """
    place = _place(item, location)
    source = LocationKind.OPENING if kind == MovementKind.OPENING else LocationKind.SUPPLIER
    if lot:
        # Whoever makes a lot holds its item: in the other order two people could wait for each other.
        ledger.lock([item.pk])
    return ledger.post(
        [
            Posting(
                kind=kind,
                item=item,
                quantity=quantity,
                from_location=virtual_location(source),
                to_location=place,
                lot=lots.ensure(item, number=lot, expires_on=expires_on),
                unit_cost=unit_cost,
                reason=reason,
                reference=reference,
                occurred_at=occurred_at,
            )
        ],
        by=by,
    )


@transaction.atomic
def remove(
    item: Item,
    *,
    quantity: Decimal,
    by: User,
    location: Location | None = None,
    lot: str = "",
    reason: str = "",
    reference: str = "",
    occurred_at: datetime | None = None,
    kind: MovementKind = MovementKind.ISSUE,
) -> list[StockMovement]:
    """Issue stock to consumption, or with `kind` scrap it. Without a lot: first expired, first out.

    Answers with a movement for each lot it took from. Raises what `ledger.post` raises.
    """
    target = LocationKind.SCRAP if kind == MovementKind.SCRAP else LocationKind.CONSUMPTION
    return ledger.post(
        [
            Posting(
                kind=kind,
                item=item,
                quantity=quantity,
                from_location=_place(item, location),
                to_location=virtual_location(target),
                lot=lots.find(item, number=lot),
                reason=reason,
                reference=reference,
                occurred_at=occurred_at,
            )
        ],
        by=by,
    )


@transaction.atomic
def transfer(
    item: Item,
    *,
    quantity: Decimal,
    from_location: Location,
    to_location: Location,
    by: User,
    lot: str = "",
    reason: str = "",
    reference: str = "",
    occurred_at: datetime | None = None,
) -> list[StockMovement]:
    """Move stock between two real locations; its value does not change. Raises what `ledger.post` raises."""
    return ledger.post(
        [
            Posting(
                kind=MovementKind.TRANSFER,
                item=item,
                quantity=quantity,
                from_location=_real(from_location, "from_location"),
                to_location=_real(to_location, "to_location"),
                lot=lots.find(item, number=lot),
                reason=reason,
                reference=reference,
                occurred_at=occurred_at,
            )
        ],
        by=by,
    )


@transaction.atomic
def adjust(
    item: Item,
    *,
    counted: Decimal,
    reason: str,
    by: User,
    location: Location | None = None,
    lot: str = "",
    reference: str = "",
    occurred_at: datetime | None = None,
) -> list[StockMovement]:
    """Post the difference between what was counted and what the books say; nothing where they agree.

    Without a lot, all lots at the location were counted: a shortage is taken from what expires first, a
    surplus must name its lot. The item is locked before the books are read.
    """
    place = _place(item, location)
    if not counted.is_finite() or counted < 0:
        raise InvalidInput({"counted": [_("Enter what was counted: zero or more.")]})
    if not reason.strip():
        raise InvalidInput({"reason": [_("Say why the stock is adjusted.")]})
    ledger.lock([item.pk])
    balances = StockBalance.objects.filter(item=item, location=place)
    if lot:
        balances = balances.filter(lot__number__iexact=lot)
    on_hand = balances.aggregate(total=Sum("on_hand"))["total"] or Decimal(0)
    if counted == on_hand:
        return []
    found_more = counted > on_hand
    if found_more and not lot and item.tracking != Tracking.NONE:
        raise InvalidInput({"lot": [_("Name the lot of which more was found.")]})
    outside = virtual_location(LocationKind.ADJUSTMENT)
    difference = Posting(
        kind=MovementKind.ADJUSTMENT,
        item=item,
        quantity=abs(counted - on_hand),
        from_location=outside if found_more else place,
        to_location=place if found_more else outside,
        lot=lots.ensure(item, number=lot) if found_more else lots.find(item, number=lot),
        reason=reason,
        reference=reference,
        occurred_at=occurred_at,
    )
    try:
        return ledger.post([difference], by=by)
    except InvalidPosting as refusal:
        # People gave what they counted, not the quantity that follows from it.
        told = {"counted" if name == "quantity" else name: why for name, why in refusal.details.items()}
        raise InvalidInput(told) from refusal


@lru_cache(maxsize=8)
def virtual_location(kind: LocationKind) -> Location:
    """Return the one location of a virtual kind; it is made by a migration and never changes."""
    return Location.objects.virtual(kind)


def _place(item: Item, location: Location | None) -> Location:
    place = location or item.location
    if place is None:
        raise InvalidInput({"location": [_("Name the location: the item has none of its own.")]})
    return _real(place, "location")


def _real(location: Location, field: str) -> Location:
    if not location.is_real:
        raise InvalidInput({field: [_("Stock cannot stand at this location.")]})
    return location
