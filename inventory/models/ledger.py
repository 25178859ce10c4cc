from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.models.items import Item
from inventory.models.lots import Lot
from ipms import search
from ipms.fields import AmountField, QuantityField, UnitPriceField


class MovementKind(models.TextChoices):
    OPENING = "opening", _("Opening balance")
    RECEIPT = "receipt", _("Receipt")
    ISSUE = "issue", _("Issue")
    TRANSFER = "transfer", _("Transfer")
    ADJUSTMENT = "adjustment", _("Adjustment")
    COUNT = "count", _("Count")
    RETURN = "return", _("Return")
    SCRAP = "scrap", _("Scrap")
    REVERSAL = "reversal", _("Reversal")


class MovementQuerySet(models.QuerySet["StockMovement"]):
    def search(self, text: str) -> Self:
        """Keep the movements of items that `text` finds, and those with it as reference, document or lot."""
        typed = text.replace("\x00", " ").strip()
        if not typed:
            return self
        return self.filter(
            search.among("item", Item.objects.search(typed))
            | search.among("lot", Lot.objects.filter(number__iexact=typed))
            | Q(reference=typed)
            | Q(document=typed)
        )


class StockMovement(models.Model):
    """One line of the ledger: a quantity that left one location and arrived at another.

    Append-only; written by `inventory.ledger.post` alone. A mistake is corrected by a reversal.
    """

    append_only = True

    kind = models.CharField(_("kind"), max_length=12, choices=MovementKind)
    item = models.ForeignKey(
        "inventory.Item", on_delete=models.PROTECT, related_name="movements", verbose_name=_("item")
    )
    lot = models.ForeignKey(
        "inventory.Lot",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="movements",
        verbose_name=_("lot"),
    )
    quantity = QuantityField(_("quantity"), help_text=_("In the item's stock unit, above zero."))
    from_location = models.ForeignKey(
        "inventory.Location", on_delete=models.PROTECT, related_name="movements_out", verbose_name=_("from")
    )
    to_location = models.ForeignKey(
        "inventory.Location", on_delete=models.PROTECT, related_name="movements_in", verbose_name=_("to")
    )
    unit_cost = UnitPriceField(_("unit cost"), help_text=_("In base currency."))
    value = AmountField(_("value"), help_text=_("In base currency."))
    on_hand_after = QuantityField(
        _("on hand after"),
        help_text=_("Of the item, over all real locations, once this movement was posted."),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    document = models.CharField(
        _("document"), max_length=40, blank=True, help_text=_("The number of the document that caused it.")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("actor")
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    posted_at = models.DateTimeField(_("posted at"))
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering = ["-id"]
        permissions = [
            ("move_stock", _("Can add, remove and transfer stock")),
            ("adjust_stock", _("Can adjust stock to a counted quantity")),
            ("reverse_movement", _("Can reverse a stock movement")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="movement_moves_something"),
            models.CheckConstraint(
                condition=~Q(from_location=F("to_location")), name="movement_goes_elsewhere"
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0) & Q(unit_cost__gte=0), name="movement_value_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=F("posted_at")), name="movement_occurred_before_it_was_posted"
            ),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False)
                | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="reversal_names_what_it_undoes",
            ),
        ]
        indexes = [
            models.Index(fields=["item", "-id"], name="movement_item"),
            models.Index(fields=["from_location", "-id"], name="movement_from"),
            models.Index(fields=["to_location", "-id"], name="movement_to"),
            models.Index(fields=["occurred_at"], name="movement_occurred"),
            # The books' clock follows the order of the rows: a small index that costs a posting nothing.
            BrinIndex(fields=["posted_at"], name="movement_posted", autosummarize=True, pages_per_range=32),
            models.Index(fields=["reference"], name="movement_reference"),
            models.Index(fields=["document"], name="movement_document"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class StockBalance(models.Model):
    """What stands at one location; written only by `ledger.post`, with the movement behind it."""

    item = models.ForeignKey(
        "inventory.Item", on_delete=models.PROTECT, related_name="balances", verbose_name=_("item")
    )
    location = models.ForeignKey(
        "inventory.Location", on_delete=models.PROTECT, related_name="balances", verbose_name=_("location")
    )
    lot = models.ForeignKey(
        "inventory.Lot",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="balances",
        verbose_name=_("lot"),
    )
    on_hand = QuantityField(_("on hand"), default=0)
    reserved = QuantityField(_("reserved"), default=0)

    class Meta:
        verbose_name = _("stock balance")
        verbose_name_plural = _("stock balances")
        ordering = ["item", "location", "lot"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "location", "lot"],
                nulls_distinct=False,
                name="one_balance_per_item_location_lot",
            ),
            models.CheckConstraint(
                condition=Q(on_hand__gte=0) & Q(reserved__gte=0) & Q(reserved__lte=F("on_hand")),
                name="balance_covers_what_is_reserved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} @ {self.location_id}: {self.on_hand}"

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved


class ItemValuation(models.Model):
    """Quantity and value of an item over all real locations, in base currency.

    Made with its item by a trigger. The row is also the item's lock: whoever holds it owns every balance of
    the item until the transaction ends.
    """

    item = models.OneToOneField(
        "inventory.Item",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="valuation",
        verbose_name=_("item"),
    )
    quantity = QuantityField(_("quantity"), default=0)
    reserved = QuantityField(_("reserved"), default=0)
    value = AmountField(_("value"), default=0)
    # Of a new item, too: what never stood above its level cannot fall to it.
    is_low = models.BooleanField(
        _("known as low"),
        default=True,
        db_default=True,
        help_text=_("Stood at or below its reorder level when that was last looked at."),
    )

    class Meta:
        verbose_name = _("item valuation")
        verbose_name_plural = _("item valuations")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=0) & Q(value__gte=0) & (Q(quantity__gt=0) | Q(value=0)),
                name="valuation_without_stock_is_zero",
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & Q(reserved__lte=F("quantity")),
                name="valuation_covers_what_is_reserved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.quantity}"

    @property
    def average_cost(self) -> Decimal:
        """The moving average cost of one stock unit in base currency (IAS 2, par. 27); zero without stock."""
        return average(self.value, self.quantity)


def average(value: Decimal, quantity: Decimal) -> Decimal:
    """Return value / quantity with the eight decimals of a unit cost; zero where there is no quantity."""
    if not quantity:
        return Decimal(0)
    with localcontext(prec=60):
        return (value / quantity).quantize(Decimal("1e-8"), rounding=ROUND_HALF_UP)
