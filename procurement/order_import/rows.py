"""From a row of a spreadsheet to a line of an order, or to all that is wrong with it."""

import json
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from ipms import money
from procurement.order_import import cells, codes
from procurement.order_import.mapping import FIELDS, Kind, OrderMapping
from procurement.order_import.reading import Row
from procurement.order_import.report import Problem

_KEY_LENGTH = 120
_REFERENCE_LENGTH = 100
_SKU_LENGTH, _CODE_LENGTH = 50, 40
#: What a quantity, a price and a line may be; beyond it no column holds them.
_QUANTITY_LIMIT, _PRICE_LIMIT, _VALUE_LIMIT = Decimal(10) ** 14, Decimal(10) ** 12, Decimal(10) ** 18


@dataclass(frozen=True, kw_only=True)
class Named:
    """A supplier, item or location as a row names it: by a code, with what else the row says of it."""

    code: str
    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    path: tuple[str, ...] = ()  # of an item: its category, from the top


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What came of a line, and when."""

    on: date
    quantity: Decimal
    reference: str = ""
    lot: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """A row that can be taken: one line of the order of this number.

    Prices and value are in `currency`; quantity x unit price, rounded, is the value.
    """

    number: int
    key: str
    order: str
    ordered_on: date
    expected_on: date | None
    currency: str
    notes: tuple[tuple[str, str], ...]
    supplier: Named
    item: Named
    location: Named | None
    quantity: Decimal
    unit_price: Decimal
    value: Decimal
    tax_rate: Decimal
    description: str
    delivered: Delivered | None
    fingerprint: str

    @property
    def total(self) -> Decimal:
        """The value with its tax."""
        return self.value + money.multiply(self.value, self.tax_rate / 100, self.currency)


@dataclass(kw_only=True)
class Parsed:
    """What became of a row: its line, or the problems; the order's number also where only that can be read."""

    row: Row
    key: str
    order: str
    line: OrderRow | None = None
    problems: list[Problem] = field(default_factory=list)


class Parser:
    """Reads rows by a mapping. Nothing may have happened after `today`."""

    def __init__(self, mapping: OrderMapping, *, today: date) -> None:
        self._mapping = mapping
        self._today = today
        self._empty = cells.empties(mapping.empty)

    def parse(self, row: Row) -> Parsed:
        return _RowParser(self._mapping, self._empty, self._today, row).parse()


