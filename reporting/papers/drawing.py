"""How a paper looks: letterhead and QR code, both sides of it, lines, sums, and places to sign."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import IO

from django.utils import timezone
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor

from ipms import site
from reporting.files.as_pdf import letterhead, symbols, tables
from reporting.files.as_pdf.paper import INK, LINE, QUIET, Paper, fit, wrap
from reporting.files.cells import Reader
from reporting.papers.form import Form, Signature

_QR = 72.0
_GAP = 24.0
_TEXT, _SMALL = 9.0, 7.5
_LEADING = 12.0
_LABELS = 96.0
_WARNING = HexColor("#a4262c")
_SIGNATURE = 66.0
_ROWS_LOOKED_AT = 200
#: What stands above the lines never fills the page.
_LINES_OF_AN_ADDRESS, _LINES_OF_A_FACT = 14, 4


def write(form: Form, file: IO[bytes]) -> None:
    """Draw a paper; dates and figures as in the language and time zone that are active."""
    settings = site.current()
    reader = Reader(settings.base_currency)
    printed = _("printed %(moment)s") % {"moment": reader.moment(timezone.now())}
    title = f"{form.title} {form.number}"
    foot = f"{settings.organisation} · {title} · {printed}"
    paper = Paper(file, title=title, foot=foot, author=settings.organisation)
    rows = iter(form.lines.rows)
    sample = list(islice(rows, _ROWS_LOOKED_AT))
    lines = replace(form.lines, rows=chain(sample, rows))
    paper.begin(is_wide=tables.is_wide(lines, sample, paper, reader))
    symbols.draw_qr(paper, form.url, paper.right - _QR, paper.y - _QR + 8, _QR)
    letterhead.draw(paper, settings, right_room=_QR + _GAP, least_height=_QR - 8)
    _title(paper, form)
    _sides(paper, form)
    tables.draw(lines, paper, reader, has_title=False)
    _sums(paper, form.sums)
    _notes(paper, form.notes)
    _signatures(paper, form.signatures)
    paper.finish()


def _title(paper: Paper, form: Form) -> None:
    paper.y -= 24
    title = fit(f"{form.title} {form.number}", paper.bold, 15, paper.inner_width)
    paper.text(paper.left, paper.y, title, size=15, font=paper.bold)
    if form.notice:
        paper.y -= 6
        notice = wrap(form.notice, paper.bold, 10, paper.inner_width)
        paper.paragraph(notice, size=10, font=paper.bold, colour=_WARNING)
    paper.y -= 8


def _sides(paper: Paper, form: Form) -> None:
    """Draw whom it is for on the left, and the facts on the right of that."""
    top = bottom = paper.y
    half = (paper.inner_width - _GAP) / 2
    left = paper.left
    if form.address:
        y = top - _LEADING
        paper.text(left, y, str(form.addressee), size=_SMALL, colour=QUIET)
        name, *others = form.address
        lines = [(line, paper.bold) for line in wrap(name, paper.bold, _TEXT, half)]
        lines += [(line, paper.regular) for text in others for line in wrap(text, paper.regular, _TEXT, half)]
        for line, font in lines[:_LINES_OF_AN_ADDRESS]:
            y -= _LEADING
            paper.text(left, y, line, size=_TEXT, font=font)
        bottom, left = y, left + half + _GAP
    width = paper.right - left
    # Without another side the facts stand in two columns.
    columns = 1 if form.address else 2
    each = (width - _GAP * (columns - 1)) / columns
    height = -(-len(form.facts) // columns)
    for column in range(columns):
        x, y = left + column * (each + _GAP), top
        for label, text in form.facts[column * height : (column + 1) * height]:
            name = fit(str(label), paper.regular, _SMALL, _LABELS - 6)
            paper.text(x, y - _LEADING, name, size=_SMALL, colour=QUIET)
            lines_of_fact = wrap(text, paper.regular, _TEXT, each - _LABELS)
            if len(lines_of_fact) > _LINES_OF_A_FACT:
                lines_of_fact = [*lines_of_fact[: _LINES_OF_A_FACT - 1], "…"]
            for line in lines_of_fact:
                y -= _LEADING
                paper.text(x + _LABELS, y, line, size=_TEXT)
        bottom = min(bottom, y)
    paper.y = bottom - 14


def _sums(paper: Paper, sums: Sequence[tuple[str, str]]) -> None:
    _keep_together(paper, 16 + len(sums) * _LEADING * 1.2)
    for number, (label, text) in enumerate(sums):
        is_last = number == len(sums) - 1
        paper.y -= _LEADING * 1.2
        font = paper.bold if is_last else paper.regular
        size = _TEXT + 1 if is_last else _TEXT
        amount = paper.right - 4
        if is_last and number:
            paper.line(paper.right - 230, paper.y + 8, paper.right, paper.y + 8, colour=INK)
            paper.y -= 4
        paper.text(amount, paper.y, text, size=size, font=font, is_right=True)
        paper.text(amount - 110, paper.y, label, size=size, font=font, is_right=True)


def _notes(paper: Paper, notes: str) -> None:
    if not notes.strip():
        return
    paper.y -= 10
    paper.paragraph([_("Notes")], size=_SMALL, colour=QUIET)
    paper.paragraph(wrap(notes.strip(), paper.regular, _TEXT, paper.inner_width), size=_TEXT)


def _signatures(paper: Paper, signatures: Sequence[Signature]) -> None:
    if not signatures:
        return
    _keep_together(paper, _SIGNATURE + 24)
    paper.y -= 24
    width = (paper.inner_width - _GAP * (len(signatures) - 1)) / len(signatures)
    for number, signature in enumerate(signatures):
        x = paper.left + number * (width + _GAP)
        paper.text(x, paper.y, str(signature.label), size=_SMALL, colour=QUIET)
        name = fit(signature.name, paper.bold, _TEXT, width)
        paper.text(x, paper.y - _LEADING, name, size=_TEXT, font=paper.bold)
        paper.text(x, paper.y - 2 * _LEADING, signature.at, size=_SMALL, colour=QUIET)
        foot = paper.y - _SIGNATURE + 10
        paper.line(x, foot, x + width, foot, colour=LINE, width=0.8)
        paper.text(x, foot - 9, _("Signature, date"), size=6.5, colour=QUIET)
    paper.y -= _SIGNATURE


def _keep_together(paper: Paper, height: float) -> None:
    if paper.y - height < paper.bottom:
        paper.begin(is_wide=paper.width > paper.height)
