from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _


class LotStatus(models.TextChoices):
    AVAILABLE = "available", _("Available")
    QUARANTINE = "quarantine", _("Quarantine")
    RECALLED = "recalled", _("Recalled")
    EXPIRED = "expired", _("Expired")


class Lot(models.Model):
    """A batch of one item, or one serial number of it."""

    item = models.ForeignKey(
        "inventory.Item", on_delete=models.PROTECT, related_name="lots", verbose_name=_("item")
    )
    number = models.CharField(_("number"), max_length=80)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=LotStatus, default=LotStatus.AVAILABLE)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        # First expired, first out; what never expires comes last.
        ordering = [F("expires_on").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                "item", Lower("number"), name="lot_number_once", violation_error_message=_("This lot exists.")
            )
        ]
        # For `iexact` and `istartswith`, whatever the item.
        indexes = [models.Index(OpClass(Upper("number"), name="text_pattern_ops"), name="lot_number_begins")]

    def __str__(self) -> str:
        return self.number


class LotWarning(models.Model):
    """That a lot is about to expire has been told, for one of the site's thresholds. Once each."""

    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="+", verbose_name=_("lot"))
    # An expiry that was corrected is warned of anew.
    expires_on = models.DateField(_("expires on"))
    days = models.PositiveSmallIntegerField(_("days before"))
    told_at = models.DateTimeField(_("told at"), auto_now_add=True)

    class Meta:
        verbose_name = _("warning of expiry")
        verbose_name_plural = _("warnings of expiry")
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "expires_on", "days"], name="lot_warned_of_once_per_threshold"
            )
        ]

    def __str__(self) -> str:
        return f"{self.lot_id}: {self.days}"