class _RowParser:
    def __init__(self, mapping: OrderMapping, empty: re.Pattern[str], today: date, row: Row) -> None:
        self.mapping, self.empty, self.today, self.row = mapping, empty, today, row
        self.problems: list[Problem] = []
        self.unreadable: set[str] = set()
        self.key = ""

    def parse(self) -> Parsed:
        self.key = self._key()
        if self.row.surplus:
            sentence = _("This stands beyond the last column: is there a delimiter inside a text?")
            self._refuse("", self.row.surplus[:80], sentence)
        found = {
            f"{section}.{name}": self._value(f"{section}.{name}", kind)
            for section, kinds in FIELDS.items()
            for name, kind in kinds.items()
            if kind is not Kind.COLUMNS
        }
        parsed = Parsed(row=self.row, key=self.key, order=found["order.number"] or "", problems=self.problems)
        self._check_required(found)
        self._check_limits(found)
        currency = self._currency(found)
        price = self._price(found, currency)
        delivered = self._delivered(found)
        if not self.problems and price:
            parsed.line = self._line(found, currency, price, delivered)
        return parsed

    def _line(
        self,
        found: dict[str, Any],
        currency: str,
        price: tuple[Decimal, Decimal],
        delivered: Delivered | None,
    ) -> OrderRow:
        unit_price, value = price
        notes = self._labelled("order.notes")
        path = tuple(text for _name, text in self._labelled("item.category"))
        description = "\n".join(f"{name}: {text}" for name, text in self._labelled("item.description"))
        said = [*found.values(), notes, path, description, currency]
        return OrderRow(
            number=self.row.number,
            key=self.key,
            order=found["order.number"],
            ordered_on=found["order.ordered_on"],
            expected_on=found["order.expected_on"],
            currency=currency,
            notes=notes,
            supplier=self._named(found, "supplier", "code", limit=_CODE_LENGTH),
            item=self._named(
                found,
                "item",
                "sku",
                limit=_SKU_LENGTH,
                path=path,
                description=description,
                unit_price=found["item.unit_price"] or round(unit_price, 8),
            ),
            location=self._named(found, "location", "code", limit=_CODE_LENGTH)
            if found["location.name"]
            else None,
            quantity=found["line.quantity"],
            unit_price=unit_price,
            value=value,
            tax_rate=found["line.tax_rate"] or Decimal(0),
            description=found["line.description"] or "",
            delivered=delivered,
            fingerprint=sha256(json.dumps(said, default=_canonical).encode()).hexdigest(),
        )

    def _named(
        self,
        found: dict[str, Any],
        section: str,
        code: str,
        *,
        limit: int,
        path: tuple[str, ...] = (),
        **more: Any,
    ) -> Named:
        name = found[f"{section}.name"]
        fields = {
            field: found[f"{section}.{field}"]
            for field, kind in FIELDS[section].items()
            if kind is Kind.TEXT and field not in ("name", code) and found[f"{section}.{field}"]
        }
        return Named(
            code=found[f"{section}.{code}"] or codes.make(name, limit=limit),
            name=name,
            fields=fields | {field: value for field, value in more.items() if value},
            path=path,
        )

    def _key(self) -> str:
        parts = []
        for column in self.mapping.key:
            text = self._text(column)
            if not text:
                self._refuse(column, "", _("This identifies the row and is empty."))
            parts.append(text)
        key = " | ".join(parts)
        if len(key) > _KEY_LENGTH:
            self._refuse(self.mapping.key[0], key[:80], _("This is too long to identify a row."))
        return key

    def _value(self, name: str, kind: Kind) -> Any:
        """Return what the first source that has a value says; None where none has, or it cannot be read."""
        for source in self.mapping.fields.get(name, ()):
            if source.constant is not None:
                given = [("", source.constant)]
            else:
                given = [(column, self.row.cells[column]) for column in source.columns]
            readable = []
            for column, cell in given:
                try:
                    text = cells.text_of(cell)
                    if self.empty.fullmatch(text):
                        continue
                    readable.append(self._read(cell, text, kind, source.formats))
                except cells.Unreadable as error:
                    self._refuse(column, str(cell), str(error))
                    self.unreadable.add(name)
            if name in self.unreadable:
                return None
            if readable:
                return min(readable) if kind is Kind.DATE else readable[0]
        return None

    def _read(self, cell: Any, text: str, kind: Kind, formats: tuple[str, ...]) -> Any:
        if kind is Kind.NUMBER:
            return cells.number_of(cell, decimal_mark=self.mapping.decimal_mark)
        if kind is Kind.DATE:
            return cells.date_of(cell, formats=formats or self.mapping.date_formats)
        return text

    def _text(self, column: str) -> str:
        try:
            text = cells.text_of(self.row.cells[column])
        except cells.Unreadable as error:
            self._refuse(column, repr(self.row.cells[column]), str(error))
            return ""
        return "" if self.empty.fullmatch(text) else text

    def _labelled(self, name: str) -> tuple[tuple[str, str], ...]:
        texts = ((column, self._text(column)) for column in self.mapping.columns.get(name, ()))
        return tuple((column, text) for column, text in texts if text)

    def _check_required(self, found: dict[str, Any]) -> None:
        required = ["order.number", "order.ordered_on", "supplier.name", "item.name", "line.quantity"]
        if "location.name" in self.mapping.fields:
            required.append("location.name")
        for name in required:
            if found[name] is None and name not in self.unreadable:
                self._refuse_field(name, _("This is missing."))

    def _check_limits(self, found: dict[str, Any]) -> None:
        limits = {
            "order.number": _REFERENCE_LENGTH,
            "delivery.reference": _REFERENCE_LENGTH,
            "item.sku": _SKU_LENGTH,
            "supplier.code": _CODE_LENGTH,
            "location.code": _CODE_LENGTH,
        }
        for name, limit in limits.items():
            if len(found[name] or "") > limit:
                sentence = _("At most %(count)s characters, please.")
                self._refuse_field(name, sentence % {"count": limit}, found[name])
        ordered_on = found["order.ordered_on"]
        if ordered_on and ordered_on > self.today:
            self._refuse_field("order.ordered_on", _("This is in the future."), ordered_on)

    def _currency(self, found: dict[str, Any]) -> str:
        currency = (found["order.currency"] or "").upper()
        if currency not in money.MINOR_UNITS:
            sentence = _("This is not an ISO 4217 currency code.")
            self._refuse_field("order.currency", sentence, found["order.currency"])
            return ""
        return currency

    def _price(self, found: dict[str, Any], currency: str) -> tuple[Decimal, Decimal] | None:
        """Return unit price and value of the line: the value given counts, else quantity x unit price."""
        quantity, value, unit_price = (found[f"line.{name}"] for name in ("quantity", "value", "unit_price"))
        for name, figure, limit in (
            ("line.quantity", quantity, _QUANTITY_LIMIT),
            ("line.value", value, _VALUE_LIMIT),
            ("line.unit_price", unit_price, _PRICE_LIMIT),
        ):
            if figure is not None and not 0 <= figure < limit:
                self._refuse_field(name, _("This is below zero, or more than can be kept."), figure)
                return None
        if quantity == 0:
            self._refuse_field("line.quantity", _("Enter a quantity above zero."), quantity)
        if not quantity or not currency:
            return None
        if value is None:
            if unit_price is None:
                if not self.unreadable & {"line.value", "line.unit_price"}:
                    name = "line.value" if "line.value" in self.mapping.fields else "line.unit_price"
                    self._refuse_field(name, _("There is no price."))
                return None
            return unit_price, money.multiply(quantity, unit_price, currency)
        if value != money.round_amount(value, currency):
            sentence = _("%(currency)s has %(decimals)s decimals.")
            figures = {"currency": currency, "decimals": money.MINOR_UNITS[currency]}
            self._refuse_field("line.value", sentence % figures, value)
            return None
        with localcontext(prec=60):
            unit_price = (value / quantity).quantize(Decimal("1e-8"), rounding=ROUND_HALF_UP)
        again = money.multiply(quantity, unit_price, currency)
        if again != value or unit_price >= _PRICE_LIMIT:
            sentence = _("No unit price with 8 decimals gives this: %(quantity)s x %(price)s is %(again)s.")
            figures = {"quantity": quantity, "price": unit_price, "again": again}
            self._refuse_field("line.value", sentence % figures, value)
            return None
        return unit_price, value

    def _delivered(self, found: dict[str, Any]) -> Delivered | None:
        on, quantity = found["delivery.on"], found["delivery.quantity"]
        if on is None:
            if quantity and "delivery.on" not in self.unreadable:
                self._refuse_field("delivery.on", _("Something came, but no day is given."))
            return None
        if on > self.today:
            self._refuse_field("delivery.on", _("This is in the future."), on)
            return None
        if quantity == 0 or found["line.quantity"] is None:
            return None
        return Delivered(
            on=on,
            quantity=found["line.quantity"] if quantity is None else quantity,
            reference=found["delivery.reference"] or "",
            lot=found["delivery.lot"] or "",
            expires_on=found["delivery.expires_on"],
        )

    def _refuse_field(self, name: str, sentence: str, value: Any = "") -> None:
        self._refuse(self.mapping.column_of(name), "" if value is None else str(value), sentence)

    def _refuse(self, column: str, value: str, sentence: str) -> None:
        if any(problem.column == column for problem in self.problems if column):
            return  # one sentence for a cell, the first
        self.problems.append(
            Problem(row=self.row.number, key=self.key, column=column, value=value, sentence=sentence)
        )


def _canonical(value: Any) -> str:
    return money.plain(value) if isinstance(value, Decimal) else value.isoformat()
