"""Opening balances: what stood there before the books began, posted once for each item, location and lot."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from inventory import ledger, lots
from inventory.errors import InvalidPosting
from inventory.ledger import Posting
from inventory.models import Item, Location, LocationKind, Lot, MovementKind, StockMovement
from inventory.stock import virtual_location
from ipms.money import plain

_Key = tuple[int, int, str]
_Errors = dict[int, dict[str, list[str]]]


@dataclass(frozen=True, kw_only=True)
class OpeningBalance:
    """What stands of an item at a location: quantity in the stock unit, unit cost in base currency."""

    item: Item
    location: Location
    quantity: Decimal
    unit_cost: Decimal | None = None
    lot: str = ""
    expires_on: date | None = None

    @property
    def key(self) -> _Key:
        return self.item.pk, self.location.pk, self.lot.lower()


@transaction.atomic
def post(balances: Sequence[OpeningBalance], *, by: User) -> list[StockMovement | None]:
    """Post opening balances, all or none, with a constant number of queries.

    Answers with the movement of each; None for one that was posted before with the same quantity, so that a
    paper that comes twice counts once. The items stay locked until the transaction ends.

    Raises `InvalidPosting` with the errors of all faulty lines: also for a place that was opened with another
    quantity, or where something has moved without an opening balance.
    """
    ledger.lock({balance.item.pk for balance in balances})
    known, errors = _compare(balances)
    found = _find_lots(balances, errors)
    places = [place for place in range(len(balances)) if place not in known and place not in errors]
    postings = [
        Posting(
            kind=MovementKind.OPENING,
            item=balances[place].item,
            quantity=balances[place].quantity,
            from_location=virtual_location(LocationKind.OPENING),
            to_location=balances[place].location,
            lot=found.get(place),
            unit_cost=balances[place].unit_cost,
            reason=_("Opening balance"),
        )
        for place in places
    ]
    try:
        movements = ledger.post(postings, by=by)
    except InvalidPosting as refusal:
        errors |= {places[line]: dict(error) for line, error in refusal.lines.items()}
    if errors:
        raise InvalidPosting(dict(sorted(errors.items())))
    posted = dict(zip(places, movements, strict=True))
    return [posted.get(place) for place in range(len(balances))]


def _compare(balances: Sequence[OpeningBalance]) -> tuple[set[int], _Errors]:
    """Return which balances are in the books already, and what forbids others."""
    opened = _opened(balances)
    moved = _moved(balances)
    known: set[int] = set()
    errors: _Errors = {}
    seen: set[_Key] = set()
    for place, balance in enumerate(balances):
        if balance.key in seen:
            errors[place] = {"location": [_("Item, location and lot stand above already.")]}
        elif balance.key in opened:
            if opened[balance.key] == balance.quantity:
                known.add(place)
            else:
                sentence = _("This was opened with %(quantity)s before: adjust the stock instead.")
                errors[place] = {"quantity": [sentence % {"quantity": plain(opened[balance.key])}]}
        elif balance.key in moved:
            errors[place] = {"location": [_("Stock has moved here already: adjust it instead.")]}
        seen.add(balance.key)
    return known, errors


def _standing(balances: Sequence[OpeningBalance]) -> Q:
    """Movements of these items that were neither reversed nor reverse another."""
    return Q(item__in={balance.item.pk for balance in balances}, reversed_by=None) & ~Q(
        kind=MovementKind.REVERSAL
    )


def _opened(balances: Sequence[OpeningBalance]) -> dict[_Key, Decimal]:
    opened: dict[_Key, Decimal] = defaultdict(Decimal)
    openings = StockMovement.objects.filter(_standing(balances), kind=MovementKind.OPENING)
    for item, location, lot, quantity in openings.values_list(
        "item_id", "to_location_id", "lot__number", "quantity"
    ):
        opened[item, location, (lot or "").lower()] += quantity
    return opened


def _moved(balances: Sequence[OpeningBalance]) -> set[_Key]:
    movements = StockMovement.objects.filter(_standing(balances)).order_by()
    rows = movements.values_list("item_id", "from_location_id", "to_location_id", "lot__number").distinct()
    return {
        (item, location, (lot or "").lower())
        for item, source, target, lot in rows
        for location in (source, target)
    }


def _find_lots(balances: Sequence[OpeningBalance], errors: _Errors) -> dict[int, Lot | None]:
    """Return the lot of each balance that names one; note in `errors` what is wrong with a lot."""
    named = [place for place, balance in enumerate(balances) if balance.lot and place not in errors]
    while named:
        names = [
            lots.LotName(
                item=balances[place].item, number=balances[place].lot, expires_on=balances[place].expires_on
            )
            for place in named
        ]
        try:
            with transaction.atomic():
                return dict(zip(named, lots.ensure_many(names), strict=True))
        except InvalidPosting as refusal:
            errors |= {named[line]: dict(error) for line, error in refusal.lines.items()}
            named = [place for place in named if place not in errors]
    return {}
