"""What those who keep the items are told of stock."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounts.notifications import Kind, holders_of, notify, page_of
from inventory.models import Item, Lot, StockBalance
from ipms import outbox
from ipms.models import OutboxEvent

_KEEPERS = "inventory.change_item"


@outbox.subscribe("stock.low", name="inventory.stock-low")
def tell_of_low_stock(event: OutboxEvent) -> None:
    _tell_of_stock(event, Kind.STOCK_LOW)


@outbox.subscribe("stock.out", name="inventory.stock-out")
def tell_of_stock_that_ran_out(event: OutboxEvent) -> None:
    _tell_of_stock(event, Kind.STOCK_OUT)


@outbox.subscribe("lot.expiring", name="inventory.lot-expiring")
def tell_of_an_expiring_lot(event: OutboxEvent) -> None:
    lot = Lot.objects.select_related("item__unit").filter(pk=event.payload["lot"]).first()
    if lot is None:
        return
    on_hand = StockBalance.objects.filter(lot=lot).aggregate(sum=Sum("on_hand"))["sum"]
    expires_on, days_left = date.fromisoformat(event.payload["expires_on"]), event.payload["days_left"]
    is_past = days_left < 0
    words: dict[str, Any] = {} if is_past else {"days_left": days_left}
    notify(
        holders_of(_KEEPERS),
        Kind.LOT_EXPIRING,
        key=f"{lot.pk}:{event.pk}",
        url=page_of(lot),
        variant="expired" if is_past else "",
        lot=lot.number,
        sku=lot.item.sku,
        item=lot.item.name,
        expires_on=expires_on,
        on_hand=on_hand or Decimal(0),
        unit=lot.item.unit.code,
        **words,
    )


def _tell_of_stock(event: OutboxEvent, kind: Kind) -> None:
    """Tell once of each crossing: the ledger records one event for it."""
    item = Item.objects.select_related("unit").filter(pk=event.payload["item"]).first()
    if item is None:
        return
    notify(
        holders_of(_KEEPERS),
        kind,
        key=f"{item.pk}:{event.pk}",
        url=page_of(item),
        sku=item.sku,
        item=item.name,
        available=Decimal(event.payload["available"]),
        unit=item.unit.code,
        reorder_level=item.reorder_level,
    )
