"""Figures of the stores for /metrics."""

from django.db.models import Max

from inventory.models import StockMovement
from ipms import metrics


@metrics.measure(
    "ipms_stock_postings_total",
    "Number of the newest stock movement; those that were rolled back have used a number too.",
    kind="counter",
)
def stock_postings() -> float:
    return StockMovement.objects.aggregate(newest=Max("pk"))["newest"] or 0
