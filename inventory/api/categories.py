import django_filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view

from inventory import categories
from inventory.api import examples
from inventory.api.references import CATEGORY
from inventory.models import Category
from ipms.api.fields import RecordField
from ipms.api.filters import FlagFilter, RecordFilter
from ipms.api.serializers import RecordSerializer
from ipms.api.views import Changes, Creates, Deletes


class CategorySerializer(RecordSerializer):
    parent = RecordField(Category.objects.all(), "slug", shows=CATEGORY, required=False, allow_null=True)

    class Meta:
        model = Category
        fields = ["id", "slug", "name", "parent", "is_active"]
        extra_kwargs = {"slug": {"required": False, "allow_blank": True}}


class CategoryFilter(django_filters.FilterSet):
    parent = RecordFilter("parent", queryset=Category.objects.all(), natural_key="slug")
    is_active = FlagFilter("is_active")

    class Meta:
        model = Category
        fields: list[str] = []


@extend_schema_view(create=extend_schema(examples=examples.CATEGORY))
class CategoryViewSet(Creates, Changes, Deletes):
    queryset = Category.objects.select_related("parent")
    serializer_class = CategorySerializer
    filterset_class = CategoryFilter
    search_fields = ("name", "slug")
    ordering_fields = ("id", "slug", "name", "is_active")
    created_message = _("Category created.")
    changed_message = _("Category changed.")
    deleted_message = _("Category deleted.")

    def make(self, **fields):
        return categories.create(**fields)

    def change(self, record, **changes):
        categories.update(record, **changes)

    def remove(self, record):
        categories.delete(record)
