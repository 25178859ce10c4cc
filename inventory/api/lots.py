import django_filters
from django.utils.translation import gettext_lazy as _

from inventory.api.references import ITEM
from inventory.models import Item, Lot, LotStatus
from ipms.api.fields import RecordField
from ipms.api.filters import ChoiceFilter, DayFilter, RecordFilter
from ipms.api.serializers import RecordSerializer
from ipms.api.views import DomainViewSet


class LotSerializer(RecordSerializer):
    item = RecordField(shows=ITEM)

    class Meta:
        model = Lot
        fields = ["id", "item", "number", "expires_on", "status", "created_at"]


class LotFilter(django_filters.FilterSet):
    item = RecordFilter("item", queryset=Item.objects.all(), natural_key="sku")
    status = ChoiceFilter("status", choices=LotStatus.choices)
    expires_from = DayFilter(
        "expires_on", since=True, of_moment=False, help_text=_("Lots that expire on or after this day.")
    )
    expires_to = DayFilter(
        "expires_on", until=True, of_moment=False, help_text=_("Lots that expire on or before this day.")
    )

    class Meta:
        model = Lot
        fields: list[str] = []


class LotViewSet(DomainViewSet):
    """Lots and serial numbers; they are made by the stock that comes in, and come first expired first."""

    queryset = Lot.objects.select_related("item")
    serializer_class = LotSerializer
    filterset_class = LotFilter
    search_fields = ("number", "item__sku")
    ordering_fields = {
        "id": "id",
        "number": "number",
        "expires_on": "expires_on",
        "status": "status",
        "item": "item__sku",
        "created_at": "created_at",
    }
