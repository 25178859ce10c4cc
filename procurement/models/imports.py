from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportedLine(models.Model):
    """Which row of which spreadsheet an order line came from, so that a second run changes nothing."""

    source = models.CharField(_("source"), max_length=60)
    key = models.CharField(_("row"), max_length=120, help_text=_("What identifies the row in its source."))
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    order_line = models.ForeignKey(
        "procurement.PurchaseOrderLine",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("order line"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("imported line")
        verbose_name_plural = _("imported lines")
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="imported_line_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"
