"""Suppliers in spreadsheets."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from ipms.columns import KEPT, CodeColumn, Column, CurrencyColumn, FlagColumn, WholeColumn
from ipms.errors import InvalidInput
from ipms.importing import registry as importing
from ipms.resources import RecordResource, Row, change_records, lines_of, take_lines
from suppliers import registry
from suppliers.models import Supplier


@importing.importable(
    "suppliers.supplier", permissions=["suppliers.add_supplier", "suppliers.change_supplier"]
)
class SupplierResource(RecordResource):
    """Suppliers by code."""

    title = gettext_lazy("Suppliers")
    model = Supplier
    key = "code"

    code = Column(is_required=True, is_code=True, example="KIGALI-STEEL")
    name = Column(is_required=True, example="Kigali Steel Ltd")
    contact_person = Column(example="Aline Uwase")
    email = Column(example="sales@kigalisteel.example")
    phone = Column(is_code=True, example="+250 788 000 000")
    address = Column(example="KN 5 Rd 12")
    city = Column(example="Kigali")
    country = CodeColumn(
        "country__code", hint=gettext_lazy("ISO 3166 code of two letters"), max_length=2, example="RW"
    )
    tax_id = Column(is_code=True, example="101234567")
    currency = CurrencyColumn(
        empty=KEPT, hint=gettext_lazy("ISO 4217 code; the base currency when empty"), example="RWF"
    )
    payment_terms_days = WholeColumn(minimum=0, example=30)
    lead_time_days = WholeColumn(empty=None, minimum=0, example=14)
    is_active = FlagColumn(example="yes")
    on_hold = FlagColumn(example="no")
    notes = Column()
    status = Column(is_readonly=True)

    def create_many(self, rows: Sequence[Row], *, by: Any) -> None:
        def create(sound: Sequence[Row]) -> list[Supplier]:
            return registry.create_many([row.values for row in sound])

        made = take_lines(rows, create, refusal=InvalidInput, lines=lines_of)
        for row, supplier in zip((row for row in rows if not row.problems), made, strict=True):
            row.record = supplier

    def change_many(self, rows: Sequence[Row], *, by: Any) -> None:
        def change(sound: Sequence[Row]) -> list[Supplier]:
            return change_records(sound, registry.update_many)

        take_lines(rows, change, refusal=InvalidInput, lines=lines_of)

    def change(self, record: Supplier, values: dict[str, Any], *, by: Any) -> None:
        registry.update(record, **values)

    def remove(self, record: Supplier) -> None:
        registry.delete(record)
