"""How a record shows the others that it names, and how a lot is named."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from inventory.models import Lot

CATEGORY = ("id", "slug", "name")
PLACE = ("id", "code", "name")
ITEM = ("id", "sku", "name")
LOT = ("id", "number", "expires_on", "status")
PERSON = {"id": "id", "email": "email", "name": "__str__"}


class LotNumberField(serializers.CharField):
    """A lot by its number, empty for none; an object as reads give it counts by its number too."""

    def __init__(self, **kwargs: Any) -> None:
        longest = Lot._meta.get_field("number").max_length
        super().__init__(required=False, allow_blank=True, allow_null=True, max_length=longest, **kwargs)

    def validate_empty_values(self, data):
        is_empty, value = super().validate_empty_values(data)
        return is_empty, "" if value is None else value

    def to_internal_value(self, data):
        return super().to_internal_value(data.get("number") if isinstance(data, Mapping) else data)
