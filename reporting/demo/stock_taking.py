"""What stands where, asked with one query."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from inventory.models import ItemValuation, Lot, StockBalance


@dataclass(frozen=True)
class Standing:
    """What stands of an item at one location, in its stock unit."""

    usable: Decimal = Decimal(0)
    expired: tuple[tuple[Lot, Decimal], ...] = ()


def standing(*, on: date) -> dict[tuple[int, int], Standing]:
    """Return what stands, by item and location: fit for use that day, and the lots that have expired."""
    found: dict[tuple[int, int], Standing] = {}
    balances = StockBalance.objects.filter(on_hand__gt=0).select_related("lot").order_by("pk")
    for balance in balances:
        key = balance.item_id, balance.location_id
        before = found.get(key, Standing())
        lot = balance.lot
        if lot and lot.expires_on and lot.expires_on < on:
            found[key] = Standing(before.usable, (*before.expired, (lot, balance.available)))
        else:
            found[key] = Standing(before.usable + balance.available, before.expired)
    return found


def available_by_item() -> dict[int, Decimal]:
    """Return what is available of each item, over all locations."""
    return {
        valuation.pk: valuation.quantity - valuation.reserved for valuation in ItemValuation.objects.all()
    }
