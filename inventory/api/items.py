"""What an item shows, what is taken to make and change one, and how items are found."""

import django_filters
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from inventory.api.references import CATEGORY, PLACE, LotNumberField
from inventory.models import Category, Item, ItemStatus, Location, StockBalance, Tracking, UnitOfMeasure
from ipms.api.fields import (
    AmountField,
    CurrencyField,
    DayField,
    QuantityField,
    RecordField,
    UnitPriceField,
)
from ipms.api.filters import ChoiceFilter, DayFilter, FlagFilter, MomentFilter, RecordFilter
from ipms.api.serializers import RecordSerializer
from ipms.trees import subtree_ids

#: What the search looks at; a description has no use for more.
_LONGEST_DESCRIPTION = 20_000


@extend_schema_field({"type": "string", "description": "UN/ECE Rec 20 code.", "example": "KGM"})
class UnitField(RecordField):
    """A unit of measure; shown as its code."""

    def __init__(self, **kwargs):
        super().__init__(UnitOfMeasure.objects.all(), "code", **kwargs)

    def get_attribute(self, instance):
        return instance.unit_id

    def to_representation(self, value):
        return value


class ItemSerializer(RecordSerializer):
    """An item with its stock over all locations. Costs and values are in base currency."""

    category = RecordField(Category.objects.all(), "slug", shows=CATEGORY, required=False, allow_null=True)
    location = RecordField(Location.objects.real(), "code", shows=PLACE, required=False, allow_null=True)
    unit = UnitField(required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=_LONGEST_DESCRIPTION)
    currency = CurrencyField(required=False)
    quantity = QuantityField(source="valuation.quantity", read_only=True)
    reserved = QuantityField(source="valuation.reserved", read_only=True)
    available = QuantityField(read_only=True)
    average_cost = UnitPriceField(source="valuation.average_cost", read_only=True)
    stock_value = AmountField(source="valuation.value", read_only=True)
    status = serializers.ChoiceField(choices=ItemStatus.choices, read_only=True)

    class Meta:
        model = Item
        fields = [
            "id",
            "sku",
            "name",
            "description",
            "category",
            "location",
            "unit",
            "barcode",
            "unit_price",
            "currency",
            "reorder_level",
            "reorder_quantity",
            "is_active",
            "tracking",
            "quantity",
            "reserved",
            "available",
            "average_cost",
            "stock_value",
            "status",
            "created_at",
            "updated_at",
        ]


class NewItemSerializer(ItemSerializer):
    """`quantity` is an opening balance, posted at `location`; a tracked item names the `lot` of it."""

    quantity = QuantityField(required=False, help_text=_("Opening balance, posted at `location`."))
    unit_cost = UnitPriceField(
        required=False, help_text=_("Of the opening balance, in base currency; by default the unit price.")
    )
    lot = LotNumberField(help_text=_("Of the opening balance."))
    expires_on = DayField(required=False, allow_null=True, help_text=_("Of the lot."))

    class Meta(ItemSerializer.Meta):
        fields = [*ItemSerializer.Meta.fields, "unit_cost", "lot", "expires_on"]


class ChangeItemSerializer(ItemSerializer):
    """`quantity` may come back as it was read; another one is refused: stock changes only by a movement."""

    quantity = QuantityField(required=False, help_text=_("As it was read: stock changes by movements."))

    def validate_quantity(self, quantity):
        if quantity != self.instance.valuation.quantity:
            raise ValidationError(_("Stock changes only by a movement: add, remove, transfer or adjust it."))
        return quantity

    def validate(self, attrs):
        attrs.pop("quantity", None)
        return attrs


def _supplier_model() -> type[Model]:
    """Return the model of suppliers, by way of the orders: suppliers know items, not the reverse."""
    model: type[Model] = Item
    for step in ("order_lines", "order", "supplier"):
        model = model._meta.get_field(step).related_model
    return model


class ItemFilter(django_filters.FilterSet):
    category = RecordFilter(
        queryset=Category.objects.all(),
        natural_key="slug",
        method="in_category",
        help_text=_("Slug or id; with its sub-categories."),
    )
    location = RecordFilter(
        queryset=Location.objects.real(),
        natural_key="code",
        method="at_location",
        help_text=_(
            "Code or id: items with stock there or anywhere inside, or whose default location it is."
        ),
    )
    status = ChoiceFilter(
        choices=ItemStatus.choices, method="in_status", help_text=_("One, or several separated by commas.")
    )
    supplier = RecordFilter(
        queryset=_supplier_model()._default_manager.all(),
        natural_key="code",
        method="ordered_from",
        help_text=_("Code or id: items on any of its purchase orders."),
    )
    tracking = ChoiceFilter("tracking", choices=Tracking.choices)
    is_active = FlagFilter("is_active")
    barcode = django_filters.CharFilter("barcode", help_text=_("The whole barcode."))
    date_from = DayFilter("updated_at", since=True, help_text=_("Updated on or after this day."))
    date_to = DayFilter("updated_at", until=True, help_text=_("Updated on or before this day."))
    updated_since = MomentFilter(
        "updated_at", lookup_expr="gte", help_text=_("Updated at or after this moment.")
    )

    class Meta:
        model = Item
        fields: list[str] = []

    def in_category(self, queryset, name, category):
        return queryset.filter(category__in=subtree_ids(Category, (category.pk,)))

    def at_location(self, queryset, name, location):
        places = subtree_ids(Location, (location.pk,))
        stands = StockBalance.objects.filter(location__in=places, on_hand__gt=0)
        return queryset.filter(Q(location__in=places) | Q(pk__in=stands.values("item")))

    def in_status(self, queryset, name, statuses):
        return queryset.in_status(*statuses)

    def ordered_from(self, queryset, name, supplier):
        ordered = Item.objects.filter(order_lines__order__supplier=supplier)
        return queryset.filter(pk__in=ordered.values("pk"))
