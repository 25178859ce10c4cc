import hashlib
from datetime import UTC
from decimal import Decimal

import pytest

from inventory import stock as stores
from inventory.digest import ledger_digest
from inventory.models import StockMovement
from inventory.tests.factories import ItemFactory, LocationFactory, stock

pytestmark = pytest.mark.django_db

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def canonical(movement):
    """The bytes of a movement, written down a second time from their description."""

    def text(value):
        if value is None:
            return "\\N"
        written = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return "".join(_ESCAPES.get(letter, letter) for letter in written)

    def moment(value):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    values = [
        movement.pk,
        movement.kind,
        movement.item_id,
        movement.lot_id,
        movement.quantity,
        movement.from_location_id,
        movement.to_location_id,
        movement.unit_cost,
        movement.value,
        movement.on_hand_after,
        movement.reason,
        movement.reference,
        movement.document,
        movement.actor_id,
        movement.reverses_id,
        moment(movement.occurred_at),
        moment(movement.posted_at),
    ]
    return ("\t".join(map(text, values)) + "\n").encode()


def test_the_digest_is_the_hash_of_the_canonical_bytes(staff):
    bolt, shelf = ItemFactory(), LocationFactory()
    stock(bolt, shelf, "8.5", unit_cost=Decimal("0.00000001"))
    stores.remove(bolt, quantity=Decimal(2), location=shelf, by=staff, reason="Für\tden \\ Tag\nso")

    lines = b"".join(map(canonical, StockMovement.objects.order_by("pk")))

    assert ledger_digest() == hashlib.sha256(lines).hexdigest()


def test_an_empty_ledger_has_the_digest_of_nothing():
    assert ledger_digest() == hashlib.sha256(b"").hexdigest()
