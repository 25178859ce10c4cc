"""What a cell of a spreadsheet says: a text, a number, a day, or nothing."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

# Joiners, marks and the like that copying from web pages leaves behind.
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: A workbook keeps numbers as floats, of which it shows this many digits.
_WORKBOOK_DIGITS = 15


class Unreadable(ValueError):
    """What a cell says cannot be taken; its text is a sentence for the user."""


def text_of(cell: Any) -> str:
    """Return the text of a cell in one line, without blanks around it. Raises `Unreadable`."""
    if isinstance(cell, str):
        if cell.isascii() and cell.isprintable():
            return " ".join(cell.split())
        if _CONTROL.search(cell):
            raise Unreadable(_("There is a control character in this text."))
        return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", cell)).split())
    if cell is None:
        return ""
    if isinstance(cell, float):
        # An order number that a workbook took for a number.
        return format(_from_float(cell), "f")
    if isinstance(cell, datetime) and cell.time() == datetime.min.time():
        return cell.date().isoformat()
    return str(cell)


def empties(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches a text that counts as nothing; `*` in a pattern stands for any text."""
    alternatives = ["", *(".*".join(re.escape(part) for part in pattern.split("*")) for pattern in patterns)]
    return re.compile("|".join(f"(?:{one})" for one in alternatives), re.IGNORECASE)


def number_of(cell: Any, *, decimal_mark: str) -> Decimal:
    """Return the number in a cell; groups of thousands may be parted. Raises `Unreadable`."""
    if isinstance(cell, bool):
        raise Unreadable(_("This is not a number."))
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, float):
        return _from_float(cell)
    # Blanks part groups of thousands, the narrow and the unbreakable one too.
    text = re.sub(r"(?<=\d)[\s\u2019'](?=\d{3}(?!\d))", "", text_of(cell))
    grouping = "," if decimal_mark == "." else "."
    if re.fullmatch(
        rf"[+-]?\d{{1,3}}(?:{re.escape(grouping)}\d{{3}})+(?:{re.escape(decimal_mark)}\d+)?", text
    ):
        text = text.replace(grouping, "")
    if not re.fullmatch(rf"[+-]?(?:\d+(?:{re.escape(decimal_mark)}\d*)?|{re.escape(decimal_mark)}\d+)", text):
        raise Unreadable(_("This is not a number."))
    return Decimal(text.replace(decimal_mark, "."))


def date_of(cell: Any, *, formats: tuple[str, ...]) -> date:
    """Return the day in a cell, read by the first of `formats` that fits. Raises `Unreadable`."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = _date(text_of(cell), formats)
    if found is None:
        sentence = _("This is not a date of the form %(formats)s.")
        raise Unreadable(sentence % {"formats": _(" or ").join(formats)})
    return found


@lru_cache(maxsize=20_000)
def _date(text: str, formats: tuple[str, ...]) -> date | None:
    for one in formats:
        try:
            return datetime.strptime(text, one).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


def _from_float(number: float) -> Decimal:
    exact = Decimal(f"{number:.{_WORKBOOK_DIGITS}g}")
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact
