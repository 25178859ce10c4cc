"""Vouchers of the stores: what was issued, transferred, scrapped, returned or brought in.

A voucher has no record of its own. It is about the movements of one posting that have the same kind and
document: one statement wrote them, so they share `posted_at`, and the same person posted them. Its number is
the key of the first of them in the ledger, and its QR code opens that one.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Location, MovementKind, StockMovement
from ipms import mail, site
from ipms.errors import InvalidState
from reporting.files.cells import Reader
from reporting.papers.form import Form, Signature
from reporting.tables import Column, Table

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_TITLES: "dict[str, StrOrPromise]" = {
    MovementKind.ISSUE: gettext_lazy("Issue voucher"),
    MovementKind.TRANSFER: gettext_lazy("Transfer note"),
    MovementKind.SCRAP: gettext_lazy("Scrap note"),
    MovementKind.RETURN: gettext_lazy("Return note"),
    MovementKind.RECEIPT: gettext_lazy("Receipt note"),
}
_NAMES = {
    MovementKind.ISSUE: "issue-voucher",
    MovementKind.TRANSFER: "transfer-note",
    MovementKind.SCRAP: "scrap-note",
    MovementKind.RETURN: "return-note",
    MovementKind.RECEIPT: "receipt-note",
}
#: Who hands over, and who takes.
_SIDES: "dict[str, tuple[StrOrPromise, StrOrPromise]]" = {
    MovementKind.ISSUE: (gettext_lazy("Issued by"), gettext_lazy("Received by")),
    MovementKind.TRANSFER: (gettext_lazy("Handed over by"), gettext_lazy("Taken over by")),
    MovementKind.SCRAP: (gettext_lazy("Scrapped by"), gettext_lazy("Witnessed by")),
    MovementKind.RETURN: (gettext_lazy("Returned by"), gettext_lazy("Received by")),
    MovementKind.RECEIPT: (gettext_lazy("Received by"), gettext_lazy("Delivered by")),
}
_MOST_LINES = 2000
_RELATED = ("item__unit", "lot", "from_location", "to_location", "actor", "reversed_by")


def has_voucher(movement: StockMovement) -> bool:
    """Say whether a movement has a voucher; what came against an order has a goods receipt in its place."""
    return movement.kind in _TITLES and not (movement.kind == MovementKind.RECEIPT and movement.document)


def posting_of(movement: StockMovement) -> "QuerySet[StockMovement]":
    """Return the movements that stand on one paper with this one."""
    return StockMovement.objects.filter(
        posted_at=movement.posted_at,
        actor=movement.actor_id,
        kind=movement.kind,
        document=movement.document,
    )


def form(movements: "QuerySet[StockMovement]") -> Form:
    """Return one paper about these movements, by one query.

    Raises `InvalidState` where they are not of one kind, or of one that has no voucher.
    """
    found = list(movements.select_related(*_RELATED).order_by("pk")[: _MOST_LINES + 1])
    if len(found) > _MOST_LINES:
        raise InvalidState(_("That is more than the %(most)s lines of one paper.") % {"most": _MOST_LINES})
    if not found or len({movement.kind for movement in found}) > 1:
        raise InvalidState(_("One paper is about movements of one kind: only issues, or only transfers."))
    first, kind = found[0], MovementKind(found[0].kind)
    if not all(map(has_voucher, found)):
        words = {"kind": kind.label}
        raise InvalidState(_("%(kind)s: there is no voucher for it.") % words)
    reader = Reader(site.base_currency())
    giver, taker = _SIDES[kind]
    facts = [
        (_("Number"), str(first.pk)),
        (_("Date"), _span(reader, found)),
        (_("From"), _places({movement.from_location for movement in found})),
        (_("To"), _places({movement.to_location for movement in found})),
        (_("Document"), _joined(movement.document for movement in found)),
        (_("Reference"), _joined(movement.reference for movement in found)),
        (_("Reason"), _joined(movement.reason for movement in found)),
    ]
    actors = _joined(str(movement.actor) for movement in found)
    return Form(
        name=_NAMES[kind],
        title=str(_TITLES[kind]),
        number=str(first.pk),
        url=mail.absolute(reverse("admin:inventory_stockmovement_change", args=[first.pk])),
        facts=[(label, text) for label, text in facts if text],
        lines=_lines(found, kind),
        signatures=[
            Signature(giver, actors, reader.moment(first.occurred_at)),
            Signature(taker),
            Signature(_("Approved by")),
        ],
    )


def _lines(movements: list[StockMovement], kind: MovementKind) -> Table:
    has_lots = any(movement.lot for movement in movements)
    has_expiry = any(movement.lot and movement.lot.expires_on for movement in movements)
    has_reversals = any(hasattr(movement, "reversed_by") for movement in movements)
    sources = {movement.from_location_id for movement in movements}
    targets = {movement.to_location_id for movement in movements}
    has_value = kind != MovementKind.TRANSFER
    return Table(
        "lines",
        _("Lines"),
        [
            Column("number", _("No."), "integer"),
            Column("item", _("Item"), "code"),
            Column("name", _("Name")),
            Column("lot", _("Lot"), "code", is_printed=has_lots),
            Column("expires_on", _("Expires on"), "date", is_printed=has_expiry),
            Column("source", _("From"), "code", is_printed=len(sources) > 1),
            Column("target", _("To"), "code", is_printed=len(targets) > 1),
            Column("quantity", _("Quantity"), "quantity"),
            Column("unit", _("Unit"), "code"),
            Column("value", _("Value"), "amount", is_printed=has_value, total=has_value),
            Column("remark", _("Remark"), "code", is_printed=has_reversals),
        ],
        [
            {
                "number": number,
                "item": movement.item.sku,
                "name": movement.item.name,
                "lot": movement.lot.number if movement.lot else "",
                "expires_on": movement.lot.expires_on if movement.lot else None,
                "source": _place(movement.from_location),
                "target": _place(movement.to_location),
                "quantity": movement.quantity,
                "unit": movement.item.unit.code,
                "value": movement.value if has_value else Decimal(0),
                "remark": _("reversed") if hasattr(movement, "reversed_by") else "",
            }
            for number, movement in enumerate(movements, 1)
        ],
    )


def _span(reader: Reader, movements: list[StockMovement]) -> str:
    first, last = (
        reader.moment(choose(movement.occurred_at for movement in movements)) for choose in (min, max)
    )
    return first if first == last else f"{first} – {last}"


def _place(location: Location) -> str:
    """Return the code of a location inside the gate, the name of one outside."""
    return location.code if location.is_real else str(location.get_kind_display())


def _places(locations: set[Location]) -> str:
    if len(locations) > 1:
        return ""  # each line says its own
    (location,) = locations
    return str(location) if location.is_real else _place(location)


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(text for text in texts if text))
