"""What the search over everything finds of the stores: items, lots, counts."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from inventory import count_scope, gs1
from inventory.models import Item, ItemStatus, Lot, StockCount
from ipms.admin.display import number
from ipms.admin.finder import Hit, Source


@admin.site.register_source
class Items(Source):
    """By SKU, barcode, name and description; a label of ours as well."""

    model = Item
    order = 10

    def named(self, text: str) -> QuerySet[Any]:
        # The label of a lot names its item too: it is the lot that was scanned.
        if gs1.lot_of(gs1.parse(text)):
            return Item.objects.none()
        return self._rows(Item.objects.named(text))

    def search(self, text: str) -> QuerySet[Any]:
        return self._rows(Item.objects.search(text))

    def hit(self, item: Item) -> Hit:
        note = item.status.label if item.status == ItemStatus.INACTIVE else _available(item)
        return Hit(code=item.sku, title=item.name, note=note)

    def _rows(self, items: QuerySet[Any]) -> QuerySet[Any]:
        return items.select_related("valuation")


@admin.site.register_source
class Lots(Source):
    """By the beginning of their number; by the label of a lot, whose item tells lots of one number apart."""

    model = Lot
    order = 40

    def named(self, text: str) -> QuerySet[Any]:
        if number := gs1.lot_of(gs1.parse(text)):
            return self._rows(Lot.objects.filter(number__iexact=number, item__barcode__in=gs1.barcodes(text)))
        return self._rows(Lot.objects.filter(number__iexact=text))

    def search(self, text: str) -> QuerySet[Any]:
        return self._rows(Lot.objects.filter(number__istartswith=text).order_by("number", "pk"))

    def hit(self, lot: Lot) -> Hit:
        note = _("expires %(day)s") % {"day": date_format(lot.expires_on)} if lot.expires_on else ""
        return Hit(code=lot.number, title=lot.item, note=note)

    def _rows(self, lots: QuerySet[Any]) -> QuerySet[Any]:
        return lots.select_related("item")


@admin.site.register_source
class Counts(Source):
    """By the beginning of their number."""

    model = StockCount
    order = 60

    def named(self, text: str) -> QuerySet[Any]:
        return self._rows(StockCount.objects.filter(number=text.upper()))

    def search(self, text: str) -> QuerySet[Any]:
        return self._rows(StockCount.objects.filter(number__startswith=text.upper()))

    def hit(self, count: StockCount) -> Hit:
        return Hit(code=count.number, title=count_scope.in_words(count), note=count.get_status_display())

    def _rows(self, counts: QuerySet[Any]) -> QuerySet[Any]:
        return counts.select_related("location", "category")


def _available(item: Item) -> str:
    return _("%(quantity)s %(unit)s available") % {
        "quantity": number(item.available),
        "unit": item.unit_id,
    }
