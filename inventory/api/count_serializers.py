"""What a stock count and its lines show, and what people send to make, fill and decide one."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory.abc_xyz import Importance
from inventory.api.references import CATEGORY, ITEM, LOT, PERSON, PLACE, LotNumberField
from inventory.models import (
    Category,
    CountHistory,
    CountLine,
    CountStatus,
    Item,
    Location,
    StockCount,
)
from ipms.api.fields import AmountField, DayField, MomentField, QuantityField, RecordField
from ipms.api.serializers import CommandSerializer, RecordSerializer

_LONGEST_TEXT = 10_000
#: So many figures, or items, in one request.
_MOST = 5000
#: What a blind count does not tell those who count.
_BY_THE_BOOKS = ("book_quantity", "expected_quantity", "variance", "variance_value")


class CountProgressSerializer(serializers.Serializer):
    lines = serializers.IntegerField(source="line_total")
    counted = serializers.IntegerField(source="counted_total")
    to_recount = serializers.IntegerField(source="recount_total")


class CountStepSerializer(RecordSerializer):
    """One step of a count: from where to where, by whom, when and why."""

    to = serializers.ChoiceField(source="to_status", choices=CountStatus.choices, read_only=True)
    by = RecordField(shows=PERSON)

    class Meta:
        model = CountHistory
        fields = ["to", "by", "at", "comment"]

    def get_fields(self):
        # `from` is a word of the language: it cannot be declared as the others are.
        return {"from": serializers.SerializerMethodField("get_from_status"), **super().get_fields()}

    @extend_schema_field(serializers.ChoiceField(choices=CountStatus.choices, allow_null=True))
    def get_from_status(self, step: CountHistory) -> str | None:
        return step.from_status or None


class CountSerializer(RecordSerializer):
    """A stock count: its scope, how far it is, and who did what."""

    location = RecordField(shows=PLACE, allow_null=True)
    category = RecordField(shows=CATEGORY, allow_null=True)
    progress = CountProgressSerializer(source="*", read_only=True)
    made_by = RecordField(shows=PERSON)
    submitted_by = RecordField(shows=PERSON, allow_null=True)
    approved_by = RecordField(shows=PERSON, allow_null=True)
    history = CountStepSerializer(many=True, read_only=True)

    class Meta:
        model = StockCount
        fields = [
            "id",
            "number",
            "status",
            "is_blind",
            "location",
            "category",
            "abc_class",
            "named_items",
            "includes_empty",
            "notes",
            "progress",
            "made_by",
            "started_at",
            "submitted_by",
            "submitted_at",
            "approved_by",
            "approved_at",
            "history",
            "updated_at",
        ]


class CountLineSerializer(RecordSerializer):
    """A line of a count. Of a blind one that is not posted, what the books say is null to who counts."""

    item = RecordField(shows=ITEM)
    location = RecordField(shows=PLACE)
    lot = RecordField(shows=LOT, allow_null=True)
    book_quantity = QuantityField(
        read_only=True, allow_null=True, help_text=_("By the books when the count was started.")
    )
    counted_by = RecordField(shows=PERSON, allow_null=True)
    expected_quantity = QuantityField(
        source="expected",
        read_only=True,
        allow_null=True,
        help_text=_("By the books of the moment it was counted, with all that is known by now."),
    )
    variance = QuantityField(
        read_only=True, allow_null=True, help_text=_("Counted less expected: below zero for a shortage.")
    )
    variance_value = AmountField(
        source="worth",
        read_only=True,
        allow_null=True,
        help_text=_("At average cost, else at the unit price; null where neither is known."),
    )
    movement = serializers.IntegerField(source="movement_id", read_only=True, allow_null=True)

    class Meta:
        model = CountLine
        fields = [
            "id",
            "item",
            "location",
            "lot",
            "book_quantity",
            "counted_quantity",
            "counted_by",
            "counted_at",
            "needs_recount",
            "reason",
            "is_added",
            "expected_quantity",
            "variance",
            "variance_value",
            "movement",
        ]

    def to_representation(self, line: CountLine) -> dict[str, Any]:
        shown = super().to_representation(line)
        if self.context.get("hides_books"):
            shown |= dict.fromkeys(_BY_THE_BOOKS)
        return shown


class _ItemsField(serializers.ListField):
    """Items by id or SKU, fetched with one query."""

    child = RecordField(Item.objects.select_related("unit"), "sku", shows=ITEM)

    def to_internal_value(self, data):
        if isinstance(data, list):
            self.child.load(data)
        return super().to_internal_value(data)


class NewCountSerializer(CommandSerializer):
    """What is to be counted. What is given holds together: this category, in this place."""

    location = RecordField(
        Location.objects.real(),
        "code",
        required=False,
        allow_null=True,
        help_text=_("With what is inside."),
    )
    category = RecordField(
        Category.objects.all(),
        "slug",
        required=False,
        allow_null=True,
        help_text=_("With its sub-categories."),
    )
    abc_class = serializers.ChoiceField(
        choices=Importance.choices,
        required=False,
        allow_blank=True,
        help_text=_("By the value used in the last 365 days."),
    )
    items = _ItemsField(required=False, max_length=_MOST)
    includes_empty = serializers.BooleanField(
        required=False,
        help_text=_("Also items that should stand there, but of which the books have nothing."),
    )
    is_blind = serializers.BooleanField(required=False)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=_LONGEST_TEXT)


class FigureSerializer(CommandSerializer):
    """What was counted: of a line by its id, else of an item at a location, and of a lot where it has any."""

    line = RecordField(CountLine.objects.all(), required=False)
    item = RecordField(Item.objects.select_related("unit", "location"), "sku", shows=ITEM, required=False)
    location = RecordField(
        Location.objects.real(),
        "code",
        shows=PLACE,
        required=False,
        allow_null=True,
        help_text=_("May be left out where the item stands at one place only."),
    )
    lot = LotNumberField(help_text=_("Made where it is new."))
    expires_on = DayField(required=False, allow_null=True)
    counted = QuantityField(help_text=_("In the item's stock unit; zero where nothing is there."))
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)
    counted_at = MomentField(
        required=False,
        allow_null=True,
        help_text=_("When it was counted, now if left out: for clients that were offline."),
    )


class EnterSerializer(CommandSerializer):
    lines = FigureSerializer(many=True, allow_empty=False, max_length=_MOST)


class EnteredSerializer(serializers.Serializer):
    count = CountSerializer()
    lines = CountLineSerializer(many=True)


class SubmitCountSerializer(CommandSerializer):
    leave_uncounted = serializers.BooleanField(
        required=False, help_text=_("The books stay as they are where nothing was counted.")
    )
    comment = serializers.CharField(required=False, allow_blank=True, max_length=_LONGEST_TEXT)


class RecountSerializer(CommandSerializer):
    lines = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), allow_empty=False, max_length=_MOST
    )
    comment = serializers.CharField(required=False, allow_blank=True, max_length=_LONGEST_TEXT)


class ApproveCountSerializer(CommandSerializer):
    comment = serializers.CharField(required=False, allow_blank=True, max_length=_LONGEST_TEXT)


class CancelCountSerializer(CommandSerializer):
    reason = serializers.CharField(max_length=_LONGEST_TEXT)
