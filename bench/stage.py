"""What the measurements work on: items, a shelf, users, and the counting of queries."""

import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from inventory import items, locations
from inventory.models import Item, Location


def make_shelf() -> Location:
    """Make a location with a code of its own."""
    code = f"BENCH-{secrets.token_hex(4)}".upper()
    return locations.create(code=code, name="Shelf")


def make_items(count: int) -> list[Item]:
    """Make items that stand on a shelf of their own, without stock."""
    shelf, actor = make_shelf(), user()
    return [
        items.create(
            sku=f"{shelf.code}-{number}", name=f"Bolt {number}", location=shelf, unit_price=1, by=actor
        )
        for number in range(count)
    ]


def user() -> User:
    """Return who does it all."""
    return User.objects.get(email="manager@example.com")


def queries_of(ask: Callable[[], Any]) -> int:
    """Return how many queries something costs in this process."""
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)


def client(token: str) -> APIClient:
    """Return a client of the API in this process, for counting its queries."""
    assert "*" in settings.ALLOWED_HOSTS
    return APIClient(headers={"Authorization": f"Bearer {token}"})
