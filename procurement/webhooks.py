"""What other systems may be told of purchases."""

from django.utils.translation import gettext_lazy as _

from ipms import webhooks
from procurement.models import PurchaseOrder

webhooks.declare(
    {
        "order.draft": _("An order was begun"),
        "order.pending": _("An order waits for approval"),
        "order.approved": _("An order was approved"),
        "order.rejected": _("An order was rejected"),
        "order.partially_delivered": _("A part of an order came"),
        "order.delivered": _("All goods of an order came"),
        "order.cancelled": _("An order was cancelled"),
        "order.overdue": _("An order is overdue"),
    },
    shows={"order": (PurchaseOrder, ("id", "po_number"))},
)
