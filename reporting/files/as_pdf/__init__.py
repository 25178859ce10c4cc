"""PDF: letterhead, what was asked for, charts, and tables of any length in constant memory."""

from dataclasses import replace
from itertools import chain, islice
from typing import IO

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ipms import site
from reporting.files.as_pdf import charts, letterhead, tables
from reporting.files.as_pdf.paper import INK, QUIET, Paper, wrap
from reporting.files.cells import Reader
from reporting.tables import Document

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
    letterhead.draw(paper, settings)
    _title(paper, document, as_of)
    charts.draw(document.charts, paper, reader)
    for table in contents:
        is_alone = len(contents) == 1 and str(table.title) == str(document.title)
        tables.draw(table, paper, reader, has_title=not is_alone)
    paper.finish()


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
