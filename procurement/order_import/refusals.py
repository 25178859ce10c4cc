"""What ordering, receiving or the records refuse, told by the rows of the document."""

from typing import Any

from ipms.errors import DomainError
from procurement.order_import import masters
from procurement.order_import.documents import Document, left_out
from procurement.order_import.mapping import OrderMapping
from procurement.order_import.problems import Problem

#: Where in the mapping stand the fields of which ordering and receiving speak.
_FIELDS = {
    "supplier": "supplier.name",
    "deliver_to": "location.name",
    "item": "item.name",
    "quantity": "line.quantity",
    "unit_price": "line.unit_price",
    "tax_rate": "line.tax_rate",
    "location": "location.name",
    "lot": "delivery.lot",
    "expires_on": "delivery.expires_on",
    "occurred_at": "delivery.on",
}


def explain(document: Document, refusal: DomainError, mapping: OrderMapping) -> list[Problem]:
    """Return a problem for each row of the one document that was refused."""
    faults = _faults(document, refusal)
    if not faults:
        field, sentence = _of_the_whole(refusal)
        return document.refused(sentence, column=mapping.column_of(field))
    found = document.refused(left_out(document.number, faulty=document.lines[min(faults)].row))
    for place, (field, sentence) in faults.items():
        line, column = document.lines[place], mapping.column_of(field)
        found[place] = Problem(row=line.row, key=line.key, column=column, sentence=sentence)
    return found


def _faults(document: Document, refusal: DomainError) -> dict[int, tuple[str, str]]:
    """Return field and sentence of the rows, by their place, that the refusal is about."""
    if isinstance(refusal, masters.Refused):
        return {
            place: (refusal.field, f"{refusal.named.name}: {_sentence(refusal.details[refusal.field])}")
            for place, line in enumerate(document.lines)
            if refusal.concerns(line)
        }
    lines = refusal.details.get("lines")
    if not isinstance(lines, list):
        return {}
    return {
        place: (_FIELDS.get(field, ""), _sentence(sentences))
        for place, errors in enumerate(lines)
        if isinstance(errors, dict)
        for field, sentences in list(errors.items())[:1]
    }


def _of_the_whole(refusal: DomainError) -> tuple[str, str]:
    for field, sentences in refusal.details.items():
        if field in _FIELDS:
            return _FIELDS[field], _sentence(sentences)
    return "", str(refusal)


def _sentence(sentences: Any) -> str:
    return " ".join(map(str, sentences)) if isinstance(sentences, list | tuple) else str(sentences)
