"""What an order shows, and what people send to make, change and move one."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory.api.references import ITEM, PERSON, PLACE
from inventory.models import Item, Location
from ipms.api.fields import (
    AmountField,
    CurrencyField,
    DayField,
    QuantityField,
    RateField,
    RecordField,
    UnitPriceField,
)
from ipms.api.serializers import CommandSerializer, RecordSerializer
from procurement import drafts
from procurement.models import OrderHistory, OrderStatus, PurchaseOrder, PurchaseOrderLine
from suppliers.models import Supplier

_LONGEST_TEXT = 10_000


class TransitionSerializer(RecordSerializer):
    """One step of an order: from where to where, by whom, when and why."""

    to = serializers.ChoiceField(source="to_status", choices=OrderStatus.choices, read_only=True)
    by = RecordField(shows=PERSON)

    class Meta:
        model = OrderHistory
        fields = ["to", "by", "at", "comment"]

    def get_fields(self):
        # `from` is a word of the language: it cannot be declared as the others are.
        return {"from": serializers.SerializerMethodField("get_from_status"), **super().get_fields()}

    @extend_schema_field(serializers.ChoiceField(choices=OrderStatus.choices, allow_null=True))
    def get_from_status(self, transition: OrderHistory) -> str | None:
        return transition.from_status or None


class OrderLineSerializer(RecordSerializer):
    """A line of an order: quantities in the stock unit of its item, money in the currency of the order."""

    item = RecordField(shows=ITEM)
    tax_rate = RateField(read_only=True, help_text=_("In percent."))
    line_total = AmountField(currency="order.currency", read_only=True, help_text=_("Without tax."))
    outstanding_quantity = QuantityField(read_only=True)

    class Meta:
        model = PurchaseOrderLine
        fields = [
            "id",
            "item",
            "description",
            "quantity",
            "unit_price",
            "tax_rate",
            "line_total",
            "received_quantity",
            "outstanding_quantity",
        ]


class OrderSerializer(RecordSerializer):
    """A purchase order with its lines and its history."""

    supplier = RecordField(shows=("id", "code", "name"))
    subtotal = AmountField(currency="currency", read_only=True)
    tax_amount = AmountField(currency="currency", read_only=True)
    total_amount = AmountField(currency="currency", read_only=True)
    total_base = AmountField(
        read_only=True,
        allow_null=True,
        help_text=_(
            "In base currency; an estimate until the order is approved, null while no rate is known."
        ),
    )
    deliver_to = RecordField(shows=PLACE, allow_null=True)
    lines = OrderLineSerializer(many=True, read_only=True)
    created_by = RecordField(shows=PERSON)
    approved_by = RecordField(shows=PERSON, allow_null=True)
    rejected_by = RecordField(shows=PERSON, allow_null=True)
    history = TransitionSerializer(many=True, read_only=True)

    class Meta:
        model = PurchaseOrder
        fields = [
            "id",
            "po_number",
            "supplier",
            "status",
            "currency",
            "exchange_rate",
            "subtotal",
            "tax_amount",
            "total_amount",
            "total_base",
            "expected_date",
            "deliver_to",
            "notes",
            "reference",
            "lines",
            "created_by",
            "approved_by",
            "approved_at",
            "rejected_by",
            "rejection_reason",
            "delivered_at",
            "history",
            "created_at",
            "updated_at",
        ]


class LineDraftSerializer(CommandSerializer):
    """What is asked for in one line."""

    item = RecordField(Item.objects.select_related("unit"), "sku")
    quantity = QuantityField(above_zero=True)
    unit_price = UnitPriceField()
    tax_rate = RateField(required=False, help_text=_("In percent, such as “18”."))
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text=_("By default the item's name.")
    )
    ignored_fields = frozenset({"id", "line_total", "received_quantity", "outstanding_quantity"})

    def to_internal_value(self, data):
        # Lines are replaced whole: a part of one is not enough, not even where part of an order is.
        missing = {
            name: [field.error_messages["required"]]
            for name, field in self.fields.items()
            if isinstance(data, Mapping) and field.required and name not in data
        }
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**missing, **error.detail}) from error
        if missing:
            raise serializers.ValidationError(missing)
        return value


class ChangeOrderSerializer(CommandSerializer):
    """What may change before an order is approved; lines are replaced whole."""

    supplier = RecordField(Supplier.objects.all(), "code")
    currency = CurrencyField(required=False, help_text=_("By default the supplier's."))
    expected_date = DayField(required=False, allow_null=True)
    deliver_to = RecordField(Location.objects.real(), "code", required=False, allow_null=True)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=_LONGEST_TEXT)
    reference = serializers.CharField(required=False, allow_blank=True, max_length=100)
    lines = LineDraftSerializer(many=True, max_length=drafts.MAX_LINES)


class NewOrderSerializer(ChangeOrderSerializer):
    """What is asked for."""

    submit = serializers.BooleanField(required=False, help_text=_("False for a draft."))


class ApproveSerializer(CommandSerializer):
    """What an approval may say."""

    comment = serializers.CharField(required=False, allow_blank=True, max_length=_LONGEST_TEXT)
    exchange_rate = RateField(
        required=False,
        allow_null=True,
        above_zero=True,
        help_text=_("Base currency for one unit of the order's; by default the newest stored rate."),
    )


class CommentSerializer(CommandSerializer):
    """What may be said with a step."""

    comment = serializers.CharField(required=False, allow_blank=True, max_length=_LONGEST_TEXT)


class ReasonSerializer(CommandSerializer):
    """Why."""

    reason = serializers.CharField(max_length=_LONGEST_TEXT)
