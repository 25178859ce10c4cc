"""What of the demo's year is still news on its last day: the rest was told when it happened."""

from datetime import date, timedelta

from django.utils import timezone

from inventory.models import CountStatus, Item, ItemStatus, StockCount
from ipms.models import OutboxEvent
from procurement.models import OrderStatus, PurchaseOrder

_STOCK = ("stock.low", "stock.out")
_WEEK = timedelta(days=7)


def forget_the_old(*, today: date) -> None:
    """Mark events as delivered, but for those that people would still have before them today.

    That is an item that fell low and still is, an order or a count that still waits, and what happened to
    orders in the last week. The database's clock says when the stores' events were recorded, not when the
    demo's day was.
    """
    low = set(
        Item.objects.in_status(ItemStatus.LOW_STOCK, ItemStatus.OUT_OF_STOCK).values_list("pk", flat=True)
    )
    pending = set(PurchaseOrder.objects.filter(status=OrderStatus.PENDING).values_list("pk", flat=True))
    waiting = set(StockCount.objects.filter(status=CountStatus.SUBMITTED).values_list("pk", flat=True))
    newest: dict[tuple[str, int], int] = {}
    for event in OutboxEvent.objects.filter(delivered_at=None).order_by("pk"):
        if event.topic in _STOCK and event.payload["item"] in low:
            newest["item", event.payload["item"]] = event.pk
        elif event.topic == "count.submitted" and event.payload["count"] in waiting:
            newest["count", event.payload["count"]] = event.pk
        elif event.topic == "order.pending" and event.payload["order"] in pending:
            newest["order", event.payload["order"]] = event.pk
        elif event.topic.startswith("order.") and event.created_at.date() >= today - _WEEK:
            newest["event", event.pk] = event.pk
    told = OutboxEvent.objects.filter(delivered_at=None).exclude(pk__in=newest.values())
    told.update(delivered_at=timezone.now())
