"""Suppliers in spreadsheets."""

from typing import Any

from django.utils.translation import gettext_lazy

from ipms.columns import KEPT, CodeColumn, Column, CurrencyColumn, FlagColumn, WholeColumn
from ipms.resources import RecordResource
from suppliers import registry
from suppliers.models import Supplier


class SupplierResource(RecordResource):
    """Suppliers by code."""

    title = gettext_lazy("Suppliers")
    key = "code"

    code = Column(is_required=True)
    name = Column(is_required=True)
    contact_person = Column()
    email = Column()
    phone = Column()
    address = Column()
    city = Column()
    country = CodeColumn("country__code", hint=gettext_lazy("ISO 3166 code of two letters"))
    tax_id = Column()
    currency = CurrencyColumn(empty=KEPT, hint=gettext_lazy("ISO 4217 code; the base currency when empty"))
    payment_terms_days = WholeColumn(minimum=0)
    lead_time_days = WholeColumn(empty=None, minimum=0)
    is_active = FlagColumn()
    on_hold = FlagColumn()
    notes = Column()
    status = Column(is_readonly=True)

    def get_queryset(self) -> Any:
        return Supplier.objects.all()

    def create(self, values: dict[str, Any], *, by: Any) -> Supplier:
        return registry.create(**values)

    def change(self, record: Supplier, values: dict[str, Any], *, by: Any) -> None:
        registry.update(record, **values)
