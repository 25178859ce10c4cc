"""What a scan or a few typed letters mean: an item, and what a GS1 symbol says of its lot."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.db.models.functions import Lower, Upper

from inventory import gs1
from inventory.models import Item, Lot

#: So many items are named where several are alike.
_NAMED = 5
#: So many texts of a call are looked up by their words, each at the cost of a query.
_SEARCHED = 5


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What was found for a text: the one item that carries it, else those it may mean.

    An inactive item is found by what it carries, too: the ledger says why it does not move.
    """

    item: Item | None = None
    lot: str = ""
    expires_on: date | None = None
    alike: list[Item] = field(default_factory=list)


def read(texts: Sequence[str]) -> list[Scan]:
    """Return what each text means: the item with that SKU, barcode, GTIN or whole name, or of that lot.

    The SKU counts before a barcode, that before a name, and that before the number of a lot or piece, which
    only one item may have. What only resembles an item is not taken for it, but named. A GS1 element string
    brings its lot (or serial number) and expiry. The number of queries is bounded, whatever the number of
    texts.
    """
    named = _Named(texts)
    unknown = [text for text in dict.fromkeys(texts) if text.strip() and not named.find(text)]
    lots = _lots(unknown)
    unknown = [text for text in unknown if text not in lots]
    alike = {text: list(Item.objects.active().search(text)[:_NAMED]) for text in unknown[:_SEARCHED]}
    scans = []
    for text in texts:
        if lot := lots.get(text):
            scans.append(Scan(item=lot.item, lot=lot.number, expires_on=lot.expires_on))
            continue
        found, values = named.find(text), gs1.parse(text)
        scans.append(
            Scan(
                item=found[0] if len(found) == 1 else None,
                lot=gs1.lot_of(values),
                expires_on=gs1.expiry(values.get(gs1.EXPIRY, "")),
                alike=found[:_NAMED] if len(found) > 1 else alike.get(text, []),
            )
        )
    return scans


class _Named:
    """The items that carry one of many texts as SKU, barcode or name, read at once."""

    def __init__(self, texts: Sequence[str]) -> None:
        words = {text.strip() for text in texts} - {""}
        barcodes = {barcode for text in words for barcode in _barcodes(text)}
        lowered = {word.lower() for word in words}
        self._items: Sequence[Item] = list(
            Item.objects.alias(low_sku=Lower("sku"))
            .filter(Q(low_sku__in=lowered) | Q(barcode__in=barcodes) | Q(name__in=words))
            .select_related("unit", "location")
            if words
            else ()
        )

    def find(self, text: str) -> list[Item]:
        word = text.strip()
        if not word:
            return []
        barcodes = _barcodes(word)
        found: list[Item]
        for found in (
            [item for item in self._items if item.sku.lower() == word.lower()],
            [item for item in self._items if item.barcode in barcodes],
            [item for item in self._items if item.name == word],
        ):
            if found:
                return found
        return []


def _lots(texts: Sequence[str]) -> dict[str, Lot]:
    """Return the lot that alone has a text for its number."""
    if not texts:
        return {}
    found: dict[str, list[Lot]] = {}
    lots: Sequence[Lot] = list(
        Lot.objects.alias(high=Upper("number"))
        .filter(high__in=[text.strip().upper() for text in texts])
        .select_related("item__unit", "item__location")
    )
    for lot in lots:
        found.setdefault(lot.number.upper(), []).append(lot)
    named = {text: found.get(text.strip().upper(), []) for text in texts}
    return {text: lots[0] for text, lots in named.items() if len(lots) == 1}


def _barcodes(text: str) -> set[str]:
    """Return as what an item may carry a barcode: as it is, or its GTIN with or without leading noughts."""
    return {text, *gs1.barcodes(text), *gs1.barcodes(f"{gs1.GTIN}{gs1.gtin(text)}")}
