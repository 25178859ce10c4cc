"""Currencies that are bought in while nobody keeps their exchange rate up to date."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from ipms import outbox, site
from ipms.models import ExchangeRate, OutboxEvent
from procurement.models import OrderStatus, PurchaseOrder
from suppliers.models import Supplier

#: In these the rate is still to be frozen.
_OPEN = [OrderStatus.DRAFT, OrderStatus.PENDING, OrderStatus.REJECTED]
#: As long as a rate stays old, it is told again after so many days.
_AGAIN_AFTER = timedelta(days=7)


@transaction.atomic
def tell_stale_rates(*, on: date, days: int) -> list[str]:
    """Record `rate.stale` for currencies in use whose newest rate is older than `days`; return them.

    In use are those of open orders and of suppliers that can be ordered from. Told once a week.
    """
    used = set(PurchaseOrder.objects.filter(status__in=_OPEN).order_by().values_list("currency", flat=True))
    used |= set(Supplier.objects.usable().order_by().values_list("currency", flat=True))
    used.discard(site.base_currency())
    newest = dict(
        ExchangeRate.objects.filter(currency__in=used, valid_from__lte=on)
        .order_by()
        .values_list("currency")
        .annotate(newest=Max("valid_from"))
    )
    oldest = on - timedelta(days=days)
    stale = [
        {"currency": currency, "newest": newest[currency].isoformat() if currency in newest else None}
        for currency in sorted(used)
        if currency not in newest or newest[currency] < oldest
    ]
    told = OutboxEvent.objects.filter(topic="rate.stale", created_at__gt=timezone.now() - _AGAIN_AFTER)
    already = list(told.values_list("payload", flat=True))
    fresh = [payload for payload in stale if payload not in already]
    outbox.record_many("rate.stale", fresh)
    return [str(payload["currency"]) for payload in fresh]
