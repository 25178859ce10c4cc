"""Posting documents: placed by the import's own account, approved and received by whoever runs it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from inventory import ledger
from ipms import money, rates, site
from ipms.errors import InvalidInput
from procurement import approval, ordering, receiving
from procurement.drafts import LineDraft, OrderDraft
from procurement.models import ImportedLine, PurchaseOrder, PurchaseOrderLine
from procurement.order_import import masters
from procurement.order_import.documents import Catalogue, Document, Paper
from procurement.order_import.mapping import OrderMapping
from procurement.order_import.problems import Problem, ProblemKind
from procurement.order_import.report import Report
from procurement.receiving import Arrival, Delivery

#: Imports wait for each other, chunk by chunk: two of them may name the same new item.
_LOCK = 0x1B45_0001
#: Goods came at noon of their day, which is the same day nearly wherever it is read.
_NOON = time(12)


@dataclass(frozen=True, kw_only=True)
class _Placed:
    document: Document
    order: PurchaseOrder
    order_lines: Sequence[PurchaseOrderLine]  # in the order of the document's lines


class Poster:
    """Posts documents of one file: knows its mapping, all that it names, and who answers for it."""

    def __init__(self, mapping: OrderMapping, catalogue: Catalogue, *, by: User, zone: ZoneInfo) -> None:
        self._mapping, self._catalogue, self._by, self._zone = mapping, catalogue, by, zone
        self._base = site.base_currency()
        self._limit = approval.limit_of(by)
        self._rates: dict[tuple[str, date], rates.Rate | None] = {}

    def post(self, documents: Sequence[Document]) -> Report:
        """Post the documents that are new, all or none, inside the caller's transaction.

        Raises what ordering, receiving and the records refuse; which document it was can be told where
        there is only one.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        report = Report()
        new = self._payable(self._unknown(documents, report), report)
        if not new:
            return report
        placed = self._place(new, report)
        self._approve(placed)
        self._receive(placed, report)
        self._remember(placed)
        for document in new:
            report.count(document)
        return report

    def _unknown(self, documents: Sequence[Document], report: Report) -> list[Document]:
        """Return the documents of which no row was imported; tell of rows that changed since, or are new."""
        keys = [line.key for document in documents for line in document.lines]
        lines = ImportedLine.objects.filter(source=self._mapping.source, key__in=keys)
        known = dict(lines.values_list("key", "fingerprint"))
        unknown = []
        for document in documents:
            if not any(line.key in known for line in document.lines):
                unknown.append(document)
                continue
            for line in document.lines:
                if known.get(line.key) == line.fingerprint:
                    report.unchanged += 1
                    continue
                sentence = (
                    _("This row was imported and has changed since: change order and stock by hand.")
                    if line.key in known
                    else _("The order was imported without this row: add it by hand.")
                )
                report.problems.append(
                    Problem(row=line.row, key=line.key, sentence=sentence, kind=ProblemKind.CHANGED)
                )
        return unknown

    def _payable(self, documents: Sequence[Document], report: Report) -> list[Document]:
        """Return the documents that have an exchange rate and are within the limit of who approves."""
        payable = []
        for document in documents:
            rate = self._rate(document)
            if rate is None:
                sentence = _("There is no exchange rate into %(base)s for %(day)s: enter one first.")
                column = self._mapping.column_of("order.currency")
                words = {"base": self._base, "day": document.ordered_on.isoformat()}
                report.problems += document.refused(sentence % words, column=column, value=document.currency)
                continue
            total = money.multiply(document.total, rate.rate, self._base)
            if self._limit is not None and total > self._limit:
                sentence = _("%(order)s comes to %(total)s %(base)s; %(user)s may approve up to %(limit)s.")
                words = {
                    "order": document.number,
                    "total": money.plain(total),
                    "base": self._base,
                    "user": self._by.email,
                    "limit": money.plain(self._limit),
                }
                report.problems += document.refused(sentence % words)
                continue
            payable.append(document)
        return payable

    def _place(self, documents: Sequence[Document], report: Report) -> list[_Placed]:
        catalogue = self._catalogue.of(documents)
        location_of = masters.locations(catalogue.locations, self._mapping.site, report)
        supplier_of = masters.suppliers(catalogue.suppliers, documents, report)
        item_of = masters.items(catalogue.items, documents, report)
        orders = ordering.place_many(
            [
                OrderDraft(
                    supplier=supplier_of[document.supplier.key],
                    lines=[
                        LineDraft(
                            item=item_of[line.item.key],
                            quantity=line.quantity,
                            unit_price=line.unit_price,
                            tax_rate=line.tax_rate,
                            description=line.description,
                        )
                        for line in document.lines
                    ],
                    currency=document.currency,
                    ordered_on=document.ordered_on,
                    expected_date=document.expected_on,
                    deliver_to=location_of[document.location.key] if document.location else None,
                    notes=document.notes,
                    reference=document.number,
                )
                for document in documents
            ],
            by=masters.maker(),
        )
        lines_of: dict[int, list[PurchaseOrderLine]] = defaultdict(list)
        for line in PurchaseOrderLine.objects.filter(order__in=orders).order_by("order_id", "number"):
            lines_of[line.order_id].append(line)
        return [
            _Placed(document=document, order=order, order_lines=lines_of[order.pk])
            for document, order in zip(documents, orders, strict=True)
        ]

    def _approve(self, placed: Sequence[_Placed]) -> None:
        """Approve at the rate of the day of the order, not at today's."""
        # By currency too: several may have one rate, as the two CFA francs have.
        by_rate: dict[tuple[str, Decimal | None, str], list[PurchaseOrder]] = defaultdict(list)
        for one in placed:
            rate = self._rate(one.document)
            if rate is None or one.document.currency == self._base:
                by_rate[one.document.currency, None, ""].append(one.order)
            else:
                by_rate[one.document.currency, rate.rate, rate.source].append(one.order)
        for (_currency, given, origin), orders in by_rate.items():
            comment = _("Imported from “%(source)s”") % {"source": self._mapping.source}
            if origin:
                comment += f"; {origin}"
            ordering.approve_many(orders, by=self._by, comment=comment, exchange_rate=given)

    def _receive(self, placed: Sequence[_Placed], report: Report) -> None:
        """Receive what came, the first delivery of each order, then the second, and so on."""
        # Receiving twice in one transaction: lock all items first, so that nobody waits in a circle.
        ledger.lock({line.item_id for one in placed for line in one.order_lines})
        papers = [[(one, paper) for paper in one.document.papers()] for one in placed]
        for together in zip_longest(*papers):
            came = sorted((pair for pair in together if pair), key=lambda pair: pair[1].on)
            try:
                receipts = receiving.receive_many([self._delivery(*pair) for pair in came], by=self._by)
            except InvalidInput as refusal:
                if len(placed) > 1 or not isinstance(refusal.details.get("lines"), list):
                    raise
                raise _by_line(refusal, *came[0]) from refusal
            report.receipts += len(receipts)

    def _delivery(self, placed: _Placed, paper: Paper) -> Delivery:
        noon = datetime.combine(paper.on, _NOON, tzinfo=self._zone)
        return Delivery(
            order=placed.order,
            arrivals=[
                Arrival(
                    line_id=placed.order_lines[place].pk,
                    quantity=delivered.quantity,
                    lot=delivered.lot,
                    expires_on=delivered.expires_on,
                )
                for place, delivered in paper.came.items()
            ],
            reference=paper.reference,
            occurred_at=min(noon, timezone.now()),
        )

    def _remember(self, placed: Sequence[_Placed]) -> None:
        ImportedLine.objects.bulk_create(
            ImportedLine(
                source=self._mapping.source, key=line.key, fingerprint=line.fingerprint, order_line=order_line
            )
            for one in placed
            for line, order_line in zip(one.document.lines, one.order_lines, strict=True)
        )

    def _rate(self, document: Document) -> rates.Rate | None:
        key = (document.currency, document.ordered_on)
        if document.currency == self._base:
            return rates.Rate(rate=Decimal(1), source="")
        if key not in self._rates:
            self._rates[key] = rates.newest(document.currency, on=document.ordered_on)
        return self._rates[key]


def _by_line(refusal: InvalidInput, placed: _Placed, paper: Paper) -> InvalidInput:
    """Turn the errors of what came into errors by the lines of its document."""
    by_line: list[dict[str, Any]] = [{} for _line in placed.document.lines]
    # Only as many as there are up to the last faulty one.
    for place, errors in zip(paper.came, refusal.details["lines"], strict=False):
        by_line[place] = errors
    return InvalidInput({"lines": by_line})
