"""Entering postings against locked stock: the rules of the ledger, without a query.

`inventory.ledger` locks and reads what a `Book` works on, and writes what comes out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.errors import InsufficientStock, InvalidPosting
from inventory.ledger_sql import BalanceKey, BalanceState, ItemState
from inventory.models import Location, LocationKind, LotStatus, MovementKind, Tracking
from inventory.models.ledger import average
from ipms import money, rates

if TYPE_CHECKING:
    from inventory.ledger import Posting

_REAL = None
#: From where to where each kind of movement goes; `_REAL` is any location inside the gate.
_ROUTES: dict[MovementKind, set[tuple[LocationKind | None, LocationKind | None]]] = {
    MovementKind.OPENING: {(LocationKind.OPENING, _REAL)},
    MovementKind.RECEIPT: {(LocationKind.SUPPLIER, _REAL)},
    MovementKind.ISSUE: {(_REAL, LocationKind.CONSUMPTION)},
    MovementKind.TRANSFER: {(_REAL, _REAL)},
    MovementKind.ADJUSTMENT: {(LocationKind.ADJUSTMENT, _REAL), (_REAL, LocationKind.ADJUSTMENT)},
    MovementKind.COUNT: {(LocationKind.ADJUSTMENT, _REAL), (_REAL, LocationKind.ADJUSTMENT)},
    MovementKind.RETURN: {(_REAL, LocationKind.SUPPLIER), (LocationKind.CONSUMPTION, _REAL)},
    MovementKind.SCRAP: {(_REAL, LocationKind.SCRAP)},
}
#: Only these hand stock to someone who trusts it: they refuse a lot that is not fit for use.
_FOR_USE = {MovementKind.ISSUE}
#: No quantity or value beyond this fits its column.
_LIMIT = Decimal(10) ** 14
_VALUE_LIMIT = Decimal(10) ** 20
_COST_LIMIT = Decimal(10) ** 12
#: The clock of a client may run ahead of ours by this much.
_CLOCK_SKEW = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A movement as it will be written. Cost and value in base currency."""

    posting: "Posting"
    lot_id: int | None
    quantity: Decimal
    unit_cost: Decimal
    value: Decimal
    on_hand_after: Decimal


