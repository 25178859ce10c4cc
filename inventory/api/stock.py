"""What the verbs of stock take and give, and what stands where."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from inventory.api.items import ItemSerializer
from inventory.api.movements import MovementSerializer
from inventory.api.references import LOT, PLACE, LotNumberField
from inventory.models import Location, StockBalance, StockMovement
from ipms.api.fields import DayField, QuantityField, RecordField, UnitPriceField
from ipms.api.filters import FlagFilter, RecordFilter
from ipms.api.serializers import CommandSerializer, RecordSerializer
from ipms.trees import subtree_ids


def _place(**kwargs: Any) -> RecordField:
    return RecordField(Location.objects.real(), "code", shows=PLACE, **kwargs)


class _Why(CommandSerializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)
    reference = serializers.CharField(required=False, allow_blank=True, max_length=100)


class AddStockSerializer(_Why):
    quantity = QuantityField(above_zero=True)
    location = _place(required=False, allow_null=True, help_text=_("By default the item's own."))
    unit_cost = UnitPriceField(
        required=False,
        allow_null=True,
        help_text=_("In base currency; by default the average cost, else the unit price."),
    )
    lot = LotNumberField(help_text=_("A tracked item must name it; made where it is new."))
    expires_on = DayField(required=False, allow_null=True)


class RemoveStockSerializer(_Why):
    quantity = QuantityField(above_zero=True)
    location = _place(required=False, allow_null=True, help_text=_("By default the item's own."))
    lot = LotNumberField(help_text=_("Without it: first expired, first out."))


class TransferStockSerializer(_Why):
    quantity = QuantityField(above_zero=True)
    from_location = _place()
    to_location = _place()
    lot = LotNumberField(help_text=_("Without it: first expired, first out."))


class AdjustStockSerializer(CommandSerializer):
    counted = QuantityField(help_text=_("What is there; the difference is posted."))
    location = _place(required=False, allow_null=True, help_text=_("By default the item's own."))
    lot = LotNumberField(help_text=_("Without it all lots at the location were counted."))
    reason = serializers.CharField(max_length=200)
    reference = serializers.CharField(required=False, allow_blank=True, max_length=100)


class ReverseSerializer(CommandSerializer):
    reason = serializers.CharField(max_length=200)


class PostedSerializer(serializers.Serializer):
    """What was posted. `movements` only where more than one lot was taken from: `movement` is the first."""

    movement = MovementSerializer(allow_null=True, help_text=_("Null where a count agreed with the books."))
    movements = MovementSerializer(many=True, required=False)


class DoneSerializer(PostedSerializer):
    item = ItemSerializer()


def posted(movements: Sequence[StockMovement], context: dict[str, Any]) -> dict[str, Any]:
    """Return the movements of one operation as its answer shows them."""
    prefetch_related_objects(movements, "lot")
    shown = MovementSerializer(movements, many=True, context=context).data
    answer: dict[str, Any] = {"movement": shown[0] if shown else None}
    if len(shown) > 1:
        answer["movements"] = shown
    return answer


class BalanceSerializer(RecordSerializer):
    location = RecordField(shows=PLACE)
    lot = RecordField(shows=LOT, allow_null=True)
    available = QuantityField(read_only=True)

    class Meta:
        model = StockBalance
        fields = ["location", "lot", "on_hand", "reserved", "available"]


class BalanceFilter(django_filters.FilterSet):
    location = RecordFilter(
        queryset=Location.objects.real(),
        natural_key="code",
        method="at_location",
        help_text=_("Code or id; with what is inside."),
    )
    lot = django_filters.CharFilter("lot__number", lookup_expr="iexact", help_text=_("The lot's number."))
    empty = FlagFilter(method="with_empty", help_text=_("Also where nothing stands any more."))

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("empty") else found.exclude(on_hand=0)

    def at_location(self, queryset, name, location):
        return queryset.filter(location__in=subtree_ids(Location, (location.pk,)))

    def with_empty(self, queryset, name, wanted):
        return queryset


BALANCE_SEARCH_FIELDS = ("location__code", "location__name", "lot__number")
BALANCE_ORDERING_FIELDS = {
    "location": "location__code",
    "lot": "lot__number",
    "expires_on": "lot__expires_on",
    "on_hand": "on_hand",
    "reserved": "reserved",
}
