"""Locations inside the gate: made, changed, deleted while nothing stands or stood there."""

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from inventory.models import Location
from ipms import trees, validation
from ipms.errors import InUse, InvalidInput


@transaction.atomic
def create(**fields: Any) -> Location:
    """Make a location that can hold stock.

    Raises Django's `ValidationError` for fields that cannot be taken, and `InvalidInput` for a virtual kind
    or parent.
    """
    location = Location(**fields)
    _check(location)
    location.save()
    return location


@transaction.atomic
def update(location: Location, **changes: Any) -> Location:
    """Change a location's fields. Raises as `create` does."""
    if "parent" in changes:
        trees.lock(Location)
    for name, value in changes.items():
        setattr(location, name, value)
    _check(location)
    location.save()
    return location


@transaction.atomic
def delete(location: Location) -> None:
    """Delete a location that nothing names: no movement, item, order or location below it. Else `InUse`."""
    try:
        location.delete()
    except ProtectedError as error:
        sentence = _("%(code)s is used by stock, items, orders or other locations: deactivate it instead.")
        raise InUse(sentence % {"code": location.code}) from error


def _check(location: Location) -> None:
    if not location.is_real:
        raise InvalidInput({"kind": [_("Choose site, warehouse, zone or bin.")]})
    if isinstance(location.parent, Location) and not location.parent.is_real:
        raise InvalidInput({"parent": [_("A location stands inside the gate.")]})
    validation.check(location, key="code")
