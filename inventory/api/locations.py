import django_filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from inventory import locations
from inventory.api import examples
from inventory.api.references import PLACE
from inventory.models import Location, LocationKind
from ipms.api.fields import RecordField
from ipms.api.filters import ChoiceFilter, FlagFilter, RecordFilter
from ipms.api.serializers import RecordSerializer
from ipms.api.views import Changes, Creates, Deletes

#: Where stock comes from or goes to outside the gate is no business of a client.
_KINDS = [(kind.value, kind.label) for kind in LocationKind.real()]


class LocationSerializer(RecordSerializer):
    kind = serializers.ChoiceField(choices=_KINDS, required=False)
    parent = RecordField(Location.objects.real(), "code", shows=PLACE, required=False, allow_null=True)

    class Meta:
        model = Location
        fields = ["id", "code", "name", "kind", "parent", "is_active"]


class LocationFilter(django_filters.FilterSet):
    kind = ChoiceFilter("kind", choices=_KINDS)
    parent = RecordFilter("parent", queryset=Location.objects.real(), natural_key="code")
    is_active = FlagFilter("is_active")

    class Meta:
        model = Location
        fields: list[str] = []


@extend_schema_view(create=extend_schema(examples=examples.LOCATION))
class LocationViewSet(Creates, Changes, Deletes):
    """The locations inside the gate; the virtual ones appear in movements alone."""

    queryset = Location.objects.real().select_related("parent")
    serializer_class = LocationSerializer
    filterset_class = LocationFilter
    search_fields = ("code", "name")
    ordering_fields = ("id", "code", "name", "kind", "is_active")
    created_message = _("Location created.")
    changed_message = _("Location changed.")
    deleted_message = _("Location deleted.")

    def make(self, **fields):
        return locations.create(**fields)

    def change(self, record, **changes):
        locations.update(record, **changes)

    def remove(self, record):
        locations.delete(record)
