from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from inventory.models import Item
from ipms import search
from ipms.fields import AmountField, CurrencyField, QuantityField, RateField, UnitPriceField
from suppliers.models import Supplier


class OrderStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PENDING = "pending", _("Pending")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    PARTIALLY_DELIVERED = "partially_delivered", _("Partially delivered")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")


#: Where an order may go from here. A status that is not a key is final.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    OrderStatus.DRAFT: (OrderStatus.PENDING, OrderStatus.CANCELLED),
    OrderStatus.PENDING: (OrderStatus.APPROVED, OrderStatus.REJECTED, OrderStatus.CANCELLED),
    OrderStatus.REJECTED: (OrderStatus.PENDING,),
    OrderStatus.APPROVED: (OrderStatus.PARTIALLY_DELIVERED, OrderStatus.DELIVERED, OrderStatus.CANCELLED),
    OrderStatus.PARTIALLY_DELIVERED: (OrderStatus.PARTIALLY_DELIVERED, OrderStatus.DELIVERED),
}

#: In these an order may still be edited.
EDITABLE = (OrderStatus.DRAFT, OrderStatus.PENDING, OrderStatus.REJECTED)
#: In these the company is committed to the purchase.
COMMITTED = (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED, OrderStatus.DELIVERED)


#: More terms than this are not how people search.
_MAX_TERMS = 8


class PurchaseOrderQuerySet(models.QuerySet["PurchaseOrder"]):
    def search(self, text: str) -> Self:
        """Keep the orders that have every term of `text` in number, reference, supplier or an item of a line.

        Suppliers and items are found as `ipms.search` does: by the beginnings of words, and with slips only
        where nothing has them all.
        """
        terms = [(term, search.words_of(term)) for term in text.split()[:_MAX_TERMS]]
        exact = self._with_terms(terms)
        return exact if not terms or exact.order_by().exists() else self._with_terms(terms, similar=True)

    def _with_terms(self, terms: list[tuple[str, tuple[str, ...]]], *, similar: bool = False) -> Self:
        found = self
        for term, words in terms:
            found = found.filter(pk__in=_orders_with(term, words, similar=similar))
        return found


def _orders_with(
    term: str, words: tuple[str, ...], *, similar: bool
) -> "models.QuerySet[PurchaseOrder, Any]":
    """Return the keys of the orders that have one term, each branch by its own index."""
    orders, lines = PurchaseOrder.objects.order_by(), PurchaseOrderLine.objects.order_by()
    by_number = orders.filter(Q(po_number__icontains=term) | Q(reference__icontains=term)).values("pk")
    if not words:
        return by_number
    matching = search.matching(words, similar=similar)
    return by_number.union(
        orders.filter(search.among("supplier", Supplier.objects.filter(matching))).values("pk"),
        lines.filter(search.among("item", Item.objects.filter(matching))).values("order"),
        all=True,
    )


