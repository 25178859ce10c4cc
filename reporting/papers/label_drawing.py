"""How a label looks: what people read on the left, a QR code on the right, bars below."""

from collections.abc import Sequence
from typing import IO, Literal

from django.utils.translation import gettext as _
from reportlab.lib.units import mm

from inventory import gs1
from ipms.errors import InvalidInput
from reporting.files.as_pdf import symbols
from reporting.files.as_pdf.paper import INK, Pages, fit, wrap
from reporting.files.as_pdf.symbols import FNC1, Bars
from reporting.papers.label_sheets import LabelSheet
from reporting.papers.labels import Label

#: What the QR code is for: a telephone that opens the record, or a scanner that types.
QrContent = Literal["link", "data"]

MOST_LABELS = 2000
#: Two dots of a printer with 300 dots an inch; thinner bars are not read.
_LEAST_MODULE = 2 * 72 / 300
_MOST_MODULE = 0.5 * mm
_DOT_OF_A_ROLL = 72 / 203
_READABLE = 6.0


def write(
    labels: Sequence[Label],
    sheet: LabelSheet,
    file: IO[bytes],
    *,
    copies: int = 1,
    start: int = 1,
    qr: QrContent = "link",
) -> None:
    """Draw `copies` of each label, on a sheet from its label number `start` on.

    Raises `InvalidInput` where these are more than `MOST_LABELS`, or the sheet has no such label.
    """
    if len(labels) * copies > MOST_LABELS:
        words = {"most": MOST_LABELS}
        raise InvalidInput({"copies": [_("One file holds at most %(most)s labels.") % words]})
    if not 1 <= start <= sheet.per_page:
        words = {"last": sheet.per_page}
        raise InvalidInput({"start": [_("The sheet has labels 1 to %(last)s.") % words]})
    pages = Pages(file, title=_("Labels"), subject=str(sheet.label), author="IPMS")
    page_size = (sheet.page[0] * mm, sheet.page[1] * mm)
    pages.turn(page_size)
    at = start - 1
    for label in labels:
        with pages.canvas.recorded() as operators:
            _draw(pages, label, sheet, qr)
        drawn = " ".join(operators)
        for _copy in range(copies):
            if at == sheet.per_page:
                pages.canvas.showPage()
                pages.turn(page_size)
                at = 0
            left, top = sheet.place(at)
            pages.canvas.add(f"q 1 0 0 1 {left * mm:.3f} {page_size[1] - top * mm:.3f} cm {drawn} Q")
            at += 1
    pages.canvas.showPage()
    pages.close()


def _draw(pages: Pages, label: Label, sheet: LabelSheet, qr: QrContent) -> None:
    """Draw a label whose upper left corner is the origin."""
    padding = sheet.padding * mm
    width, height = (side * mm - 2 * padding for side in sheet.size)
    left, top = padding, -padding
    bottom = top - height
    text, readable, has_all = _linear(label, width)
    symbol = symbols.bars(text)
    foot = 0.0
    if symbol is not None:
        module = _module(symbol, width, is_roll=sheet.is_roll)
        tall = min(max(height * 0.26, 7 * mm), 13 * mm)
        foot = tall + _READABLE + 3
        x = left + (width - symbol.modules * module) / 2
        symbols.draw_bars(pages, symbol, x, bottom + _READABLE + 1, module=module, height=tall)
        below = fit(readable, pages.regular, _READABLE, width)
        middle = left + (width - pages.regular.width(below, _READABLE)) / 2
        pages.text(middle, bottom + 1.5, below, size=_READABLE)
    size = min(height - foot, width * 0.4, 30 * mm)
    # Where the bars have no room for lot and expiry, a scanner finds them in the other symbol.
    is_gs1 = bool(label.elements) and (qr == "data" or not has_all)
    content = FNC1 + gs1.scanned(label.elements) if is_gs1 else label.url if qr == "link" else label.code
    x = left + width - size
    symbols.draw_qr(pages, content, x, top - size, size, is_gs1=is_gs1, in_series=True)
    _words(pages, label, left, top, width - size - 1 * mm, height - foot)


def _linear(label: Label, width: float) -> tuple[str, str, bool]:
    """Return what the bars say, what stands below them, and whether that is all that is known.

    The text is empty where there is no room for bars.
    """
    if label.elements:
        for found in (label.elements, label.elements[:1]):
            text = FNC1 + gs1.scanned(found)
            if _fits(symbols.bars(text), width):
                return text, gs1.readable(found), found is label.elements
        return "", "", False
    is_drawn = _fits(symbols.bars(label.code), width)
    return (label.code, label.code, True) if is_drawn else ("", "", True)


def _fits(symbol: Bars | None, width: float) -> bool:
    return symbol is not None and symbol.modules * _LEAST_MODULE <= width


def _module(symbol: Bars, width: float, *, is_roll: bool) -> float:
    """Return how wide a module is; on a roll whole dots of its printer where there is room for two."""
    module = min(width / symbol.modules, _MOST_MODULE)
    if is_roll and module >= 2 * _DOT_OF_A_ROLL:
        return module // _DOT_OF_A_ROLL * _DOT_OF_A_ROLL
    return module


def _words(pages: Pages, label: Label, left: float, top: float, width: float, height: float) -> None:
    """Write heading, name and details as large as there is room for; the details always stand."""
    largest = min(15.0, height / 4)
    heading = largest
    while heading > 7 and pages.bold.width(label.heading, heading) > width:
        heading -= 0.5
    small = max(6.0, min(9.0, height / 8))
    y = top - heading
    for line in wrap(label.heading, pages.bold, heading, width)[:2]:
        pages.text(left, y, line, size=heading, font=pages.bold, colour=INK)
        y -= heading * 1.15
    below = top - height + (len(label.details) - 1) * small * 1.2 + small * 0.4
    y += heading * 1.15 - small * 1.35
    for line in wrap(label.name, pages.regular, small, width):
        if y < below + small * 1.2:
            break
        pages.text(left, y, line, size=small)
        y -= small * 1.2
    for detail in label.details:
        if y < top - height:
            break
        pages.text(left, y, fit(detail, pages.bold, small, width), size=small, font=pages.bold)
        y -= small * 1.2
