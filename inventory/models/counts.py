"""Stock counts: what is to be counted, how far it is, and who says so."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.abc_xyz import Importance


class CountStatus(models.TextChoices):
    OPEN = "open", _("To count")
    COUNTING = "counting", _("Counting")
    SUBMITTED = "submitted", _("To review")
    POSTED = "posted", _("Posted")
    CANCELLED = "cancelled", _("Cancelled")


#: Where a count may go from here. A status that is not a key is final.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    CountStatus.OPEN: (CountStatus.COUNTING, CountStatus.CANCELLED),
    CountStatus.COUNTING: (CountStatus.SUBMITTED, CountStatus.CANCELLED),
    CountStatus.SUBMITTED: (CountStatus.COUNTING, CountStatus.POSTED, CountStatus.CANCELLED),
}
#: In these figures are entered.
COUNTABLE = (CountStatus.OPEN, CountStatus.COUNTING)
#: In these somebody still has something to do.
UNFINISHED = (*COUNTABLE, CountStatus.SUBMITTED)


class StockCountQuerySet(models.QuerySet["StockCount"]):
    def with_progress(self) -> Self:
        """Annotate `line_total`, `counted_total` and `recount_total`: how far the counting is."""
        from inventory.models.count_lines import CountLine

        lines = CountLine.objects.filter(count=models.OuterRef("pk")).order_by().values("count")

        def number(**which: object) -> models.Expression:
            counted = lines.filter(**which).annotate(number=models.Count("pk")).values("number")
            return models.functions.Coalesce(models.Subquery(counted), 0)

        return self.annotate(
            line_total=number(),
            counted_total=number(counted_quantity__isnull=False, needs_recount=False),
            recount_total=number(needs_recount=True),
        )


class StockCount(models.Model):
    """A stock count (cycle count): which shelves, who counted, who approved. Changed by `counting` alone."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    status = models.CharField(
        _("status"), max_length=12, choices=CountStatus, default=CountStatus.OPEN, editable=False
    )
    is_blind = models.BooleanField(
        _("blind"), default=False, help_text=_("Who counts does not see what the books say.")
    )
    location = models.ForeignKey(
        "inventory.Location",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("location"),
        help_text=_("With what is inside."),
    )
    category = models.ForeignKey(
        "inventory.Category",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
        help_text=_("With its sub-categories."),
    )
    abc_class = models.CharField(
        _("ABC class"),
        max_length=1,
        choices=Importance,
        blank=True,
        help_text=_("By the value that was used in the last 365 days."),
    )
    named_items = models.PositiveIntegerField(
        _("items named"),
        default=0,
        editable=False,
        help_text=_("Zero where items were not named one by one."),
    )
    includes_empty = models.BooleanField(
        _("with empty places"),
        default=False,
        help_text=_("Also items that should stand there, but of which the books have nothing."),
    )
    notes = models.TextField(_("notes"), blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("made by"),
    )
    started_at = models.DateTimeField(_("started at"), editable=False)
    after_movement = models.BigIntegerField(
        _("newest movement at the start"),
        editable=False,
        help_text=_("Whatever moved since the count was started has a higher key."),
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("submitted by"),
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = StockCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        ordering = ["-id"]
        permissions = [("approve_stockcount", _("Can review and approve stock counts"))]
        constraints = [
            # That nobody approves what he counted himself is held by a trigger: the lines say who counted.
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("submitted_by")),
                name="count_not_approved_by_who_submitted_it",
            ),
            models.CheckConstraint(
                condition=~Q(status="posted")
                | Q(
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    submitted_by__isnull=False,
                    submitted_at__isnull=False,
                ),
                name="posted_count_was_submitted_and_approved",
            ),
            models.CheckConstraint(
                condition=Q(location__isnull=False)
                | Q(category__isnull=False)
                | ~Q(abc_class="")
                | Q(named_items__gt=0),
                name="count_says_what_is_counted",
            ),
        ]
        indexes = [models.Index(fields=["status", "-id"], name="count_status")]

    def __str__(self) -> str:
        return self.number or str(_("new stock count"))

    @property
    def is_countable(self) -> bool:
        return self.status in COUNTABLE

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    def hides_books_from(self, user: object) -> bool:
        """Say whether this person must not see what the books say: of a blind count until it is posted."""
        return (
            self.is_blind
            and self.status != CountStatus.POSTED
            and not user.has_perm("inventory.approve_stockcount")  # type: ignore[attr-defined]
        )

    def lock(self) -> None:
        """Lock the row and re-read it: two clicks on one button become one transition."""
        self.refresh_from_db(from_queryset=StockCount.objects.select_for_update(no_key=True))


class CountHistory(models.Model):
    """One transition of a count: from where to where, by whom, when and why. Append-only."""

    append_only = True

    count = models.ForeignKey(
        StockCount, on_delete=models.PROTECT, related_name="history", verbose_name=_("stock count")
    )
    from_status = models.CharField(_("from"), max_length=12, choices=CountStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=12, choices=CountStatus)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)
    comment = models.TextField(_("comment"), blank=True)

    class Meta:
        verbose_name = _("transition of a count")
        verbose_name_plural = _("history of counts")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.count}: {self.from_status} → {self.to_status}"