class PurchaseOrder(models.Model):
    """What is asked of a supplier. Changed by `procurement.ordering` and `procurement.receiving` alone."""

    po_number = models.CharField(_("order number"), max_length=20, unique=True, editable=False)
    supplier = models.ForeignKey(
        "suppliers.Supplier", on_delete=models.PROTECT, related_name="orders", verbose_name=_("supplier")
    )
    status = models.CharField(
        _("status"), max_length=20, choices=OrderStatus, default=OrderStatus.PENDING, editable=False
    )
    currency = CurrencyField(_("currency"))
    exchange_rate = RateField(
        _("exchange rate"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Base currency for one unit of the order's; frozen at approval."),
    )
    exchange_rate_source = models.CharField(
        _("source of the rate"), max_length=200, blank=True, editable=False
    )
    subtotal = AmountField(_("subtotal"), default=0, editable=False)
    tax_amount = AmountField(_("tax"), default=0, editable=False)
    total_amount = AmountField(_("total"), default=0, editable=False)
    total_base = AmountField(
        _("total in base currency"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Once a rate is known."),
    )
    ordered_on = models.DateField(_("ordered on"))
    expected_date = models.DateField(_("expected on"), null=True, blank=True)
    deliver_to = models.ForeignKey(
        "inventory.Location",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("deliver to"),
    )
    notes = models.TextField(_("notes"), blank=True)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="orders_made",
        editable=False,
        verbose_name=_("made by"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, editable=False)
    approved_limit = AmountField(
        _("limit of the approver"),
        null=True,
        editable=False,
        help_text=_("In base currency; empty for none."),
    )
    rejected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("rejected by"),
    )
    rejection_reason = models.TextField(_("reason of the rejection"), blank=True, editable=False)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True, db_index=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        ordering = ["-id"]
        permissions = [
            ("approve_purchaseorder", _("Can approve and reject orders made by others")),
            ("deliver_purchaseorder", _("Can receive the goods of an order")),
            ("change_any_purchaseorder", _("Can edit and cancel orders made by others")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("created_by")),
                name="order_not_approved_by_its_maker",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "partially_delivered", "delivered"])
                | Q(
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    exchange_rate__isnull=False,
                    total_base__isnull=False,
                ),
                name="committed_order_has_approver_and_rate",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(approved_limit__isnull=True)
                | Q(total_base__lte=F("approved_limit")),
                name="order_within_the_limit_of_its_approver",
            ),
            models.CheckConstraint(
                condition=~Q(status="rejected") | (Q(rejected_by__isnull=False) & ~Q(rejection_reason="")),
                name="rejected_order_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(total_amount=F("subtotal") + F("tax_amount")), name="order_total_is_its_parts"
            ),
            models.CheckConstraint(
                condition=Q(exchange_rate__isnull=True) | Q(exchange_rate__gt=0),
                name="order_rate_is_positive",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="order_status"),
            models.Index(fields=["supplier", "-id"], name="order_supplier"),
            models.Index(fields=["reference"], name="order_reference"),
            GinIndex(OpClass(Upper("po_number"), name="gin_trgm_ops"), name="order_number_part"),
            GinIndex(OpClass(Upper("reference"), name="gin_trgm_ops"), name="order_reference_part"),
        ]

    def __str__(self) -> str:
        return self.po_number or str(_("new purchase order"))

    @property
    def is_editable(self) -> bool:
        return self.status in EDITABLE

    def lock(self) -> None:
        """Lock the row and re-read it: two clicks on one button become one transition."""
        self.refresh_from_db(from_queryset=PurchaseOrder.objects.select_for_update(no_key=True))


class PurchaseOrderLine(models.Model):
    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="lines", verbose_name=_("order")
    )
    number = models.PositiveSmallIntegerField(_("line"))
    item = models.ForeignKey(
        "inventory.Item", on_delete=models.PROTECT, related_name="order_lines", verbose_name=_("item")
    )
    description = models.CharField(_("description"), max_length=300, blank=True)
    quantity = QuantityField(_("quantity"), validators=[MinValueValidator(Decimal("0.0001"))])
    unit_price = UnitPriceField(_("unit price"), validators=[MinValueValidator(Decimal(0))])
    tax_rate = models.DecimalField(
        _("tax rate"),
        max_digits=7,
        decimal_places=4,
        default=0,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
        help_text=_("In percent."),
    )
    line_total = AmountField(_("line total"), default=0, editable=False, help_text=_("Without tax."))
    tax_amount = AmountField(_("tax"), default=0, editable=False)
    received_quantity = QuantityField(_("received"), default=0, editable=False)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["order", "number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="order_line_number_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_asks_for_something"),
            models.CheckConstraint(
                condition=Q(received_quantity__gte=0) & Q(received_quantity__lte=F("quantity")),
                name="order_line_received_within_ordered",
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0) & Q(tax_rate__gte=0) & Q(tax_rate__lte=100),
                name="order_line_price_and_tax_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} / {self.number}"

    @property
    def outstanding_quantity(self) -> Decimal:
        return self.quantity - self.received_quantity


class OrderHistory(models.Model):
    """One transition of an order: from where to where, by whom, when and why. Append-only."""

    append_only = True

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.PROTECT, related_name="history", verbose_name=_("order")
    )
    from_status = models.CharField(_("from"), max_length=20, choices=OrderStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=20, choices=OrderStatus)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)
    comment = models.TextField(_("comment"), blank=True)

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("history")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.order}: {self.from_status} → {self.to_status}"
