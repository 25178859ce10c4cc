from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.models.orders import PurchaseOrder


class OverdueNotice(models.Model):
    """That an order is overdue has been told, for one week of its lateness. Once each."""

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="+", verbose_name=_("order")
    )
    # A date that was put off counts anew.
    expected_date = models.DateField(_("expected on"))
    week = models.PositiveSmallIntegerField(_("weeks late"))
    told_at = models.DateTimeField(_("told at"), auto_now_add=True)

    class Meta:
        verbose_name = _("overdue notice")
        verbose_name_plural = _("overdue notices")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "expected_date", "week"], name="order_overdue_told_once_a_week"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.week}"
