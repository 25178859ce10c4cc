"""What the rows of a spreadsheet come to: lines of orders, with the records that they name."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ipms import money
from procurement.order_import import codes
from procurement.order_import.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Named:
    """A supplier, item or location as a row names it, with what else the row says of it.

    `key` is the same wherever the same is meant. A supplier may have no `code`.
    """

    key: str
    code: str
    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    path: tuple[str, ...] = ()  # of an item: its category, from the top


def name_key(name: str) -> str:
    """Return the key of what is known by its name alone; no code is like it, since codes have no blanks."""
    return f"name {codes.fold(name)}"


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What came of a line, and when."""

    on: date
    quantity: Decimal
    reference: str = ""
    lot: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row that can be taken: one line of the order of this number.

    Price and value are in `currency`; quantity x unit price, rounded, is the value. `fingerprint` is the
    same as long as the row says the same.
    """

    row: int
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
    """What became of a row: its line, or its problems; `order` also where only that can be read."""

    row: int
    key: str
    order: str
    line: Line | None = None
    problems: list[Problem] = field(default_factory=list)
