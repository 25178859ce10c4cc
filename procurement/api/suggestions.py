"""Reorder suggestions that are taken up: what is sent, and the drafts that come of it."""

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from inventory.models import Item
from ipms.api.fields import QuantityField, RecordField
from ipms.api.serializers import CommandSerializer
from procurement import drafts
from procurement.api.serializers import OrderSerializer


class WantedSerializer(CommandSerializer):
    """An item that a reorder suggestion stands for."""

    item = RecordField(Item.objects.select_related("unit"), "sku")
    quantity = QuantityField(
        above_zero=True, required=False, allow_null=True, help_text="As suggested when left out."
    )


class TakeUpSerializer(CommandSerializer):
    """The suggestions that are taken up."""

    items = WantedSerializer(many=True, allow_empty=False, max_length=drafts.MAX_LINES)


class DraftsSerializer(serializers.Serializer):
    """The orders that were made, one for each supplier (and currency of its last prices)."""

    orders = OrderSerializer(many=True, read_only=True)


EXAMPLES = [
    OpenApiExample(
        "As suggested, and with another quantity",
        value={"items": [{"item": "ROD-12"}, {"item": "BOLT-8", "quantity": "500"}]},
        request_only=True,
    )
]
