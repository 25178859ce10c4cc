"""The orders that the rows of a file make up. An order is one document: it is taken whole or not at all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Self

from django.utils.translation import gettext as _

from procurement.order_import import codes
from procurement.order_import.lines import Delivered, Line, Named, Parsed
from procurement.order_import.mapping import OrderMapping
from procurement.order_import.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What came on one day with one delivery note: becomes one goods receipt."""

    on: date
    reference: str
    came: dict[int, Delivered]  # by the place of the line in its document


@dataclass(frozen=True, kw_only=True)
class Document:
    """An order as the file tells it: at least one line, all of one supplier, currency and location."""

    number: str
    lines: Sequence[Line]

    @property
    def supplier(self) -> Named:
        return self.lines[0].supplier

    @property
    def location(self) -> Named | None:
        return self.lines[0].location

    @property
    def currency(self) -> str:
        return self.lines[0].currency

    @property
    def ordered_on(self) -> date:
        return min(line.ordered_on for line in self.lines)

    @property
    def expected_on(self) -> date | None:
        """The day by which all of it was promised."""
        return max((line.expected_on for line in self.lines if line.expected_on), default=None)

    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def notes(self) -> str:
        """What its lines say beside the figures, each text once."""
        texts: dict[str, dict[str, None]] = defaultdict(dict)
        for line in self.lines:
            for label, text in line.notes:
                texts[label][text] = None
        return "\n".join(f"{label}: {', '.join(said)}" for label, said in texts.items())

    def papers(self) -> list[Paper]:
        """Return what came together, the oldest first."""
        came: dict[tuple[date, str], dict[int, Delivered]] = defaultdict(dict)
        for place, line in enumerate(self.lines):
            if line.delivered:
                came[line.delivered.on, line.delivered.reference][place] = line.delivered
        return [Paper(on=on, reference=reference, came=came[on, reference]) for on, reference in sorted(came)]

    def refused(self, sentence: str, *, column: str = "", value: str = "") -> list[Problem]:
        """Return a problem for each row of an order that cannot be taken."""
        return [
            Problem(row=line.row, key=line.key, column=column, value=value, sentence=sentence)
            for line in self.lines
        ]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Suppliers, items and locations by their key, as the newest order tells of each."""

    suppliers: dict[str, Named]
    items: dict[str, Named]
    locations: dict[str, Named]

    def of(self, documents: Iterable[Document]) -> Self:
        """Return the part that these documents name."""
        lines = [line for document in documents for line in document.lines]
        return replace(
            self,
            suppliers={line.supplier.key: self.suppliers[line.supplier.key] for line in lines},
            items={line.item.key: self.items[line.item.key] for line in lines},
            locations={
                line.location.key: self.locations[line.location.key] for line in lines if line.location
            },
        )


def catalogue(documents: Sequence[Document]) -> Catalogue:
    """Return what documents, the oldest first, name."""
    lines = [line for document in documents for line in document.lines]
    return Catalogue(
        suppliers={line.supplier.key: line.supplier for line in lines},
        items={line.item.key: line.item for line in lines},
        locations={line.location.key: line.location for line in lines if line.location},
    )


def collect(parsed: Sequence[Parsed], mapping: OrderMapping) -> tuple[list[Document], list[Problem]]:
    """Put rows together to orders, the oldest first, and tell why rows cannot be taken, all at once."""
    _refuse_repeated_keys(parsed, mapping)
    if "item.sku" not in mapping.fields:
        _refuse_shared_skus(parsed, mapping)
    members_of: dict[str, list[Parsed]] = defaultdict(list)
    for one in parsed:
        if one.order:
            members_of[one.order].append(one)
    documents = []
    for number, members in members_of.items():
        _refuse_contradictions(members, mapping)
        faulty = next((one.row for one in members if one.problems), None)
        if faulty is None:
            documents.append(Document(number=number, lines=[one.line for one in members if one.line]))
            continue
        for one in members:
            if not one.problems:
                _refuse(one, "", "", left_out(number, faulty=faulty))
    documents.sort(key=lambda document: (document.ordered_on, document.lines[0].row))
    return documents, [problem for one in parsed for problem in one.problems]


def left_out(number: str, *, faulty: int) -> str:
    """Return the sentence for a row that is fine, in an order that has a row which is not."""
    sentence = _("Left out with its order %(order)s, of which row %(row)s cannot be taken.")
    return sentence % {"order": number, "row": faulty}


def _refuse_repeated_keys(parsed: Sequence[Parsed], mapping: OrderMapping) -> None:
    first: dict[str, int] = {}
    for one in parsed:
        row = first.setdefault(one.key, one.row)
        if one.key and row != one.row:
            _refuse(one, mapping.key[0], one.key, _("Row %(row)s has the same key.") % {"row": row})


def _refuse_shared_skus(parsed: Sequence[Parsed], mapping: OrderMapping) -> None:
    """Refuse a second item whose made SKU is that of a first one: they would become one in stock."""
    first: dict[str, Line] = {}
    for one in parsed:
        if one.line is None:
            continue
        item, other = one.line.item, first.setdefault(one.line.item.key, one.line)
        if codes.fold(item.name) != codes.fold(other.item.name):
            sentence = _("Row %(row)s has another item for which the SKU %(sku)s is made: map item.sku.")
            words = {"row": other.row, "sku": item.code}
            _refuse(one, mapping.column_of("item.name"), item.name, sentence % words)


def _refuse_contradictions(members: Sequence[Parsed], mapping: OrderMapping) -> None:
    """Refuse the rows of an order that name another supplier, currency or location than its first one."""
    first = next((one.line for one in members if one.line), None)
    for one in members:
        if one.line is None or first is None:
            continue
        for name, own, other in (
            ("supplier.name", _identity(one.line.supplier), _identity(first.supplier)),
            ("order.currency", (one.line.currency, one.line.currency), (first.currency, first.currency)),
            ("location.name", _identity(one.line.location), _identity(first.location)),
        ):
            if own[0] != other[0]:
                sentence = _("Row %(row)s of the same order has another: “%(other)s”.")
                words = {"row": first.row, "other": other[1]}
                _refuse(one, mapping.column_of(name), own[1], sentence % words)


def _identity(named: Named | None) -> tuple[str, str]:
    return (named.key, named.name) if named else ("", "")


def _refuse(one: Parsed, column: str, value: str, sentence: str) -> None:
    problem = Problem(row=one.row, key=one.key, column=column, value=value, sentence=sentence)
    one.problems.append(problem)
