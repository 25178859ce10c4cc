"""From a row of a spreadsheet to a line of an order, or to all that is wrong with it."""

import json
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from ipms import money
from procurement.order_import import cells, codes
from procurement.order_import.lines import Delivered, Line, Named, Parsed, name_key
from procurement.order_import.mapping import FIELDS, Kind, OrderMapping
from procurement.order_import.reading import Row
from procurement.order_import.sources import RowValues

_REQUIRED = ("order.number", "order.ordered_on", "supplier.name", "item.name", "line.quantity")
#: So long may a text be.
_LENGTHS = {
    "order.number": 100,
    "delivery.reference": 100,
    "item.sku": 50,
    "supplier.code": 40,
    "location.code": 40,
}
_KEY_LENGTH = 120
#: Beyond these no column holds a figure.
_LIMITS = {
    "line.quantity": Decimal(10) ** 14,
    "line.value": Decimal(10) ** 18,
    "line.unit_price": Decimal(10) ** 12,
    "line.tax_rate": Decimal(101),
    "item.unit_price": Decimal(10) ** 12,
    "delivery.quantity": Decimal(10) ** 14,
}


class Parser:
    """Reads rows by a mapping. Nothing can have happened after `today`."""

    def __init__(self, mapping: OrderMapping, *, today: date) -> None:
        self._mapping, self._today = mapping, today
        self._empty = cells.empties(mapping.empty)

    def parse(self, row: Row) -> Parsed:
        """Return the line of a row, or its problems."""
        read = RowValues(row, self._mapping, self._empty)
        self._check(read)
        currency = _currency(read)
        price = _price(read, currency, self._mapping)
        delivered = _delivered(read, self._today)
        parsed = Parsed(
            row=row.number, key=read.key, order=read.values["order.number"] or "", problems=read.problems
        )
        if price and not read.problems:
            line = _line(row.number, read, currency, price, delivered)
            # Texts of several columns are read last: they too may hold what cannot be taken.
            parsed.line = None if read.problems else line
        return parsed

    def _check(self, read: RowValues) -> None:
        if len(read.key) > _KEY_LENGTH:
            read.refuse(self._mapping.key[0], read.key[:80], _("This is too long to identify a row."))
        where = ["location.name"] if "location.name" in self._mapping.fields else []
        for name in (*_REQUIRED, *where):
            if read.values[name] is None and name not in read.unreadable:
                read.refuse_field(name, _("This is missing."))
        for name, length in _LENGTHS.items():
            if len(read.values[name] or "") > length:
                sentence = _("At most %(count)s characters, please.") % {"count": length}
                read.refuse_field(name, sentence, read.values[name])
        for name, limit in _LIMITS.items():
            if read.values[name] is not None and not 0 <= read.values[name] < limit:
                sentence = _("This is below zero, or more than can be kept.")
                read.refuse_field(name, sentence, read.values[name])
                read.unreadable.add(name)
                read.values[name] = None
        ordered_on = read.values["order.ordered_on"]
        if ordered_on and ordered_on > self._today:
            read.refuse_field("order.ordered_on", _("This is in the future."), ordered_on)


def _currency(read: RowValues) -> str:
    given = read.values["order.currency"]
    if given and given.upper() in money.MINOR_UNITS:
        return given.upper()
    read.refuse_field("order.currency", _("This is not an ISO 4217 currency code."), given)
    return ""


def _price(read: RowValues, currency: str, mapping: OrderMapping) -> tuple[Decimal, Decimal] | None:
    """Return unit price and value of a line: the value that is given, else quantity x unit price."""
    quantity, value, unit_price = (
        read.values[f"line.{name}"] for name in ("quantity", "value", "unit_price")
    )
    if quantity == 0:
        read.refuse_field("line.quantity", _("Enter a quantity above zero."), quantity)
    if value is None and unit_price is None and not read.unreadable & {"line.value", "line.unit_price"}:
        name = "line.value" if "line.value" in mapping.fields else "line.unit_price"
        read.refuse_field(name, _("There is no price."))
    if not quantity or not currency or (value is None and unit_price is None):
        return None
    if value is None:
        return unit_price, money.multiply(quantity, unit_price, currency)
    if value != money.round_amount(value, currency):
        sentence = _("%(currency)s has %(decimals)s decimals.")
        figures = {"currency": currency, "decimals": money.MINOR_UNITS[currency]}
        read.refuse_field("line.value", sentence % figures, value)
        return None
    with localcontext(prec=60):
        unit_price = (value / quantity).quantize(Decimal("1e-8"), rounding=ROUND_HALF_UP)
    again = money.multiply(quantity, unit_price, currency)
    if again != value:
        sentence = _("No unit price with 8 decimals gives this: %(quantity)s x %(price)s is %(again)s.")
        figures = {"quantity": quantity, "price": unit_price, "again": again}
        read.refuse_field("line.value", sentence % figures, value)
        return None
    return unit_price, value


