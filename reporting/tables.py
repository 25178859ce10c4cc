"""What a report or an export says, before anybody knows in which format: tables, charts, and their frame.

`reporting.files` writes a `Document` as CSV, XLSX or PDF. Values are plain Python: exact `Decimal`s, dates,
aware datetimes, text, booleans, and None for a cell that is empty.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from ipms.money import MINOR_UNITS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: What a column holds. It decides how a value is written, how it is aligned, and how wide the column is.
#:
#: `text` words that may wrap · `code` a short key (SKU, order number, status) · `quantity` up to four
#: decimals, in its shortest form · `price` of one unit, up to eight decimals · `amount` money, in the minor
#: unit of its currency · `percent` in percent, so 97.5 is 97.5 % · `share` a fraction of one, so 0.975 is
#: 97.5 % · `number` any other figure (a rate, a score), in its shortest form · `integer` · `days` ·
#: `date` · `moment` · `flag` yes or no.
Kind = Literal[
    "text",
    "code",
    "quantity",
    "price",
    "amount",
    "percent",
    "share",
    "number",
    "integer",
    "days",
    "date",
    "moment",
    "flag",
]
#: Kinds that are figures: they stand on the right, and can be summed.
FIGURES = frozenset({"quantity", "price", "amount", "percent", "share", "number", "integer", "days"})

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a table: `key` is where a row has its value, `label` the heading.

    `currency` is for amounts and prices: an ISO 4217 code for all rows, or the key under which each row
    names its own, or a function of the row; None is the site's base currency. With `total` the writers sum
    the column while they write it, unless its table brings `totals`; several currencies have no sum.
    `words` says what people read in the place of a value, such as the label of a status; it is for paper
    alone, as is `is_printed`: a page has no room for a column that is not.
    """

    key: str
    label: "StrOrPromise"
    kind: Kind = "text"
    currency: str | Callable[[Row], str | None] | None = None
    total: bool = False
    is_printed: bool = True
    words: "Mapping[str, StrOrPromise] | None" = None

    @property
    def is_figure(self) -> bool:
        return self.kind in FIGURES

    @property
    def has_one_currency(self) -> bool:
        """Say whether all rows of the column are in the same currency."""
        return self.currency is None or (isinstance(self.currency, str) and self.currency in MINOR_UNITS)

    def currency_of(self, row: Row, base_currency: str) -> str:
        """Return the currency of the column's value in `row`."""
        if self.currency is None:
            return base_currency
        if callable(self.currency):
            return self.currency(row) or base_currency
        if self.currency in MINOR_UNITS:
            return self.currency
        return row.get(self.currency) or base_currency


@dataclass(frozen=True)
class Table:
    """Rows under a heading. `rows` is walked once and may be a generator: nothing holds all of them.

    `name` is short and unique in its document; `title` is its heading and the name of its sheet. `totals`
    maps keys of columns to what the last line says (a figure, or a word such as "Total"). `count` is how many
    rows will come, where that is known, so that a job can say how far it is.

    `headings` are "keys" where a program reads the file again, as it does with the export of a list: CSV and
    XLSX then have the names of the API on top, no line of totals, and CSV the first table alone. A PDF is for
    people, whatever this says, and leaves out a table that is not `is_printed`.
    """

    name: str
    title: "StrOrPromise"
    columns: Sequence[Column]
    rows: Iterable[Row]
    totals: Mapping[str, Any] | None = None
    note: "StrOrPromise" = ""
    count: int | None = None
    headings: Literal["labels", "keys"] = "labels"
    is_printed: bool = True


@dataclass(frozen=True)
class Chart:
    """What a person would rather look at than read; only a PDF draws it.

    `bars` compares in the order given (months), `line` is a course over time, `ranking` has horizontal bars
    with long names, largest first. `unit` stands beside the figures: a currency, "%", "days".
    """

    title: "StrOrPromise"
    kind: Literal["bars", "line", "ranking"] = "bars"
    points: Sequence[tuple["StrOrPromise", Decimal | int]] = ()
    unit: "StrOrPromise" = ""


@dataclass(frozen=True)
class Document:
    """A report or an export: its tables, and what stands around them.

    `name` begins the name of the file, `parameters` are what was asked for, as label and text, and `as_of`
    is the moment of which the figures are.
    """

    name: str
    title: "StrOrPromise"
    tables: Sequence[Table]
    parameters: Sequence[tuple["StrOrPromise", str]] = ()
    charts: Sequence[Chart] = ()
    as_of: datetime = field(kw_only=True)
