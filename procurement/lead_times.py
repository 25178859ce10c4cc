"""How long goods take from order to shelf: as they did, or as somebody said they would."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from inventory.models import Item
from inventory.stock_levels import Spread
from ipms.models import SiteSettings
from suppliers.models import Supplier

#: So many of the newest receipts are looked at, of an item and of a supplier.
OF_ITEM, OF_SUPPLIER = 20, 60
#: Fewer receipts tell nothing about how much lead times vary.
FEWEST = 3


class LeadTimeSource(models.TextChoices):
    """Where a lead time comes from, what is surest first."""

    ITEM_RECEIPTS = "item-receipts", _("Receipts of the item")
    SUPPLIER_RECEIPTS = "supplier-receipts", _("Receipts from the supplier")
    ITEM = "item", _("Lead time of the item")
    SUPPLIER = "supplier", _("Lead time of the supplier")
    SITE = "site", _("Usual lead time of the site")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """Calendar days from order to shelf, with where they come from and the receipts behind them."""

    days: Spread
    source: LeadTimeSource
    receipts: int = 0


class LeadTimes:
    """Lead times of items, as known on a day."""

    def __init__(
        self,
        *,
        on: date,
        settings: SiteSettings,
        items: Collection[int] | None = None,
        suppliers: Collection[int] = (),
    ) -> None:
        """Read what came before the end of `on`, with one query; only of `items` and `suppliers` if given."""
        self._usual = Spread(mean=Decimal(settings.default_lead_time_days))
        self._by_item: dict[int, LeadTime] = {}
        self._by_supplier: dict[int, LeadTime] = {}
        for is_item, pk, count, mean, deviation in _measured(on, settings.timezone, items, suppliers):
            found, source = (
                (self._by_item, LeadTimeSource.ITEM_RECEIPTS)
                if is_item
                else (self._by_supplier, LeadTimeSource.SUPPLIER_RECEIPTS)
            )
            days = Spread(mean=round(mean, 4), deviation=round(deviation, 4))
            found[pk] = LeadTime(days=days, source=source, receipts=count)

    def of(self, item: Item, supplier: Supplier | None) -> LeadTime:
        """Return the lead time of an item: from its own newest receipts, else from those of the supplier,
        else what item, supplier or site say of it; what is only said has no deviation.
        """
        if measured := self._by_item.get(item.pk) or (supplier and self._by_supplier.get(supplier.pk)):
            return measured
        if item.lead_time_days is not None:
            return _said(item.lead_time_days, LeadTimeSource.ITEM)
        if supplier and supplier.lead_time_days is not None:
            return _said(supplier.lead_time_days, LeadTimeSource.SUPPLIER)
        return LeadTime(days=self._usual, source=LeadTimeSource.SITE)


def _said(days: int, source: LeadTimeSource) -> LeadTime:
    return LeadTime(days=Spread(mean=Decimal(days)), source=source)


def _measured(
    on: date, zone: str, items: Collection[int] | None, suppliers: Collection[int]
) -> Iterator[tuple[bool, int, int, Decimal, Decimal]]:
    words: dict[str, Any] = {
        "on": on,
        "zone": zone,
        "items": None if items is None else sorted(items),
        "suppliers": sorted(suppliers),
        "of_item": OF_ITEM,
        "of_supplier": OF_SUPPLIER,
        "fewest": FEWEST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LEAD_TIMES, words)
        yield from cursor.fetchall()


# Each delivery counts by itself, part deliveries too. The order's own day counts, not when it was typed in:
# an imported history has both. A receipt whose movement was reversed never came.
_LEAD_TIMES = """
WITH recent AS (
    SELECT line.item_id, o.supplier_id,
        greatest((r.occurred_at AT TIME ZONE %(zone)s)::date - o.ordered_on, 0) AS days,
        row_number() OVER (PARTITION BY line.item_id ORDER BY r.occurred_at DESC, rl.id DESC) AS of_item,
        row_number() OVER (PARTITION BY o.supplier_id ORDER BY r.occurred_at DESC, rl.id DESC) AS of_supplier
    FROM procurement_goodsreceiptline rl
    JOIN procurement_goodsreceipt r ON r.id = rl.receipt_id
    JOIN procurement_purchaseorderline line ON line.id = rl.order_line_id
    JOIN procurement_purchaseorder o ON o.id = line.order_id
    WHERE r.occurred_at < (%(on)s::date + 1)::timestamp AT TIME ZONE %(zone)s
        AND (%(items)s::bigint[] IS NULL OR line.item_id = ANY(%(items)s)
            OR o.supplier_id = ANY(%(suppliers)s))
        AND NOT EXISTS (SELECT FROM inventory_stockmovement WHERE reverses_id = rl.movement_id)
)
SELECT true, item_id, count(*), avg(days), stddev_samp(days)
FROM recent WHERE of_item <= %(of_item)s
GROUP BY item_id HAVING count(*) >= %(fewest)s
UNION ALL
SELECT false, supplier_id, count(*), avg(days), stddev_samp(days)
FROM recent WHERE of_supplier <= %(of_supplier)s
GROUP BY supplier_id HAVING count(*) >= %(fewest)s
"""