def _delivered(read: RowValues, today: date) -> Delivered | None:
    on, came, ordered = (read.values[name] for name in ("delivery.on", "delivery.quantity", "line.quantity"))
    if on is None:
        if came and "delivery.on" not in read.unreadable:
            read.refuse_field("delivery.on", _("Something came, but no day is given."))
        return None
    if on > today:
        read.refuse_field("delivery.on", _("This is in the future."), on)
    if came == 0 or ordered is None:
        return None
    if came is not None and came > ordered:
        sentence = _("More came than was ordered (%(ordered)s).")
        read.refuse_field("delivery.quantity", sentence % {"ordered": ordered}, came)
    return Delivered(
        on=on,
        quantity=ordered if came is None else came,
        reference=read.values["delivery.reference"] or "",
        lot=read.values["delivery.lot"] or "",
        expires_on=read.values["delivery.expires_on"],
    )


def _line(
    row: int, read: RowValues, currency: str, price: tuple[Decimal, Decimal], delivered: Delivered | None
) -> Line:
    values = read.values
    unit_price, value = price
    notes = read.labelled("order.notes")
    return Line(
        row=row,
        key=read.key,
        order=values["order.number"],
        ordered_on=values["order.ordered_on"],
        expected_on=values["order.expected_on"],
        currency=currency,
        notes=notes,
        supplier=_supplier(read),
        item=_item(read, unit_price),
        location=_location(read),
        quantity=values["line.quantity"],
        unit_price=unit_price,
        value=value,
        tax_rate=values["line.tax_rate"] or Decimal(0),
        description=values["line.description"] or "",
        delivered=delivered,
        fingerprint=_fingerprint([*values.values(), notes]),
    )


def _supplier(read: RowValues) -> Named:
    name, code = read.values["supplier.name"], read.values["supplier.code"] or ""
    key = code.lower() or name_key(name)
    return Named(key=key, code=code, name=name, fields=_more(read, "supplier", "code"))


def _item(read: RowValues, unit_price: Decimal) -> Named:
    name = read.values["item.name"]
    sku = read.values["item.sku"] or codes.make(name, limit=_LENGTHS["item.sku"])
    described = "\n".join(f"{label}: {text}" for label, text in read.labelled("item.description"))
    fields = {
        **_more(read, "item", "sku"),
        "unit_price": read.values["item.unit_price"] or unit_price,
        "description": described,
    }
    path = tuple(text for _label, text in read.labelled("item.category"))
    return Named(key=sku.lower(), code=sku, name=name, fields=fields, path=path)


def _location(read: RowValues) -> Named | None:
    name = read.values["location.name"]
    if name is None:
        return None
    code = read.values["location.code"] or codes.make(name, limit=_LENGTHS["location.code"])
    return Named(key=code.lower(), code=code, name=name, fields=_more(read, "location", "code"))


def _more(read: RowValues, section: str, code: str) -> dict[str, str]:
    """Return what the row says beside name and code."""
    return {
        name: read.values[f"{section}.{name}"]
        for name, kind in FIELDS[section].items()
        if kind is Kind.TEXT and name not in ("name", code) and read.values[f"{section}.{name}"]
    }


def _fingerprint(values: list[Any]) -> str:
    return sha256(json.dumps(values, default=_canonical).encode()).hexdigest()


def _canonical(value: Decimal | date) -> str:
    return money.plain(value) if isinstance(value, Decimal) else value.isoformat()
