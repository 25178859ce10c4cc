"""GS1: numbers of trade items, and the element strings that a label carries of them.

Source: GS1 General Specifications, release 24: application identifiers (01), (10) and (17), the check digit,
and the character set 82 of lot numbers.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

GTIN, LOT, EXPIRY = "01", "10", "17"
_LENGTHS_OF_A_GTIN = (8, 12, 13, 14)
_LONGEST_LOT = 20
_FIXED = {GTIN: 14, EXPIRY: 6}
#: What a scanner may type in front (ISO/IEC 15424), and for the function code that ends a value.
_SYMBOLOGY = re.compile(r"^\](?:C1|Q3|d2|e0)")
_SEPARATOR = "\x1d"
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_SET_82 = re.compile(r"""[-!"%&'()*+,./0-9:;<=>?A-Z_a-z]+""", re.ASCII)


class Element(NamedTuple):
    """A value with its application identifier."""

    identifier: str
    value: str


def gtin(text: str) -> str:
    """Return a GTIN-8, -12, -13 or -14 with its fourteen digits; empty for what is none.

    A wrong check digit is none: a label with it would be read as another item, or not at all.
    """
    typed = text.strip()
    if len(typed) not in _LENGTHS_OF_A_GTIN or not _DIGITS.fullmatch(typed):
        return ""
    digits = typed.zfill(14)
    return digits if check_digit(digits[:-1]) == digits[-1] and int(digits) else ""


def check_digit(digits: str) -> str:
    """Return the digit that ends a number: weights 3 and 1 in turn, from the right."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def elements(barcode: str, *, lot: str = "", expires_on: date | None = None) -> list[Element]:
    """Return what GS1 symbols say of an item: its GTIN, then expiry and lot, the one without a length last.

    Without a GTIN nothing: GS1 has no lot or expiry of an item that it cannot name. A lot number that GS1
    does not allow (letters outside its set, more than twenty) is left out.
    """
    number = gtin(barcode)
    if not number:
        return []
    found = [Element(GTIN, number)]
    if expires_on:
        found.append(Element(EXPIRY, f"{expires_on:%y%m%d}"))
    if lot and len(lot) <= _LONGEST_LOT and _SET_82.fullmatch(lot):
        found.append(Element(LOT, lot))
    return found


def readable(found: Sequence[Element]) -> str:
    """Return elements as people read them below the bars: `(01)09506000134352(17)310630(10)L-7`."""
    return "".join(f"({element.identifier}){element.value}" for element in found)


def scanned(found: Sequence[Element]) -> str:
    """Return the element string; what `elements` answers needs no separator, as only the last varies."""
    return "".join(f"{element.identifier}{element.value}" for element in found)


def parse(text: str) -> dict[str, str]:
    """Return the values of an element string by their identifiers, as a scanner types it.

    What has no right GTIN in front, or an identifier that our labels do not have, is none: the result is
    empty, as it is for any other text.
    """
    rest = _SYMBOLOGY.sub("", text.strip(" \r\n\t"))
    found: dict[str, str] = {}
    while rest := rest.lstrip(_SEPARATOR):
        identifier, rest = rest[:2], rest[2:]
        if (length := _FIXED.get(identifier)) is not None:
            value, rest = rest[:length], rest[length:]
            if len(value) != length or not _DIGITS.fullmatch(value):
                return {}
        elif identifier == LOT and found:
            value, _end, rest = rest.partition(_SEPARATOR)
        else:
            return {}
        found[identifier] = value
    return found if gtin(found.get(GTIN, "")) else {}


def barcodes(text: str) -> list[str]:
    """Return how the barcode of an item may be written that an element string names; empty for other text."""
    number = parse(text).get(GTIN, "")
    return [
        number[14 - length :]
        for length in _LENGTHS_OF_A_GTIN
        if number and not int("0" + number[: 14 - length])
    ]
