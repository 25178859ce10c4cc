"""The orders that the rows of a file make up. An order is one document: it is taken whole or not at all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from procurement.order_import import codes
from procurement.order_import.mapping import OrderMapping
from procurement.order_import.report import Problem
from procurement.order_import.rows import Delivered, Named, OrderRow, Parsed


@dataclass(frozen=True, kw_only=True)
class Document:
    """An order as the file tells it: at least one row, all of one supplier, currency and location."""

    number: str
    rows: Sequence[OrderRow]

    @property
    def supplier(self) -> Named:
        return self.rows[0].supplier

    @property
    def location(self) -> Named | None:
        return self.rows[0].location

    @property
    def currency(self) -> str:
        return self.rows[0].currency

    @property
    def ordered_on(self) -> date:
        return min(row.ordered_on for row in self.rows)

    @property
    def expected_on(self) -> date | None:
        """The day by which all of it was promised."""
        return max((row.expected_on for row in self.rows if row.expected_on), default=None)

    @property
    def total(self) -> Decimal:
        return sum((row.total for row in self.rows), Decimal(0))

    @property
    def notes(self) -> str:
        """What its rows say beside the figures, each text once."""
        texts: dict[str, dict[str, None]] = defaultdict(dict)
        for row in self.rows:
            for label, text in row.notes:
                texts[label][text] = None
        return "\n".join(f"{label}: {', '.join(said)}" for label, said in texts.items())

    def deliveries(self) -> list[list[tuple[int, Delivered]]]:
        """Return what came together (on one day, with one paper), the oldest first, by the row's place."""
        came: dict[tuple[date, str], list[tuple[int, Delivered]]] = defaultdict(list)
        for place, row in enumerate(self.rows):
            if row.delivered:
                came[row.delivered.on, row.delivered.reference].append((place, row.delivered))
        return [came[key] for key in sorted(came)]

    def refused(self, sentence: str, *, column: str = "", value: str = "") -> list[Problem]:
        """Return a problem for each row of an order that cannot be taken."""
        return [
            Problem(row=row.number, key=row.key, column=column, value=value, sentence=sentence)
            for row in self.rows
        ]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Suppliers, items and locations of a file by their code in lower case, as its newest row tells of each."""

    suppliers: dict[str, Named]
    items: dict[str, Named]
    locations: dict[str, Named]


def collect(parsed: Sequence[Parsed], mapping: OrderMapping) -> tuple[list[Document], list[Problem]]:
    """Put rows together to orders, the oldest first, and tell why rows cannot be taken, all at once."""
    _refuse_repeated_keys(parsed, mapping)
    _refuse_shared_skus(parsed, mapping)
    members_of: dict[str, list[Parsed]] = defaultdict(list)
    for one in parsed:
        if one.order:
            members_of[one.order].append(one)
    documents = []
    for number, members in members_of.items():
        _refuse_contradictions(members, mapping)
        faulty = next((one.row.number for one in members if one.problems), None)
        if faulty is None:
            documents.append(Document(number=number, rows=[one.line for one in members if one.line]))
        else:
            _leave_out(members, faulty=faulty)
    documents.sort(key=lambda document: (document.ordered_on, document.rows[0].number))
    return documents, [problem for one in parsed for problem in one.problems]


def catalogue(documents: Iterable[Document]) -> Catalogue:
    """Return what the rows name; of the same thing told twice, the newest order counts."""
    suppliers, items, locations = {}, {}, {}
    for document in sorted(documents, key=lambda document: document.ordered_on):
        for row in document.rows:
            suppliers[row.supplier.code.lower()] = row.supplier
            items[row.item.code.lower()] = row.item
            if row.location:
                locations[row.location.code.lower()] = row.location
    return Catalogue(suppliers=suppliers, items=items, locations=locations)


def _refuse_repeated_keys(parsed: Sequence[Parsed], mapping: OrderMapping) -> None:
    first: dict[str, int] = {}
    for one in parsed:
        row = first.setdefault(one.key, one.row.number)
        if one.key and row != one.row.number:
            sentence = _("Row %(row)s has the same key.") % {"row": row}
            _refuse(one, mapping.key[0], one.key, sentence)


def _refuse_shared_skus(parsed: Sequence[Parsed], mapping: OrderMapping) -> None:
    """Refuse a second item under the SKU of a first one: they would be one item in stock."""
    first: dict[str, OrderRow] = {}
    for one in parsed:
        if one.line is None:
            continue
        row = first.setdefault(one.line.item.code.lower(), one.line)
        if codes.fold(row.item.name) != codes.fold(one.line.item.name):
            sentence = _("Row %(row)s has another item with the SKU %(sku)s: “%(name)s”.")
            names = {"row": row.number, "sku": row.item.code, "name": row.item.name}
            _refuse(one, mapping.column_of("item.name"), one.line.item.name, sentence % names)


def _refuse_contradictions(members: Sequence[Parsed], mapping: OrderMapping) -> None:
    lines = [one.line for one in members if one.line]
    for one in members:
        if one.line is None:
            continue
        first = lines[0]
        for name, own, others in (
            ("supplier.name", one.line.supplier.code, first.supplier.code),
            ("order.currency", one.line.currency, first.currency),
            ("location.name", *(row.location.code if row.location else "" for row in (one.line, first))),
        ):
            if own.lower() != others.lower():
                sentence = _("Row %(row)s of the same order has another: %(other)s.")
                _refuse(one, mapping.column_of(name), own, sentence % {"row": first.number, "other": others})


def _leave_out(members: Sequence[Parsed], *, faulty: int) -> None:
    for one in members:
        if not one.problems:
            sentence = _("Left out with its order %(order)s, of which row %(row)s cannot be taken.")
            _refuse(one, "", "", sentence % {"order": one.order, "row": faulty})


def _refuse(one: Parsed, column: str, value: str, sentence: str) -> None:
    one.problems.append(
        Problem(row=one.row.number, key=one.key, column=column, value=value, sentence=sentence)
    )
