from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

#: `StockClosing.until` of a closing after which nothing moved.
OPEN = date(9999, 12, 31)

_SUM: dict[str, Any] = {"max_digits": 30, "decimal_places": 4}


class StockMonth(models.Model):
    """What movements of a month brought to a real location less what they took, of one item.

    Months are those of UTC, named by their first day. A paper that came late stands in the month when it
    happened, apart from those that were posted in that month. Written by `reporting.stock_roll_up` alone.
    """

    item = models.ForeignKey(
        "inventory.Item",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("item"),
    )
    location = models.ForeignKey(
        "inventory.Location",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("location"),
    )
    occurred_month = models.DateField(_("month in which it happened"))
    posted_month = models.DateField(_("month in which it was posted"))
    quantity = models.DecimalField(_("quantity"), **_SUM)
    value = models.DecimalField(_("value"), **_SUM, help_text=_("In base currency."))

    class Meta:
        verbose_name = _("stock moved in a month")
        verbose_name_plural = _("stock moved by month")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["item", "location", "occurred_month", "posted_month"], name="stock_month_once"
            ),
            models.CheckConstraint(
                condition=Q(occurred_month__lte=F("posted_month")), name="stock_month_posted_afterwards"
            ),
        ]
        indexes = [
            models.Index(fields=["occurred_month"], name="stock_month_occurred"),
            models.Index(
                fields=["posted_month"],
                condition=Q(posted_month__gt=F("occurred_month")),
                name="stock_month_late",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} @ {self.location_id}, {self.occurred_month:%Y-%m}: {self.quantity}"


class StockClosing(models.Model):
    """What stood at a real location at the end of a month in which it moved: the running sum of the months.

    It holds from the end of `month` until the end of the month before `until`, the next one in which
    something moved. Written by `reporting.stock_roll_up` alone.
    """

    item = models.ForeignKey(
        "inventory.Item",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("item"),
    )
    location = models.ForeignKey(
        "inventory.Location",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("location"),
    )
    month = models.DateField(_("month"))
    until = models.DateField(_("until"), default=OPEN)
    quantity = models.DecimalField(_("quantity"), **_SUM)
    value = models.DecimalField(_("value"), **_SUM, help_text=_("In base currency."))

    class Meta:
        verbose_name = _("month-end stock")
        verbose_name_plural = _("month-end stock")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["item", "location", "month"], name="stock_closing_once"),
            models.CheckConstraint(condition=Q(month__lt=F("until")), name="stock_closing_holds_a_while"),
        ]
        indexes = [
            models.Index(fields=["until", "month"], name="stock_closing_until"),
            models.Index(fields=["month"], name="stock_closing_month"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} @ {self.location_id}, {self.month:%Y-%m}: {self.quantity}"


class StockRollUp(models.Model):
    """How far the ledger has been summed up. One row."""

    watermark = models.BigIntegerField(
        _("summed up to"),
        default=0,
        help_text=_("Every movement up to this key is in the sums, and none beyond it."),
    )
    candidate = models.BigIntegerField(
        _("next to be summed up to"), default=0, help_text=_("Once nothing can be missing below it.")
    )
    candidate_number = models.BigIntegerField(
        _("transaction"),
        default=0,
        help_text=_("The candidate holds when every transaction with a smaller number has ended."),
    )
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("state of the stock's sums")
        verbose_name_plural = _("state of the stock's sums")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_stock_roll_up")]

    def __str__(self) -> str:
        return str(self.watermark)
