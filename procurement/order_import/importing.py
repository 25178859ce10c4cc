"""The run of an order import: from a file to suppliers, items, orders, receipts and stock.

Everything goes through the doors that people use: orders are placed, approved and received. A chunk of
orders is one transaction, and remembers in it which rows it took: a run that was killed goes on where it
stood, and a second run changes nothing.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from inventory import ledger
from ipms import money, rates, site
from ipms.errors import DomainError, NotAllowed
from procurement import approval, ordering, receiving
from procurement.drafts import LineDraft, OrderDraft
from procurement.models import ImportedLine, PurchaseOrder, PurchaseOrderLine
from procurement.order_import import documents, masters, reading
from procurement.order_import.documents import Catalogue, Document
from procurement.order_import.mapping import OrderMapping
from procurement.order_import.report import Problem, ProblemKind, Report
from procurement.order_import.rows import Parser
from procurement.receiving import Arrival, Delivery

#: What whoever runs an import must be allowed to do.
PERMISSIONS = (
    "inventory.add_item",
    "suppliers.add_supplier",
    "procurement.add_purchaseorder",
    "procurement.approve_purchaseorder",
    "procurement.deliver_purchaseorder",
)
#: So many rows are one transaction; nobody else takes a document number meanwhile.
CHUNK = 500
#: Imports wait for each other, chunk by chunk: two of them may name the same new item.
_LOCK = 0x1B45_0001

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

    Rows that are fine are taken and the others told, with `strict` only if all are fine; an order is taken
    whole or not at all. A row that was imported before is left alone. `dry_run` says what would be done.
    Call it outside a transaction: each chunk commits by itself.

    Raises `FileRefused` for a file that cannot be read, and `NotAllowed` without the `PERMISSIONS`.
    """
    if not by.has_perms(PERMISSIONS):
        sentence = _("%(user)s may not import orders: it needs the rights to order, approve and receive.")
        raise NotAllowed(sentence % {"user": by.email})
    began = time.monotonic()
    zone = ZoneInfo(site.current().timezone)
    parser = Parser(mapping, today=timezone.localdate(timezone=zone))
    parsed = [parser.parse(row) for row in reading.read(file, mapping)]
    found, problems = documents.collect(parsed, mapping)
    report = Report(
        source=mapping.source, dry_run=dry_run, strict=strict, rows=len(parsed), problems=problems
    )
    steps = [True] if dry_run else [True, False] if strict else [False]
    for rehearses in steps:
        importer = _Importer(mapping, documents.catalogue(found), by=by, zone=zone, rehearses=rehearses)
        outcome = importer.run(found, chunk=chunk, progress=progress, already_left_out=...)
    report.seconds = time.monotonic() - began
    return report
