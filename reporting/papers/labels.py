"""Labels: what stands on them, for items, their lots, what a receipt brought, and places."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from inventory import gs1
from inventory.models import Item, Location, Lot, Tracking
from ipms import mail
from procurement.models import GoodsReceiptLine

STOCKED = "stocked"


@dataclass(frozen=True, kw_only=True)
class Label:
    """One label. `code` is what a scanner reads where there are no GS1 `elements`; `url` opens the record."""

    heading: str
    name: str
    details: Sequence[str] = ()
    code: str
    elements: Sequence[gs1.Element] = field(default=())
    url: str


def of_items(keys: Collection[int], *, lots: str = "") -> list[Label]:
    """Return a label of each item, by name; one query, or two.

    `lots` is `STOCKED` for a label of each lot that stands somewhere, where an item has any, or the key of
    one lot.
    """
    items = list(Item.objects.filter(pk__in=keys).select_related("unit").order_by("name", "pk"))
    if not lots:
        return [_of_item(item) for item in items]
    found = Lot.objects.filter(item__in=[item.pk for item in items])
    found = found.filter(balances__on_hand__gt=0).distinct() if lots == STOCKED else found.filter(pk=lots)
    by_item: dict[int, list[Lot]] = {}
    for lot in found:
        by_item.setdefault(lot.item_id, []).append(lot)
    return [_of_item(item, lot) for item in items for lot in by_item.get(item.pk, [None])]


def of_lots(keys: Collection[int]) -> list[Label]:
    """Return a label of each lot, what expires first on top; one query."""
    lots = Lot.objects.filter(pk__in=keys).select_related("item__unit")
    return [_of_item(lot.item, lot) for lot in lots]


def of_receipts(keys: Collection[int]) -> list[Label]:
    """Return a label of what each line of goods receipts brought, with its lot; one query."""
    lines = GoodsReceiptLine.objects.filter(receipt__in=keys).select_related(
        "order_line__item__unit", "movement__lot"
    )
    return [
        _of_item(line.order_line.item, line.movement.lot)
        for line in lines.order_by("receipt", "order_line__number", "pk")
    ]


def of_locations(keys: Collection[int]) -> list[Label]:
    """Return a label of each location inside the gate, by code; one query."""
    locations = Location.objects.real().filter(pk__in=keys).select_related("parent").order_by("code")
    return [
        Label(
            heading=location.code,
            name=location.name if location.name != location.code else "",
            details=[str(location.parent)] if location.parent else [],
            code=location.code,
            url=mail.absolute(reverse("admin:inventory_location_change", args=[location.pk])),
        )
        for location in locations
    ]


def _of_item(item: Item, lot: Lot | None = None) -> Label:
    details = []
    if lot is not None:
        is_serial = item.tracking == Tracking.SERIAL
        number = _("Serial number %(number)s") if is_serial else _("Lot %(number)s")
        details.append(number % {"number": lot.number})
        if lot.expires_on:
            details.append(_("Expires %(day)s") % {"day": date_format(lot.expires_on)})
    details.append(_("Unit %(unit)s") % {"unit": item.unit.code})
    page = ("lot", lot.pk) if lot is not None else ("item", item.pk)
    return Label(
        heading=item.sku,
        name=item.name,
        details=details,
        code=item.barcode or item.sku,
        elements=gs1.elements(
            item.barcode,
            lot=lot.number if lot is not None else "",
            is_serial=item.tracking == Tracking.SERIAL,
            expires_on=lot.expires_on if lot is not None else None,
        ),
        url=mail.absolute(reverse(f"admin:inventory_{page[0]}_change", args=[page[1]])),
    )
