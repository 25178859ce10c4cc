"""Goods receipts: what came against an order, when, and who received it."""

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from inventory.api.references import ITEM, LOT, PERSON, PLACE
from inventory.models import Location
from ipms.api.fields import DayField, QuantityField, RecordField
from ipms.api.filters import DayFilter, RecordFilter
from ipms.api.serializers import CommandSerializer, RecordSerializer
from ipms.api.views import DomainViewSet
from procurement.api.serializers import OrderSerializer
from procurement.models import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, PurchaseOrderLine
from suppliers.models import Supplier

SEARCH_FIELDS = ("number", "reference", "order__po_number")
#: A piece with a serial number is an arrival of its own.
_MOST_ARRIVALS = 5000
ORDERING_FIELDS = ("id", "number", "occurred_at", "created_at")


class ArrivalSerializer(CommandSerializer):
    """What came of one line of the order."""

    line = RecordField(PurchaseOrderLine.objects.all())
    quantity = QuantityField(above_zero=True)
    lot = serializers.CharField(required=False, allow_blank=True, max_length=80)
    expires_on = DayField(required=False, allow_null=True)
    location = RecordField(Location.objects.real(), "code", required=False, allow_null=True)


class DeliverSerializer(CommandSerializer):
    """What came: the lines that are named, else all that is outstanding."""

    lines = ArrivalSerializer(many=True, required=False, max_length=_MOST_ARRIVALS)
    reference = serializers.CharField(required=False, allow_blank=True, max_length=100)


class ReceiptLineSerializer(RecordSerializer):
    """What came of one line of the order, and the movement that brought it into stock."""

    line = serializers.IntegerField(source="order_line_id", read_only=True)
    item = RecordField(shows=ITEM, source="order_line.item")
    lot = RecordField(shows=LOT, source="movement.lot", allow_null=True)
    location = RecordField(shows=PLACE, source="movement.to_location")
    movement = serializers.IntegerField(source="movement_id", read_only=True)

    class Meta:
        model = GoodsReceiptLine
        fields = ["line", "item", "quantity", "lot", "location", "movement"]


class ReceiptSerializer(RecordSerializer):
    """The note of what came (GRN): one delivery against one order."""

    order = RecordField(shows=("id", "po_number"))
    received_by = RecordField(shows=PERSON)
    lines = ReceiptLineSerializer(many=True, read_only=True)

    class Meta:
        model = GoodsReceipt
        fields = ["id", "number", "order", "reference", "lines", "received_by", "occurred_at", "created_at"]


class DeliveredOrderSerializer(OrderSerializer):
    """An order, and beside its own fields the receipt that was just made."""

    receipt = ReceiptSerializer(read_only=True)

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "receipt"]


class ReceiptFilter(django_filters.FilterSet):
    order = RecordFilter("order", queryset=PurchaseOrder.objects.all(), natural_key="po_number")
    supplier = RecordFilter("order__supplier", queryset=Supplier.objects.all(), natural_key="code")
    date_from = DayFilter("occurred_at", since=True)
    date_to = DayFilter("occurred_at", until=True)

    class Meta:
        model = GoodsReceipt
        fields: list[str] = []


def with_lines() -> QuerySet[GoodsReceipt]:
    """Return the receipts with all that they show."""
    lines = GoodsReceiptLine.objects.select_related(
        "order_line__item", "movement__lot", "movement__to_location"
    ).order_by("id")
    return GoodsReceipt.objects.select_related("order", "received_by").prefetch_related(
        Prefetch("lines", lines)
    )


def show(receipt: GoodsReceipt, context: dict[str, Any]) -> dict[str, Any]:
    return ReceiptSerializer(with_lines().get(pk=receipt.pk), context=context).data


class GoodsReceiptViewSet(DomainViewSet):
    queryset = with_lines()
    serializer_class = ReceiptSerializer
    filterset_class = ReceiptFilter
    search_fields = SEARCH_FIELDS
    ordering_fields = ORDERING_FIELDS
