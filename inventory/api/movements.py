"""What the ledger shows, and how its lines are found."""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from inventory.api.references import ITEM, LOT, PERSON, PLACE
from inventory.models import Item, Location, MovementKind, StockMovement
from ipms.api.fields import AmountField, RecordField
from ipms.api.filters import ChoiceFilter, DayFilter, RecordFilter
from ipms.api.serializers import RecordSerializer
from ipms.trees import subtree_ids

#: What a movement shows of other tables.
RELATED = ("item", "lot", "from_location", "to_location", "actor")
ORDERING_FIELDS = ("id", "occurred_at", "posted_at", "quantity", "value")


class MovementSerializer(RecordSerializer):
    """A line of the ledger. `unit_cost` and `value` are in base currency, `on_hand_after` is of the item."""

    item = RecordField(shows=ITEM)
    lot = RecordField(shows=LOT, allow_null=True)
    from_location = RecordField(shows=PLACE)
    to_location = RecordField(shows=PLACE)
    value = AmountField(read_only=True)
    actor = RecordField(shows=PERSON)
    reverses = serializers.IntegerField(
        source="reverses_id", read_only=True, allow_null=True, help_text=_("The movement that it undoes.")
    )

    class Meta:
        model = StockMovement
        fields = [
            "id",
            "kind",
            "item",
            "lot",
            "quantity",
            "from_location",
            "to_location",
            "unit_cost",
            "value",
            "on_hand_after",
            "reason",
            "reference",
            "document",
            "actor",
            "occurred_at",
            "posted_at",
            "reverses",
        ]


class MovementFilter(django_filters.FilterSet):
    item = RecordFilter("item", queryset=Item.objects.all(), natural_key="sku")
    location = RecordFilter(
        queryset=Location.objects.real(),
        natural_key="code",
        method="at_location",
        help_text=_("Code or id: movements from or to it, or anywhere inside."),
    )
    kind = ChoiceFilter("kind", choices=MovementKind.choices)
    reference = django_filters.CharFilter("reference", help_text=_("The whole reference."))
    document = django_filters.CharFilter("document", help_text=_("The number of the document behind it."))
    date_from = DayFilter("occurred_at", since=True, help_text=_("Occurred on or after this day."))
    date_to = DayFilter("occurred_at", until=True, help_text=_("Occurred on or before this day."))

    def at_location(self, queryset, name, location):
        places = subtree_ids(Location, (location.pk,))
        return queryset.filter(Q(from_location__in=places) | Q(to_location__in=places))
