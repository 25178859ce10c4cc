"""What the demo data has that is worth showing or working on; what it lacks is made."""

import json
from decimal import Decimal
from typing import Any

from tests.e2e.demo.site import DemoSite


def of(site: DemoSite) -> dict[str, Any]:
    """Return keys and names of records of a site, always the same of the same data."""
    return json.loads(site.run("from tests.e2e.demo import facts\nfacts.tell()"))


def tell() -> None:
    """Print the facts, as JSON; runs where the site's own database is."""
    print(json.dumps(_facts()))  # noqa: T201 - read by `of`


def _facts() -> dict[str, Any]:
    from accounts.models import User
    from inventory import counting
    from inventory.count_scope import Scope
    from inventory.models import CountStatus, Item, Location, StockBalance, StockCount, Tracking
    from procurement.models import GoodsReceipt, OrderStatus, PurchaseOrder

    staff = User.objects.get(role="staff")
    balances = StockBalance.objects.filter(
        on_hand__gte=50, reserved=0, item__is_active=True, item__tracking=Tracking.NONE
    )
    plain = [
        balance
        for balance in balances.select_related("item", "location").order_by("pk")
        if balance.location_id == balance.item.location_id
    ]
    place = plain[0].location
    in_lots = Item.objects.active().filter(tracking=Tracking.LOT, valuation__quantity__gt=0)
    to_come = PurchaseOrder.objects.filter(
        status__in=[OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED]
    ).order_by("pk")
    order = to_come.filter(lines__item__tracking=Tracking.LOT).first() or to_come[0]
    begun = StockCount.objects.filter(
        status__in=[CountStatus.OPEN, CountStatus.COUNTING], lines__counted_at__isnull=True
    )
    count = begun.order_by("pk").first() or counting.create(Scope(location=place), by=staff)
    return {
        "codes": [balance.item.barcode or balance.item.sku for balance in plain[:6]],
        "skus": [balance.item.sku for balance in plain[:6]],
        "names": [balance.item.name for balance in plain[:6]],
        # A little dearer than now, for a new list of prices.
        "prices": [str(round(balance.item.unit_price * Decimal("1.04"), 2)) for balance in plain[:6]],
        "items": [balance.item_id for balance in plain[:6]],
        "place": place.code,
        "other_place": Location.objects.real().filter(is_active=True).exclude(pk=place.pk)[0].code,
        "item": (in_lots.order_by("-valuation__value", "pk").first() or plain[0].item).pk,
        "order": order.pk,
        "plain_orders": [
            one.pk for one in to_come if not one.lines.exclude(item__tracking=Tracking.NONE).exists()
        ],
        "count": count.pk,
        "uncounted": count.lines.filter(counted_at__isnull=True).order_by("pk")[0].item.sku,
        "receipt": GoodsReceipt.objects.order_by("pk").last().pk,
    }
