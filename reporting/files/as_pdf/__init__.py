"""PDF: letterhead, what was asked for, charts, and tables of any length in constant memory."""

import logging
from dataclasses import replace
from itertools import chain, islice
from typing import IO, Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from reportlab.lib.utils import ImageReader

from ipms import site
from reporting.files.as_pdf import charts, tables
from reporting.files.as_pdf.paper import INK, LINE, QUIET, Paper, wrap
from reporting.files.cells import Reader
from reporting.tables import Document

logger = logging.getLogger(__name__)

_LOGO_WIDTH, _LOGO_HEIGHT = 130.0, 44.0
_ROWS_LOOKED_AT = 200


def write(document: Document, file: IO[bytes]) -> None:
    """Draw a document; a page is written to `file` when it is full."""
    settings = site.current()
    reader = Reader(settings.base_currency)
    as_of = f"{reader.moment(document.as_of)} {localtime(document.as_of).tzname()}"
    foot = f"{settings.organisation} · {document.title} · {as_of}"
    paper = Paper(file, title=str(document.title), foot=foot, author=settings.organisation)
    contents = [table for table in document.tables if table.is_printed]
    lies = False
    if contents:
        # The first page lies or stands as its table wants it.
        rows = iter(contents[0].rows)
        sample = list(islice(rows, _ROWS_LOOKED_AT))
        contents[0] = replace(contents[0], rows=chain(sample, rows))
        lies = tables.is_wide(contents[0], sample, paper, reader)
    paper.begin(is_wide=lies)
    _letterhead(paper, settings)
    _title(paper, document, as_of)
    charts.draw(document.charts, paper, reader)
    for table in contents:
        is_alone = len(contents) == 1 and str(table.title) == str(document.title)
        tables.draw(table, paper, reader, has_title=not is_alone)
    paper.finish()


def _letterhead(paper: Paper, settings: Any) -> None:
    top = paper.y
    logo = _logo(settings)
    left = paper.left
    if logo is not None:
        width, height = logo.getSize()
        scale = min(_LOGO_WIDTH / width, _LOGO_HEIGHT / height)
        paper.canvas.drawImage(logo, left, top - height * scale, width * scale, height * scale, mask="auto")
        left += width * scale + 14
    paper.text(left, top - 12, settings.organisation, size=13, font=paper.bold)
    lines = [line for part in settings.address.splitlines() for line in wrap(part, paper.regular, 8, 320)]
    for number, line in enumerate(lines[:4]):
        paper.text(left, top - 24 - number * 10, line, size=8, colour=QUIET)
    paper.y = top - max(_LOGO_HEIGHT if logo else 0, 20 + 10 * min(len(lines), 4)) - 8
    paper.line(paper.left, paper.y, paper.right, paper.y, colour=LINE, width=0.8)


def _logo(settings: Any) -> ImageReader | None:
    """Return the organisation's logo, if it has one that can be read."""
    if not settings.logo:
        return None
    try:
        with settings.logo.open("rb") as file:
            logo = ImageReader(file)
            logo.getRGBData()
            return logo if min(logo.getSize()) > 0 else None
    except (OSError, ValueError, SyntaxError):
        logger.warning("the logo of the letterhead cannot be read", exc_info=True)
        return None


def _title(paper: Paper, document: Document, as_of: str) -> None:
    paper.y -= 10
    paper.paragraph(
        wrap(str(document.title), paper.bold, 15, paper.inner_width), size=15, font=paper.bold, colour=INK
    )
    paper.y -= 2
    paper.paragraph([_("As of %(moment)s") % {"moment": as_of}], size=8, colour=QUIET)
    for label, text in document.parameters:
        paper.paragraph(wrap(f"{label}: {text}", paper.regular, 8, paper.inner_width), size=8, colour=QUIET)
    paper.y -= 8
