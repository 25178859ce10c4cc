"""The lines of a stock count, and how what was found compares with what the books say."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from inventory.models.counts import StockCount
from inventory.models.ledger import StockMovement
from ipms.fields import AmountField, QuantityField
from ipms.models import SiteSettings


class CountLineQuerySet(models.QuerySet["CountLine"]):
    def compared(self) -> Self:
        """Annotate `expected`, `variance` and `worth`: what was found against what the books say.

        See `CountComparison`. `worth` is at the unit price where there is no average cost, and the price is
        in base currency.
        """
        stored = SiteSettings.objects.filter(pk=1).values("base_currency")
        base = Coalesce(Subquery(stored), Value(settings.BASE_CURRENCY))
        at_price = ExpressionWrapper(F("comparison__variance") * F("item__unit_price"), AmountField())
        return self.annotate(
            expected=F("comparison__expected"),
            variance=F("comparison__variance"),
            worth=Case(
                When(comparison__worth__isnull=False, then=F("comparison__worth")),
                When(item__currency=base, then=at_price),
                output_field=AmountField(),
            ),
        )

    def counted(self) -> Self:
        """Keep the lines whose figure stands: counted, and nobody asks for another one."""
        return self.filter(counted_quantity__isnull=False, needs_recount=False)

    def uncounted(self) -> Self:
        """Keep the lines that are still to be counted, or counted again."""
        return self.filter(Q(counted_quantity__isnull=True) | Q(needs_recount=True))


class CountLine(models.Model):
    """What one place holds of an item and lot: by the books when the count began, and as it was found."""

    count = models.ForeignKey(
        StockCount, on_delete=models.CASCADE, related_name="lines", verbose_name=_("stock count")
    )
    item = models.ForeignKey(
        "inventory.Item", on_delete=models.PROTECT, related_name="+", verbose_name=_("item")
    )
    location = models.ForeignKey(
        "inventory.Location", on_delete=models.PROTECT, related_name="+", verbose_name=_("location")
    )
    lot = models.ForeignKey(
        "inventory.Lot",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lot"),
    )
    book_quantity = QuantityField(
        _("by the books"),
        default=0,
        help_text=_("When the count began; of an added line, when it was added."),
    )
    counted_quantity = QuantityField(_("counted"), null=True, blank=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("counted by"),
    )
    counted_at = models.DateTimeField(_("counted at"), null=True)
    needs_recount = models.BooleanField(_("to be counted again"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    is_added = models.BooleanField(
        _("added"), default=False, help_text=_("Found where the books have nothing of it.")
    )
    expected_quantity = QuantityField(
        _("by the books when counted"), null=True, editable=False, help_text=_("Once the count is posted.")
    )
    posted_value = AmountField(
        _("value of the variance"),
        null=True,
        editable=False,
        help_text=_("In base currency, below zero for a shortage."),
    )
    movement = models.OneToOneField(
        StockMovement,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("movement"),
    )

    #: Annotated by `compared`.
    expected: Decimal
    variance: Decimal
    worth: Decimal | None

    objects = CountLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a count")
        verbose_name_plural = _("lines of counts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["count", "item", "location", "lot"],
                nulls_distinct=False,
                name="one_count_line_per_item_location_lot",
            ),
            models.CheckConstraint(
                condition=Q(counted_quantity__isnull=True, counted_by__isnull=True, counted_at__isnull=True)
                | Q(counted_quantity__gte=0, counted_by__isnull=False, counted_at__isnull=False),
                name="counted_line_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(needs_recount=True) | Q(counted_quantity__isnull=False),
                name="only_what_was_counted_is_counted_again",
            ),
            models.CheckConstraint(
                condition=Q(expected_quantity__isnull=True, posted_value__isnull=True, movement__isnull=True)
                | Q(
                    expected_quantity__isnull=False,
                    posted_value__isnull=False,
                    counted_quantity__isnull=False,
                    needs_recount=False,
                ),
                name="posted_line_was_counted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count_id} / {self.item_id} @ {self.location_id}"


class CountComparison(models.Model):
    """What was found against what the books say, of each line: a view of the database, worked out when asked.

    `expected` is what the books say of the moment of counting, in the light of all that is known now: what
    stands, less what goods moved after that moment. It equals what stood when the count began and all that
    was entered since, but for movements of goods that happened after the counting. A movement counts by when
    it happened: one whose paper came late explains a difference, one that happened after the counting is
    none. What moves no goods (an opening balance, an adjustment, another count) puts the books right and
    counts at once; a reversal counts where the movement it undoes did.

    `worth` is the variance at average cost in base currency; None where nothing is in stock. Of a posted line
    all are as they were posted; None for what was not counted.
    """

    line = models.OneToOneField(
        CountLine, on_delete=models.DO_NOTHING, primary_key=True, related_name="comparison"
    )
    expected = QuantityField(_("by the books when counted"), null=True)
    variance = QuantityField(_("difference"), null=True)
    worth = AmountField(_("value of the difference"), null=True)

    class Meta:
        managed = False
        default_permissions = ()
        db_table = "inventory_countcomparison"
        verbose_name = _("comparison with the books")
        verbose_name_plural = _("comparisons with the books")

    def __str__(self) -> str:
        return f"{self.line_id}: {self.variance}"
