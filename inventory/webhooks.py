"""What other systems may be told of stock."""

from django.utils.translation import gettext_lazy as _

from inventory.models import Item, Lot, StockCount
from ipms import webhooks

webhooks.declare(
    {
        "stock.low": _("An item fell to its reorder level"),
        "stock.out": _("An item ran out"),
        "lot.expiring": _("A lot is about to expire, or has expired"),
        "count.submitted": _("A stock count waits for its review"),
        "count.posted": _("A stock count was posted"),
        "ledger.broken": _("The stock ledger does not add up"),
    },
    shows={
        "item": (Item, ("id", "sku", "name")),
        "lot": (Lot, ("id", "number", "expires_on")),
        "count": (StockCount, ("id", "number", "is_blind")),
    },
)
