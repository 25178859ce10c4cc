"""How a file writes numbers and days: found out where it can be, said by a person where it cannot."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils import dates, translation

POINT, COMMA = ".", ","
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"

#: What parts thousands everywhere: spaces of all widths, the Swiss apostrophe.
_THIN = re.compile(r"(?<=\d)[\s'\u2019\u00a0\u202f\u2009](?=\d)")
_NUMBER = {
    POINT: re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?|[+-]?\.\d+|[+-]?\d+(\.\d+)?[eE][+-]?\d{1,2}"),
    COMMA: re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d*)?|[+-]?,\d+|[+-]?\d+(,\d+)?[eE][+-]?\d{1,2}"),
}
_LIKE_A_NUMBER = re.compile(r"[+-]?\d[\d.,]*")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})([T ].*)?")
_THREE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})")
_NAMED = re.compile(r"(\d{1,2})[-/. ]*([^\W\d_]{3,}\.?)[-/., ]*(\d{4}|\d{2})")
_NAMED_FIRST = re.compile(r"([^\W\d_]{3,}\.?)[-/. ]*(\d{1,2})[,. -]+(\d{4})")


@dataclass(frozen=True)
class Notation:
    """`decimal` is the mark before the decimals, `days` the order of the parts of a day."""

    decimal: str = POINT
    days: str = DAY_FIRST

    def number(self, text: str) -> Decimal | None:
        """Read a number written in this way; None for anything else, also for one of the other way."""
        text = _THIN.sub("", text.strip()).replace("\u2212", "-")
        if not _NUMBER[self.decimal].fullmatch(text):
            return None
        thousands = COMMA if self.decimal == POINT else POINT
        return Decimal(text.replace(thousands, "").replace(COMMA, POINT))

    def day(self, text: str) -> date | None:
        """Read a day: 2031-07-15, 15 Jul 2031 in any language of the site, 15/07/2031 in this order."""
        text = text.strip()
        try:
            if match := _ISO.fullmatch(text):
                return date(int(match[1]), int(match[2]), int(match[3]))
            if match := _THREE.fullmatch(text):
                first, second, year = int(match[1]), int(match[2]), _year(match[3])
                return date(year, second, first) if self.days == DAY_FIRST else date(year, first, second)
            if match := _NAMED.fullmatch(text):
                return _named(match[1], match[2], match[3])
            if match := _NAMED_FIRST.fullmatch(text):
                return _named(match[2], match[1], match[3])
        except ValueError:
            return None
        return None

    @property
    def number_example(self) -> str:
        return "1,250.50" if self.decimal == POINT else "1.250,50"

    @property
    def day_example(self) -> str:
        return "15/07/2031" if self.days == DAY_FIRST else "07/15/2031"


class Evidence:
    """What the texts of one column say of the way of writing: how often each, and the first that says so."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.first: dict[str, str] = {}

    def see(self, text: str) -> None:
        if len(text) > 40 or not text[:1] or not any(character.isdigit() for character in text):
            return
        if said := _said_by_number(text) or _said_by_day(text):
            self.counts[said] += 1
            self.first.setdefault(said, text)

    def as_json(self) -> dict[str, list[Any]]:
        return {said: [count, self.first[said]] for said, count in self.counts.items()}


def conclude(evidence: Iterable[Mapping[str, Any]], *, choices: tuple[str, str], unclear: str) -> str | None:
    """Return which of two ways all columns speak for; empty where none does, None where it is unclear."""
    found: set[str] = set()
    for column in evidence:
        found |= set(column)
    said = found & set(choices)
    if len(said) == 1:
        return said.pop()
    return None if said or unclear in found else ""


def numbers(evidence: Iterable[Mapping[str, Any]]) -> str | None:
    return conclude(evidence, choices=(POINT, COMMA), unclear="number?")


def days(evidence: Iterable[Mapping[str, Any]]) -> str | None:
    return conclude(evidence, choices=(DAY_FIRST, MONTH_FIRST), unclear="day?")


def _said_by_number(text: str) -> str:
    text = _THIN.sub("", text.strip())
    if not _LIKE_A_NUMBER.fullmatch(text) or not (POINT in text or COMMA in text):
        return ""
    last = max(text.rfind(POINT), text.rfind(COMMA))
    mark = text[last]
    other = COMMA if mark == POINT else POINT
    if other in text:
        return mark if text.count(mark) == 1 else ""
    if text.count(mark) > 1:
        return other if _NUMBER[other].fullmatch(text) else ""
    before = text[:last].lstrip("+-")
    if len(text) - last - 1 != 3 or len(before) > 3 or before == "0":
        return mark
    return "number?"


def _said_by_day(text: str) -> str:
    match = _THREE.fullmatch(text.strip())
    if not match:
        return ""
    first, second = int(match[1]), int(match[2])
    if first == second:
        return ""
    if first > 12:
        return DAY_FIRST if second <= 12 else ""
    return MONTH_FIRST if second > 12 else "day?"


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _named(day: str, month: str, year: str) -> date | None:
    number = _months().get(folded(month).rstrip("."))
    return date(_year(year), number, int(day)) if number else None


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    return dict(_names_of_months())


def _names_of_months() -> Iterator[tuple[str, int]]:
    """Yield the names of the months, long and short, in every language of the site."""
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            for names in (dates.MONTHS, dates.MONTHS_AP):
                yield from ((folded(str(name)).rstrip("."), number) for number, name in names.items())
            yield from ((folded(str(name)).rstrip("."), number) for number, name in dates.MONTHS_3.items())
    for number in range(1, 13):
        yield folded(str(dates.MONTHS[number]))[:3], number


def folded(text: str) -> str:
    """Return a text without accents and in small letters."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)).strip()
