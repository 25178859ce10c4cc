"""Columns of exported lists: what the lists show, one value in each cell, under the names of the API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from inventory.models import ItemStatus
from procurement.models import OrderStatus
from reporting.tables import FIGURES, Column


@dataclass(frozen=True)
class Cell:
    """A column, and where in a row of the list it finds its value: `supplier.code`; by default its key."""

    column: Column
    path: str = ""

    def reader(self) -> Callable[[Mapping[str, Any]], Any]:
        """Return a function that takes the value out of a row as the API shows it, typed by its kind."""
        typed = _typed(self.column)
        first, _dot, second = (self.path or self.column.key).partition(".")

        def read(row: Mapping[str, Any]) -> Any:
            value = row[first]
            if second and value is not None:
                value = value[second]
            return None if value is None or value == "" else typed(value)

        return read


def _typed(column: Column) -> Callable[[Any], Any]:
    if column.kind in FIGURES:
        return _figure
    return {"date": _day, "moment": _moment}.get(column.kind, _as_it_is)


def _figure(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) else value


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _moment(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _as_it_is(value: Any) -> Any:
    return value


def _aside(key: str, label: Any, kind: Any = "text", **more: Any) -> Cell:
    """Return a column for which a page has no room."""
    return Cell(Column(key, label, kind, is_printed=False, **more))


ITEMS = [
    _aside("id", _("Id"), "integer"),
    Cell(Column("sku", _("SKU"), "code")),
    Cell(Column("name", _("Name"))),
    _aside("description", _("Description")),
    Cell(Column("category", _("Category"), "code"), "category.slug"),
    Cell(Column("location", _("Location"), "code"), "location.code"),
    Cell(Column("unit", _("Unit"), "code")),
    _aside("barcode", _("Barcode"), "code"),
    _aside("unit_price", _("Unit price"), "price", currency="currency"),
    _aside("currency", _("Currency"), "code"),
    Cell(Column("reorder_level", _("Reorder level"), "quantity")),
    _aside("reorder_quantity", _("Reorder quantity"), "quantity"),
    _aside("is_active", _("Active"), "flag"),
    _aside("tracking", _("Tracking"), "code"),
    Cell(Column("quantity", _("On hand"), "quantity")),
    _aside("reserved", _("Reserved"), "quantity"),
    Cell(Column("available", _("Available"), "quantity")),
    Cell(Column("average_cost", _("Average cost"), "price")),
    Cell(Column("stock_value", _("Stock value"), "amount", total=True)),
    Cell(Column("status", _("Status"), "code", words=dict(ItemStatus.choices))),
    _aside("created_at", _("Created"), "moment"),
    _aside("updated_at", _("Updated"), "moment"),
]

SUPPLIERS = [
    _aside("id", _("Id"), "integer"),
    Cell(Column("code", _("Code"), "code")),
    Cell(Column("name", _("Name"))),
    Cell(Column("email", _("Email"))),
    Cell(Column("phone", _("Phone"), "code")),
    Cell(Column("contact_person", _("Contact"))),
    _aside("address", _("Address")),
    Cell(Column("city", _("City"))),
    Cell(Column("country", _("Country"), "code")),
    _aside("tax_id", _("Tax id"), "code"),
    Cell(Column("currency", _("Currency"), "code")),
    Cell(Column("payment_terms_days", _("Payment, days"), "days")),
    Cell(Column("lead_time_days", _("Lead time, days"), "days")),
    Cell(Column("is_active", _("Active"), "flag")),
    Cell(Column("on_hold", _("On hold"), "flag")),
    _aside("notes", _("Notes")),
    _aside("created_at", _("Created"), "moment"),
    _aside("updated_at", _("Updated"), "moment"),
]

_IN_ITS_CURRENCY = "currency"
ORDERS = [
    _aside("id", _("Id"), "integer"),
    Cell(Column("po_number", _("Order"), "code")),
    Cell(Column("supplier", _("Supplier code"), "code", is_printed=False), "supplier.code"),
    Cell(Column("supplier_name", _("Supplier")), "supplier.name"),
    Cell(Column("status", _("Status"), "code", words=dict(OrderStatus.choices))),
    _aside("currency", _("Currency"), "code"),
    _aside("exchange_rate", _("Exchange rate"), "number"),
    _aside("subtotal", _("Subtotal"), "amount", currency=_IN_ITS_CURRENCY),
    _aside("tax_amount", _("Tax"), "amount", currency=_IN_ITS_CURRENCY),
    Cell(Column("total_amount", _("Total"), "amount", currency=_IN_ITS_CURRENCY)),
    Cell(Column("total_base", _("Total in base currency"), "amount", total=True)),
    Cell(Column("expected_date", _("Expected on"), "date")),
    Cell(Column("deliver_to", _("Deliver to"), "code", is_printed=False), "deliver_to.code"),
    _aside("notes", _("Notes")),
    Cell(Column("reference", _("Reference"))),
    Cell(Column("created_by", _("Made by"), is_printed=False), "created_by.email"),
    Cell(Column("approved_by", _("Approved by"), is_printed=False), "approved_by.email"),
    _aside("approved_at", _("Approved"), "moment"),
    Cell(Column("rejected_by", _("Rejected by"), is_printed=False), "rejected_by.email"),
    _aside("rejection_reason", _("Reason of the rejection")),
    _aside("delivered_at", _("Delivered"), "moment"),
    Cell(Column("created_at", _("Created"), "moment")),
    _aside("updated_at", _("Updated"), "moment"),
]
#: Of each line, with the number and the currency of its order.
ORDER_LINES = [
    Cell(Column("po_number", _("Order"), "code")),
    _aside("id", _("Id"), "integer"),
    Cell(Column("item", _("SKU"), "code"), "item.sku"),
    Cell(Column("item_name", _("Item")), "item.name"),
    Cell(Column("description", _("Description"))),
    Cell(Column("quantity", _("Quantity"), "quantity")),
    Cell(Column("currency", _("Currency"), "code")),
    Cell(Column("unit_price", _("Unit price"), "price", currency=_IN_ITS_CURRENCY)),
    Cell(Column("tax_rate", _("Tax rate"), "percent")),
    Cell(Column("line_total", _("Line total"), "amount", currency=_IN_ITS_CURRENCY)),
    Cell(Column("received_quantity", _("Received"), "quantity")),
    Cell(Column("outstanding_quantity", _("Outstanding"), "quantity")),
]
