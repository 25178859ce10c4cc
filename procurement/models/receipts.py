from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from ipms.fields import QuantityField


class GoodsReceipt(models.Model):
    """The note of what came (GRN): one delivery against one order. Written by `receiving.receive` alone."""

    number = models.CharField(_("receipt number"), max_length=20, unique=True)
    order = models.ForeignKey(
        "procurement.PurchaseOrder",
        on_delete=models.PROTECT,
        related_name="receipts",
        verbose_name=_("order"),
    )
    reference = models.CharField(
        _("reference"), max_length=100, blank=True, help_text=_("Such as the supplier's delivery note.")
    )
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("received by")
    )
    occurred_at = models.DateTimeField(_("received at"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("goods receipt")
        verbose_name_plural = _("goods receipts")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["occurred_at"], name="receipt_occurred"),
            # For `istartswith`.
            models.Index(
                OpClass(Upper("reference"), name="text_pattern_ops"), name="receipt_reference_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class GoodsReceiptLine(models.Model):
    receipt = models.ForeignKey(
        GoodsReceipt, on_delete=models.PROTECT, related_name="lines", verbose_name=_("goods receipt")
    )
    order_line = models.ForeignKey(
        "procurement.PurchaseOrderLine",
        on_delete=models.PROTECT,
        related_name="receipt_lines",
        verbose_name=_("order line"),
    )
    quantity = QuantityField(_("quantity"))
    movement = models.OneToOneField(
        "inventory.StockMovement",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("stock movement"),
    )

    class Meta:
        verbose_name = _("receipt line")
        verbose_name_plural = _("receipt lines")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="receipt_line_receives_something")
        ]

    def __str__(self) -> str:
        return f"{self.receipt} {self.quantity}"
