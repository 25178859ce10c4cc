"""The lines of a stock count, and how what was found compares with what the books say."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from inventory.models.counts import StockCount
from inventory.models.ledger import StockMovement
from ipms.fields import AmountField, QuantityField

#: These move no goods: they put the books right.
_OF_THE_BOOKS = "('opening', 'adjustment', 'count')"
_ON_HAND = """coalesce((
    SELECT b.on_hand FROM inventory_stockbalance b
    WHERE b.item_id = inventory_countline.item_id AND b.location_id = inventory_countline.location_id
        AND b.lot_id IS NOT DISTINCT FROM inventory_countline.lot_id
), 0)"""
#: What goods moved after they were counted. A reversal counts at the moment of what it undoes.
_MOVED_SINCE = f"""coalesce((
    SELECT sum(CASE WHEN m.to_location_id = inventory_countline.location_id THEN m.quantity
        ELSE -m.quantity END)
    FROM inventory_stockmovement m LEFT JOIN inventory_stockmovement undone ON undone.id = m.reverses_id
    WHERE m.item_id = inventory_countline.item_id
        AND m.id > (SELECT c.after_movement FROM inventory_stockcount c
            WHERE c.id = inventory_countline.count_id)
        AND inventory_countline.location_id IN (m.from_location_id, m.to_location_id)
        AND m.lot_id IS NOT DISTINCT FROM inventory_countline.lot_id
        AND coalesce(undone.kind, m.kind) NOT IN {_OF_THE_BOOKS}
        AND coalesce(undone.occurred_at, m.occurred_at) > inventory_countline.counted_at
), 0)"""  # noqa: S608 - built from the constants above
#: What one unit is worth: the average cost, else the unit price where that is in base currency.
_UNIT_COST = """(
    SELECT coalesce(v.value / nullif(v.quantity, 0),
        CASE WHEN i.currency
                = coalesce((SELECT base_currency FROM ipms_sitesettings WHERE id = 1), %(expressions)s)
            THEN i.unit_price END)
    FROM inventory_itemvaluation v JOIN inventory_item i ON i.id = v.item_id
    WHERE v.item_id = inventory_countline.item_id
)"""


class CountLineQuerySet(models.QuerySet["CountLine"]):
    def standing(self) -> Self:
        """Annotate `on_hand`, what the books say now, and `moved_since` the line was counted."""
        return self.annotate(
            on_hand=Func(template=_ON_HAND, output_field=QuantityField()),
            moved_since=Func(template=_MOVED_SINCE, output_field=QuantityField()),
        )

    def compared(self) -> Self:
        """Annotate `expected`, `variance` and `worth`: what was found against what the books say.

        `expected` is what the books say of the moment of counting, in the light of all that is known now:
        what stands, less what goods moved after that moment. It equals what stood when the count began and
        all that was entered since, but for movements of goods that happened after the counting. A movement
        counts by when it happened: one whose paper came late explains a difference, one that happened after
        the counting is none. What moves no goods (an opening balance, an adjustment, another count) puts the
        books right and counts at once; a reversal counts where the movement it undoes did.

        `worth` is the variance at average cost, else at the unit price, in base currency; None where neither
        is known. Of a posted line all are as they were posted. None for what was not counted.
        """
        quantity, amount = QuantityField(), AmountField()
        posted = Q(expected_quantity__isnull=False)
        counted = Q(counted_quantity__isnull=False)
        unit_cost = Func(
            Value(settings.BASE_CURRENCY), template=_UNIT_COST, output_field=models.DecimalField()
        )
        return (
            self.standing()
            .annotate(
                expected=models.Case(
                    models.When(posted, then=F("expected_quantity")),
                    models.When(counted, then=F("on_hand") - F("moved_since")),
                    output_field=quantity,
                )
            )
            .annotate(
                variance=ExpressionWrapper(F("counted_quantity") - F("expected"), output_field=quantity)
            )
            .annotate(
                worth=models.Case(
                    models.When(posted, then=F("posted_value")),
                    models.When(variance=0, then=Value(Decimal(0))),
                    default=ExpressionWrapper(F("variance") * unit_cost, output_field=amount),
                    output_field=amount,
                )
            )
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

    #: Annotated by `CountLineQuerySet.compared`.
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
