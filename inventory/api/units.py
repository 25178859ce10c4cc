from inventory.models import UnitOfMeasure
from ipms.api.serializers import RecordSerializer
from ipms.api.views import DomainViewSet


class UnitSerializer(RecordSerializer):
    class Meta:
        model = UnitOfMeasure
        fields = ["id", "code", "name", "decimals"]


class UnitViewSet(DomainViewSet):
    """Units of measure: the codes that an item's `unit` may have."""

    queryset = UnitOfMeasure.objects.all()
    serializer_class = UnitSerializer
    search_fields = ("code", "name")
    ordering_fields = ("id", "code", "name", "decimals")