class Book:
    """Items and balances as they stand while postings are entered one after the other."""

    def __init__(self, items: dict[int, ItemState], balances: dict[BalanceKey, BalanceState]) -> None:
        self.items = items
        self.balances = balances
        self.touched: dict[BalanceKey, BalanceState] = {}
        self.entries: list[Entry] = []
        self._available_before = {item: state.available for item, state in items.items()}
        self._now = timezone.now()
        self._today = timezone.localdate()

    def enter(self, postings: Sequence["Posting"]) -> None:
        """Enter all postings, or raise `InvalidPosting` for all faulty lines, else `InsufficientStock`.

        Either knows the lines that fall short as well.
        """
        errors: dict[int, dict[str, Any]] = {}
        shortages: dict[int, InsufficientStock] = {}
        for line, posting in enumerate(postings):
            found = self._errors(posting)
            if found:
                errors[line] = found
                continue
            try:
                self._enter(posting)
            except InvalidPosting as refusal:
                errors[line] = refusal.details
            except InsufficientStock as refusal:
                shortages[line] = refusal
        short = {line: {"quantity": [str(refusal)]} for line, refusal in shortages.items()}
        if errors:
            raise InvalidPosting(errors | short)
        for first in shortages.values():
            first.lines = short
            raise first

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield what others must hear of: an item that fell to its reorder level, or ran out."""
        for item, state in self.items.items():
            before, after = self._available_before[item], state.available
            if after <= 0 < before:
                yield "stock.out", {"item": item, "available": money.plain(after)}
            elif after <= state.reorder_level and (before > state.reorder_level or not state.is_low):
                # Else it was told already. Of a level raised meanwhile the posting is the first to hear.
                yield "stock.low", {"item": item, "available": money.plain(after)}

    def _enter(self, posting: "Posting") -> None:
        state = self.items[posting.item.pk]
        source, target = posting.from_location, posting.to_location
        lots = self._lots_out(posting) if source.is_real else [(_pk(posting.lot), posting.quantity)]
        for lot_id, quantity in lots:
            unit_cost, value = self._value(posting, state, quantity)
            if source.is_real:
                self._touch(posting, source, lot_id).on_hand -= quantity
            if target.is_real:
                self._touch(posting, target, lot_id).on_hand += quantity
            direction = int(target.is_real) - int(source.is_real)
            state.quantity += direction * quantity
            state.value += direction * value
            if state.quantity >= _LIMIT or state.value >= _VALUE_LIMIT:
                raise InvalidPosting({0: {"quantity": [_("This is more than the ledger can hold.")]}})
            self.entries.append(
                Entry(
                    posting=posting,
                    lot_id=lot_id,
                    quantity=quantity,
                    unit_cost=unit_cost,
                    value=value,
                    on_hand_after=state.quantity,
                )
            )

    def _value(self, posting: "Posting", state: ItemState, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """Return unit cost and value at which a quantity moves, by moving average (IAS 2, par. 27)."""
        cost = average(state.value, state.quantity)
        currency = state.base_currency
        if posting.from_location.is_real and posting.to_location.is_real:
            return cost, money.multiply(quantity, cost, currency)
        if posting.to_location.is_real:
            if posting.reverses:
                return posting.reverses.unit_cost, posting.reverses.value
            if posting.unit_cost is not None:
                cost = posting.unit_cost
            elif not state.quantity:
                cost = _price_in_base_currency(state, on=self._today)
            return cost, money.multiply(quantity, cost, currency)
        if quantity == state.quantity:
            # The last unit takes what is left, so that no value stays behind without stock.
            return cost, state.value
        if posting.reverses:
            return posting.reverses.unit_cost, min(posting.reverses.value, state.value)
        with localcontext(prec=60):
            share = money.round_amount(state.value * quantity / state.quantity, currency)
        return cost, min(share, state.value)

    def _lots_out(self, posting: "Posting") -> list[tuple[int | None, Decimal]]:
        """Return from which lots a quantity is taken: the one named, else first expired, first out."""
        item, place = posting.item, posting.from_location
        tracked = self.items[item.pk].tracking != Tracking.NONE
        if posting.lot or posting.reverses or not tracked:
            lot_id = _pk(posting.lot)
            balance = self.balances.get((item.pk, place.pk, lot_id))
            available = balance.available if balance else Decimal(0)
            if posting.quantity > available:
                raise _short(posting, available)
            if balance and posting.kind in _FOR_USE and not self._is_usable(balance):
                raise InvalidPosting({0: {"lot": [_("This lot is expired, recalled or in quarantine.")]}})
            return [(lot_id, posting.quantity)]

        usable = sorted(
            (
                (balance.expires_on is None, balance.expires_on, key[2], balance.available)
                for key, balance in self.balances.items()
                if key[:2] == (item.pk, place.pk) and balance.available > 0
                if posting.kind not in _FOR_USE or self._is_usable(balance)
            ),
            key=lambda row: (row[0], row[1] or self._today, row[2] or 0),
        )
        picked, wanted = [], posting.quantity
        for _never_expires, _expires_on, lot_id, available in usable:
            taken = min(available, wanted)
            picked.append((lot_id, taken))
            wanted -= taken
            if not wanted:
                return picked
        raise _short(posting, posting.quantity - wanted)

    def _is_usable(self, balance: BalanceState) -> bool:
        if balance.lot_status is not None and balance.lot_status != LotStatus.AVAILABLE:
            return False
        return balance.expires_on is None or balance.expires_on >= self._today

    def _touch(self, posting: "Posting", place: Location, lot_id: int | None) -> BalanceState:
        key = (posting.item.pk, place.pk, lot_id)
        if key not in self.balances:
            # Of a lot that nobody named, the place that it leaves knows status and expiry.
            known = self.balances.get((posting.item.pk, posting.from_location.pk, lot_id))
            status, expires_on = (known.lot_status, known.expires_on) if known else (None, None)
            if posting.lot:
                status, expires_on = posting.lot.status, posting.lot.expires_on
            self.balances[key] = BalanceState(
                on_hand=Decimal(0), reserved=Decimal(0), lot_status=status, expires_on=expires_on
            )
        self.touched[key] = self.balances[key]
        return self.balances[key]

    def _errors(self, posting: "Posting") -> dict[str, list[str]]:
        state = self.items.get(posting.item.pk)
        if state is None:
            return {"item": [_("This item does not exist any more.")]}
        self._check_route(posting)
        errors: dict[str, list[str]] = {}
        if not state.is_active:
            errors["item"] = [_("This item is inactive: no stock can be moved.")]
        errors |= _quantity_errors(posting, state)
        is_transfer = posting.from_location.is_real and posting.to_location.is_real
        if is_transfer and posting.from_location == posting.to_location:
            errors["to_location"] = [_("Choose another location than the one it leaves.")]
        for name in ("from_location", "to_location"):
            place: Location = getattr(posting, name)
            if place.is_real and not place.is_active:
                errors[name if is_transfer else "location"] = [_("This location is inactive.")]
        if posting.unit_cost is not None and not 0 <= posting.unit_cost < _COST_LIMIT:
            errors["unit_cost"] = [_("Enter a cost of zero or more.")]
        if posting.occurred_at and posting.occurred_at > self._now + _CLOCK_SKEW:
            errors["occurred_at"] = [_("This is in the future.")]
        return errors | self._lot_errors(posting, state)

    def _lot_errors(self, posting: "Posting", state: ItemState) -> dict[str, list[str]]:
        comes_in = posting.to_location.is_real and not posting.from_location.is_real
        if state.tracking == Tracking.NONE:
            # Its stock from before the item stopped being tracked may still go out by lot.
            if posting.lot and comes_in and not posting.reverses:
                return {"lot": [_("This item is not tracked by lot.")]}
            return {}
        if comes_in and not posting.lot and not posting.reverses:
            return {"lot": [_("Name the lot: this item is tracked.")]}
        if posting.lot and posting.lot.item_id != posting.item.pk:
            return {"lot": [_("This lot is of another item.")]}
        if state.tracking == Tracking.SERIAL and comes_in and posting.lot:
            stands = sum(b.on_hand for (_i, _l, lot), b in self.balances.items() if lot == posting.lot.pk)
            if posting.quantity != 1:
                return {"quantity": [_("A serial number is one piece: enter 1.")]}
            if stands:
                return {"lot": [_("This serial number is in stock already.")]}
        return {}

    @staticmethod
    def _check_route(posting: "Posting") -> None:
        route = tuple(
            _REAL if place.is_real else LocationKind(place.kind)
            for place in (posting.from_location, posting.to_location)
        )
        if posting.kind != MovementKind.REVERSAL and route not in _ROUTES[posting.kind]:
            raise ValueError(f"A {posting.kind} does not go from {route[0]} to {route[1]}.")


def _quantity_errors(posting: "Posting", state: ItemState) -> dict[str, list[str]]:
    quantity = posting.quantity
    if not quantity.is_finite() or quantity <= 0:
        return {"quantity": [_("Enter a quantity above zero.")]}
    if quantity >= _LIMIT:
        return {"quantity": [_("This is more than the ledger can hold.")]}
    if quantity != round(quantity, state.decimals) and not posting.reverses:
        return {
            "quantity": [
                _("This item is counted in whole units.")
                if not state.decimals
                else _("At most %(decimals)s decimals, please.") % {"decimals": state.decimals}
            ]
        }
    return {}


def _price_in_base_currency(state: ItemState, *, on) -> Decimal:
    if state.currency == state.base_currency or not state.unit_price:
        return state.unit_price
    rate = rates.newest(state.currency, on=on)
    if rate is None:
        sentence = _("Enter the unit cost in %(base)s: there is no exchange rate for %(currency)s.")
        names = {"base": state.base_currency, "currency": state.currency}
        raise InvalidPosting({0: {"unit_cost": [sentence % names]}})
    with localcontext(prec=60):
        cost = (state.unit_price * rate.rate).quantize(Decimal("1e-8"), rounding=ROUND_HALF_UP)
    if cost >= _COST_LIMIT:
        raise InvalidPosting({0: {"unit_cost": [_("This is more than the ledger can hold.")]}})
    return cost


def _short(posting: "Posting", available: Decimal) -> InsufficientStock:
    return InsufficientStock(
        item=posting.item, location=posting.from_location, requested=posting.quantity, available=available
    )


def _pk(lot) -> int | None:
    return lot.pk if lot else None
