"""The run of an order import: from a file to suppliers, items, orders, receipts and stock.

Everything goes through the doors that people use: orders are placed, approved and received. A chunk of
orders is one transaction, and remembers in it which rows it took: a run that was killed goes on where it
stood, and a second run changes nothing.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ipms import site
from ipms.errors import DomainError, NotAllowed
from procurement.order_import import documents, reading, refusals
from procurement.order_import.documents import Document
from procurement.order_import.mapping import OrderMapping
from procurement.order_import.posting import Poster
from procurement.order_import.report import Report
from procurement.order_import.rows import Parser

#: What whoever runs an import must be allowed to do.
PERMISSIONS = (
    "inventory.add_item",
    "suppliers.add_supplier",
    "procurement.add_purchaseorder",
    "procurement.approve_purchaseorder",
    "procurement.deliver_purchaseorder",
)
#: So many rows are one transaction; whoever else needs a document number waits for it.
CHUNK = 1000

#: Called with the number of rows that are done, and of all rows.
Progress = Callable[[int, int], None]


def run(
    file: reading.Spreadsheet,
    mapping: OrderMapping,
    *,
    by: User,
    dry_run: bool = False,
    strict: bool = False,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> Report:
    """Import the orders of a spreadsheet; `by` approves and receives them.

    Rows that are fine are taken and the others told; with `strict`, nothing is taken unless all are fine. An
    order is taken whole or not at all, and a row that was imported before is left alone. `dry_run` tells
    what would be done. Call it outside a transaction: each chunk of about `chunk` rows commits by itself.

    Raises `FileRefused` for a file that cannot be read, and `NotAllowed` where `by` lacks `PERMISSIONS`.
    """
    if not by.has_perms(PERMISSIONS):
        sentence = _("%(user)s may not import orders: it takes the rights to order, approve and receive.")
        raise NotAllowed(sentence % {"user": by.email})
    began = time.monotonic()
    zone = ZoneInfo(site.current().timezone)
    parser = Parser(mapping, today=timezone.localdate(timezone=zone))
    parsed = [parser.parse(row) for row in reading.read(file, mapping)]
    found, problems = documents.collect(parsed, mapping)
    report = Report(source=mapping.source, is_rehearsal=dry_run, rows=len(parsed), problems=problems)
    poster = Poster(mapping, documents.catalogue(found), by=by, zone=zone)
    job = _Job(poster, mapping, found, chunk, progress)
    if dry_run or not strict:
        report.add(job.run(rehearses=dry_run))
    else:
        rehearsal = job.run(rehearses=True)
        if problems or rehearsal.problems:
            report.problems += rehearsal.problems
            report.is_stopped = True
        else:
            report.add(job.run(rehearses=False))
    report.problems.sort(key=lambda problem: problem.row)
    report.seconds = time.monotonic() - began
    return report


class _Job:
    """All documents, in chunks; a document that is refused does not stop the others of its chunk."""

    def __init__(
        self,
        poster: Poster,
        mapping: OrderMapping,
        found: Sequence[Document],
        chunk: int,
        progress: Progress | None,
    ) -> None:
        self._poster, self._mapping, self._found, self._chunk = poster, mapping, found, chunk
        self._progress = progress or (lambda done, total: None)

    def run(self, *, rehearses: bool) -> Report:
        total = sum(len(document.lines) for document in self._found)
        report, done = Report(), 0
        for chunk in self._chunks():
            report.add(self._take(chunk, rehearses=rehearses))
            done += sum(len(document.lines) for document in chunk)
            self._progress(done, total)
        return report

    def _chunks(self) -> Iterator[list[Document]]:
        chunk: list[Document] = []
        size = 0
        for document in self._found:
            chunk.append(document)
            size += len(document.lines)
            if size >= self._chunk:
                yield chunk
                chunk, size = [], 0
        if chunk:
            yield chunk

    def _take(self, chunk: Sequence[Document], *, rehearses: bool) -> Report:
        """Post a chunk. Where one of its documents is refused, halve until that one stands alone."""
        try:
            with transaction.atomic():
                report = self._poster.post(chunk)
                if rehearses:
                    transaction.set_rollback(True)
            return report
        except DomainError as refusal:
            if len(chunk) == 1:
                return Report(problems=refusals.explain(chunk[0], refusal, self._mapping))
        report, half = Report(), len(chunk) // 2
        for part in (chunk[:half], chunk[half:]):
            report.add(self._take(part, rehearses=rehearses))
        return report
