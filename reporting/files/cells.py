"""How the value of a cell is written: exactly for a program, readably for a person."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from typing import Any

from django.utils.formats import date_format, get_format
from django.utils.timezone import is_aware, localtime
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from ipms.money import MINOR_UNITS, plain, round_amount
from ipms.sheets import neutral
from reporting.tables import Column, Row

_LEAST_DECIMALS_OF_A_PRICE = 2
#: A page shows so many of a percentage, whether it has them or not: they stand below each other.
_DECIMALS_OF_A_PERCENTAGE = 1


def exact(column: Column, value: Any, currency: str) -> str:
    """Return the value as the API writes it, nothing rounded away; a text as no spreadsheet runs it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal() | int() | float() if column.is_figure:
            return _figure(column, as_decimal(value), currency)
        case datetime():
            moment = value.astimezone(UTC) if is_aware(value) else value
            return moment.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return plain(value)
        case _:
            return neutral(str(value).replace("\x00", ""))


def as_decimal(value: Decimal | float) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def decimals_of(column: Column, value: Decimal, currency: str) -> int:
    """Return how many decimals a figure is shown with: as many as it has, or as its currency has."""
    if column.kind == "amount":
        return MINOR_UNITS.get(currency, 2)
    exponent = value.normalize().as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    return max(decimals, _LEAST_DECIMALS_OF_A_PRICE) if column.kind == "price" else decimals


class Reader:
    """Writes for a person, in the language that is active where it is made."""

    def __init__(self, base_currency: str) -> None:
        self.base_currency = base_currency
        self._point = str(get_format("DECIMAL_SEPARATOR"))
        self._comma = str(get_format("THOUSAND_SEPARATOR")) or ","
        self._yes, self._no = _("yes"), _("no")
        self._day: Callable[[date], str] = lru_cache(maxsize=4096)(lambda day: date_format(day))
        self._clock = str(get_format("TIME_FORMAT"))
        self._between = "، " if get_language_bidi() else ", "

    def text(self, column: Column, value: Any, row: Row) -> str:
        """Return the value of a cell; money says its currency where the column has several."""
        if value is None:
            return ""
        if column.words is not None and value in column.words:
            return str(column.words[value])
        if isinstance(value, bool):
            return self._yes if value else self._no
        if isinstance(value, Decimal | int | float):
            return self._figure(column, as_decimal(value), row)
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self._day(value)
        return str(value)

    def number(self, value: Decimal, decimals: int) -> str:
        """Return a number with separators of thousands."""
        text = f"{_half_up(value, decimals):,.{decimals}f}"
        if (self._comma, self._point) != (",", "."):
            text = text.replace(",", "\0").replace(".", self._point).replace("\0", self._comma)
        return text

    def moment(self, moment: datetime) -> str:
        local = localtime(moment) if is_aware(moment) else moment
        return f"{self._day(local.date())}{self._between}{date_format(local, self._clock)}"

    def _figure(self, column: Column, value: Decimal, row: Row) -> str:
        if column.kind in {"percent", "share"}:
            percent = value * 100 if column.kind == "share" else value
            return self.number(percent, _DECIMALS_OF_A_PERCENTAGE) + "\N{NO-BREAK SPACE}%"
        if column.kind not in {"amount", "price"}:
            return self.number(value, decimals_of(column, value, ""))
        currency = column.currency_of(row, self.base_currency)
        if column.kind == "amount":
            value = rounded(value, currency)
        text = self.number(value, decimals_of(column, value, currency))
        return text if column.has_one_currency else f"{text}\N{NO-BREAK SPACE}{currency}"

    def heading(self, column: Column) -> str:
        """Return the heading of a column, with its currency where it has one."""
        label = str(column.label)
        if column.kind not in {"amount", "price"} or not column.has_one_currency:
            return label
        currency = column.currency_of({}, self.base_currency)
        if currency in label:
            return label
        return _("%(label)s, %(currency)s") % {"label": label, "currency": currency}


def _half_up(value: Decimal, decimals: int) -> Decimal:
    with localcontext(prec=60):
        return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _figure(column: Column, value: Decimal, currency: str) -> str:
    if column.kind == "amount":
        return format(rounded(value, currency), "f")
    text = plain(value)
    if column.kind == "price":
        whole, _point, decimals = text.partition(".")
        return f"{whole}.{decimals:0<{_LEAST_DECIMALS_OF_A_PRICE}}"
    return text


def rounded(value: Decimal, currency: str) -> Decimal:
    """Round an amount to the minor unit of its currency; one without a currency stays as it is."""
    return round_amount(value, currency) if currency in MINOR_UNITS else value
