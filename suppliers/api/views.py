from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view

from ipms.api.views import Changes, Creates, Deletes
from suppliers import registry
from suppliers.api.filters import SupplierFilter
from suppliers.api.serializers import SupplierSerializer
from suppliers.models import Supplier

_SENT = {
    "name": "Kigali Steel Ltd",
    "email": "sales@kigalisteel.example",
    "country": "RW",
    "currency": "RWF",
    "payment_terms_days": 45,
}
_SHOWN = {
    "id": 12,
    "code": "KIGALI-STEEL-LTD",
    "name": "Kigali Steel Ltd",
    "email": "sales@kigalisteel.example",
    "phone": "",
    "contact_person": "",
    "address": "",
    "city": "",
    "country": "RW",
    "tax_id": "",
    "currency": "RWF",
    "payment_terms_days": 45,
    "lead_time_days": None,
    "is_active": True,
    "on_hold": False,
    "notes": "",
    "created_at": "2031-05-31T08:00:00.000000Z",
    "updated_at": "2031-05-31T08:00:00.000000Z",
}


@extend_schema_view(
    create=extend_schema(
        examples=[
            OpenApiExample("A supplier", value=_SENT, request_only=True),
            OpenApiExample("As it was entered", value=_SHOWN, response_only=True, status_codes=["201"]),
        ]
    ),
)
class SupplierViewSet(Creates, Changes, Deletes):
    queryset = Supplier.objects.all()
    serializer_class = SupplierSerializer
    filterset_class = SupplierFilter
    ordering_fields = (
        "id",
        "code",
        "name",
        "city",
        "country",
        "currency",
        "payment_terms_days",
        "lead_time_days",
        "created_at",
        "updated_at",
    )
    created_message = _("Supplier created.")
    changed_message = _("Supplier changed.")
    deleted_message = _("Supplier deleted.")

    def make(self, **fields):
        return registry.create(**fields)

    def change(self, record, **changes):
        registry.update(record, **changes)

    def remove(self, record):
        registry.delete(record)
