"""Symbols that machines read: QR codes and Code 128, drawn as vectors on white."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from reportlab.graphics.barcode.code128 import Code128, Code128Auto
from reportlab.graphics.barcode.qrencoder import (
    QR8bitByte,
    QRCode,
    QRErrorCorrectLevel,
    QRFNC1First,
)

from reporting.files.as_pdf.paper import Pages

#: Function code 1 begins a GS1 symbol.
FNC1 = "\xf1"
#: Modules of white that a reader needs around a symbol.
QR_QUIET, BARS_QUIET = 4, 10
#: (row + column) mod 3: it leaves no large areas.
_MASK = 3
_BLACK = "0 0 0 rg"


class Bars(NamedTuple):
    """A Code 128 symbol: widths in modules, a bar first, then a space, and so on."""

    widths: tuple[int, ...]

    @property
    def modules(self) -> int:
        """How wide the symbol is with the white that it needs at both ends."""
        return sum(self.widths) + 2 * BARS_QUIET


def draw_qr(
    pages: Pages, text: str, x: float, y: float, size: float, *, is_gs1: bool = False, in_series: bool = False
) -> None:
    """Draw a QR code of `size` points, its quiet zone within it, with (x, y) as its lower left corner.

    With `is_gs1` the text is a GS1 element string. One of many, `in_series`, is not tried with all eight
    masks, of which readers take any: that takes seven times as long.
    """
    x = pages.place(x, size)
    rows = _qr(text, is_gs1, in_series)
    module = size / (len(rows) + 2 * QR_QUIET)
    parts = [_BLACK]
    for number, row in enumerate(rows):
        bottom = y + (QR_QUIET + len(rows) - 1 - number) * module
        for start, length in _runs(row):
            left = x + (QR_QUIET + start) * module
            parts.append(f"{left:.3f} {bottom:.3f} {length * module:.3f} {module:.3f} re")
    pages.canvas.add(" ".join([*parts, "f"]))


def bars(text: str) -> Bars | None:
    """Return a text as Code 128, None where it has letters that Code 128 does not."""
    if not text or any(ord(letter) > 126 and letter != FNC1 for letter in text):
        return None
    return _bars(text)


def draw_bars(pages: Pages, symbol: Bars, x: float, y: float, *, module: float, height: float) -> None:
    """Draw a symbol with modules of so many points; its quiet zone begins at `x`."""
    at, parts = pages.place(x, symbol.modules * module) + BARS_QUIET * module, [_BLACK]
    for number, width in enumerate(symbol.widths):
        if number % 2 == 0:
            parts.append(f"{at:.3f} {y:.3f} {width * module:.3f} {height:.3f} re")
        at += width * module
    pages.canvas.add(" ".join([*parts, "f"]))


@lru_cache(maxsize=256)
def _bars(text: str) -> Bars:
    # Each way of changing between the code sets is the shorter one for some texts.
    return min(
        (_encoded(kind(text, quiet=False)) for kind in (Code128, Code128Auto)), key=lambda it: it.modules
    )


def _encoded(barcode: Code128) -> Bars:
    barcode.validate()
    barcode.encode()
    # "B" is a bar of two modules, "b" a space of two, and so on.
    return Bars(tuple(ord(letter.lower()) - ord("a") + 1 for letter in barcode.decompose()))


@lru_cache(maxsize=256)
def _qr(text: str, is_gs1: bool, in_series: bool) -> tuple[tuple[bool, ...], ...]:
    code = QRCode(None, QRErrorCorrectLevel.M)
    if is_gs1:
        code.addData(QRFNC1First())
        code.addData(QR8bitByte(text.removeprefix(FNC1)))
    else:
        code.addData(QR8bitByte(text))
    if in_series:
        code.version = code.calculate_version()
        code.makeImpl(False, _MASK)
    else:
        code.make()
    size = code.getModuleCount()
    return tuple(tuple(bool(code.isDark(row, column)) for column in range(size)) for row in range(size))


def _runs(row: tuple[bool, ...]) -> Iterator[tuple[int, int]]:
    """Yield start and length of what is dark beside each other."""
    at = 0
    for is_dark, group in groupby(row):
        length = sum(1 for _module in group)
        if is_dark:
            yield at, length
        at += length
