"""Histories of a small store, entered with the times a test wants, and what plain sums make of them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from accounts.tests.factories import UserFactory
from inventory.models import LocationKind, MovementKind, StockMovement
from inventory.stock import virtual_location
from inventory.tests.factories import ItemFactory, LocationFactory

BEGIN = datetime(2031, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Sum:
    quantity: Decimal = Decimal(0)
    value: Decimal = Decimal(0)

    def __add__(self, other):
        return Sum(self.quantity + other.quantity, self.value + other.value)

    def __neg__(self):
        return Sum(-self.quantity, -self.value)


class Store:
    """Items and places; places 0 and 1 stand outside, the others are shelves.

    Only here does a movement get the time at which it was posted: the ledger takes it from the clock.
    """

    def __init__(self, items=2, shelves=2):
        self.actor = UserFactory()
        self.items = [ItemFactory() for _ in range(items)]
        outside = [virtual_location(LocationKind.SUPPLIER), virtual_location(LocationKind.CONSUMPTION)]
        self.places = [*outside, *(LocationFactory() for _ in range(shelves))]

    def enter(self, rows):
        """Enter rows of item, from, to, quantity, value, and hours after the beginning: happened, posted."""
        StockMovement.objects.bulk_create(
            StockMovement(
                kind=MovementKind.TRANSFER,
                item=self.items[item],
                from_location=self.places[source],
                to_location=self.places[target],
                quantity=quantity,
                unit_cost=0,
                value=value,
                on_hand_after=0,
                actor=self.actor,
                occurred_at=BEGIN + timedelta(hours=occurred),
                posted_at=BEGIN + timedelta(hours=posted),
            )
            for item, source, target, quantity, value, occurred, posted in rows
        )


def plain_sums(*, as_of, known_at=None):
    """Sum up all movements one by one, by item and real location."""
    sums = defaultdict(Sum)
    for movement in StockMovement.objects.select_related("from_location", "to_location"):
        if movement.occurred_at > as_of or (known_at and movement.posted_at > known_at):
            continue
        moved = Sum(movement.quantity, movement.value)
        if movement.to_location.is_real:
            sums[movement.item_id, movement.to_location_id] += moved
        if movement.from_location.is_real:
            sums[movement.item_id, movement.from_location_id] += -moved
    return sums
