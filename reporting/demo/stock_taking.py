"""What stands where, asked with one query."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F

from inventory.models import ItemValuation, Lot, StockBalance


@dataclass(frozen=True)
class Standing:
    """What stands of an item at one location, in its stock unit."""

    usable: Decimal = Decimal(0)
    expired: tuple[tuple[Lot, Decimal], ...] = ()


def standing(*, on: date) -> dict[tuple[int, int], Standing]:
    """Return what stands, by item and location: fit for use that day, and the lots that have expired."""
    usable: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    expired: dict[tuple[int, int], list[tuple[int, Decimal]]] = defaultdict(list)
    balances = StockBalance.objects.filter(on_hand__gt=0).order_by("pk")
    for item, location, lot, expires_on, available in balances.values_list(
        "item", "location", "lot", "lot__expires_on", F("on_hand") - F("reserved")
    ):
        if expires_on and expires_on < on:
            expired[item, location].append((lot, available))
        else:
            usable[item, location] += available
    lots = Lot.objects.in_bulk([lot for found in expired.values() for lot, _available in found])
    return {
        key: Standing(usable[key], tuple((lots[lot], available) for lot, available in expired[key]))
        for key in (*usable, *expired)
    }


def available_by_item() -> dict[int, Decimal]:
    """Return what is available of each item, over all locations."""
    return {
        valuation.pk: valuation.quantity - valuation.reserved for valuation in ItemValuation.objects.all()
    }
