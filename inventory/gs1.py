"""GS1: numbers of trade items, and the element strings that a label carries of them.

Source: GS1 General Specifications, release 24: application identifiers, separator (FNC1), check digit, and
the character set 82 of lot numbers.
"""

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

GTIN, LOT, EXPIRY, SERIAL = "01", "10", "17", "21"
_LENGTHS_OF_A_GTIN = (8, 12, 13, 14)
_LONGEST_LOT = 20
#: Identifiers with values of a fixed length; the values of the others end at a separator.
_FIXED = {"00": 18, GTIN: 14, "02": 14, "20": 2, **dict.fromkeys(("11", "12", "13", "15", "16", EXPIRY), 6)}
_VARIABLE = {LOT, SERIAL, "22", "30", "37"}
_BRACKETED = re.compile(r"\(([0-9]{2})\)([^(]*)", re.ASCII)
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


def elements(
    barcode: str, *, lot: str = "", is_serial: bool = False, expires_on: date | None = None
) -> list[Element]:
    """Return what GS1 symbols say of an item: its GTIN, then expiry and lot, the one without a length last.

    `is_serial` says that the lot is the number of one piece. Without a GTIN nothing: GS1 has no lot or expiry
    of an item that it cannot name. A number that GS1 does not allow (letters outside its set, more than
    twenty) is left out.
    """
    number = gtin(barcode)
    if not number:
        return []
    found = [Element(GTIN, number)]
    if expires_on:
        found.append(Element(EXPIRY, f"{expires_on:%y%m%d}"))
    if lot and len(lot) <= _LONGEST_LOT and _SET_82.fullmatch(lot):
        found.append(Element(SERIAL if is_serial else LOT, lot))
    return found


def readable(found: Sequence[Element]) -> str:
    """Return elements as people read them below the bars: `(01)09506000134352(17)310630(10)L-7`."""
    return "".join(f"({element.identifier}){element.value}" for element in found)


def scanned(found: Sequence[Element]) -> str:
    """Return the element string; what `elements` answers needs no separator, as only the last varies."""
    return "".join(f"{element.identifier}{element.value}" for element in found)


def parse(text: str) -> dict[str, str]:
    """Return the values of an element string by their identifiers, as a scanner types it or people read it.

    What names no item by a right GTIN, or has an identifier that is not known here, is none: the result is
    empty, as it is for any other text.
    """
    typed = _SYMBOLOGY.sub("", text.strip(" \r\n\t"))
    if typed.startswith("("):
        # Each value ends where the next bracket opens.
        typed = "".join(f"{key}{value.strip()}{_SEPARATOR}" for key, value in _BRACKETED.findall(typed))
    found: dict[str, str] = {}
    rest = typed
    while rest := rest.lstrip(_SEPARATOR):
        identifier, rest = rest[:2], rest[2:]
        if (length := _FIXED.get(identifier)) is not None:
            value, rest = rest[:length], rest[length:]
            if len(value) != length or not _DIGITS.fullmatch(value):
                return {}
        elif identifier in _VARIABLE and found:
            value, _end, rest = rest.partition(_SEPARATOR)
        else:
            return {}
        found[identifier] = value
    return found if gtin(found.get(GTIN, "")) else {}


def expiry(value: str) -> date | None:
    """Return the day that `YYMMDD` means, in this century; day 00 is the last of its month."""
    if len(value) != _FIXED[EXPIRY] or not _DIGITS.fullmatch(value):
        return None
    year, month, day = 2000 + int(value[:2]), int(value[2:4]), int(value[4:])
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    return date(year, month, day or last) if day <= last else None


def lot_of(values: Mapping[str, str]) -> str:
    """Return the lot or serial number that `parse` found, empty where there is none."""
    return values.get(LOT) or values.get(SERIAL, "")


def barcodes(text: str) -> list[str]:
    """Return how the barcode of an item may be written that an element string names; empty for other text."""
    number = parse(text).get(GTIN, "")
    return [
        number[14 - length :]
        for length in _LENGTHS_OF_A_GTIN
        if number and not int("0" + number[: 14 - length])
    ]
