from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, Count, F, Q, Value, When
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from inventory import gs1
from ipms import search
from ipms.fields import CurrencyField, QuantityField, UnitPriceField

_SEARCHED = ("sku", "name", "barcode", "description")


class Tracking(models.TextChoices):
    NONE = "none", _("None")
    LOT = "lot", _("By lot")
    SERIAL = "serial", _("By serial number")


class ItemStatus(models.TextChoices):
    """Derived from stock, never stored."""

    IN_STOCK = "in-stock", _("In stock")
    LOW_STOCK = "low-stock", _("Low stock")
    OUT_OF_STOCK = "out-of-stock", _("Out of stock")
    INACTIVE = "inactive", _("Inactive")


_AVAILABLE = F("valuation__quantity") - F("valuation__reserved")


def _has_status(status: str) -> Q:
    if status == ItemStatus.INACTIVE:
        return Q(is_active=False)
    active = Q(is_active=True)
    if status == ItemStatus.OUT_OF_STOCK:
        return active & Q(available_value__lte=0)
    active &= Q(available_value__gt=0)
    if status == ItemStatus.LOW_STOCK:
        return active & Q(available_value__lte=F("reorder_level"))
    return active & Q(available_value__gt=F("reorder_level"))


class ItemQuerySet(models.QuerySet["Item"]):
    def named(self, text: str) -> Self:
        """Keep the items whose very SKU or barcode is `text`, as scanners and clerks send it.

        A label with GS1 data names its item by the GTIN in it.
        """
        typed = text.replace("\x00", " ").strip()
        is_sku = Exact(Lower("sku"), Lower(Value(typed)))
        return self.filter(Q(is_sku) | Q(barcode__in=[typed, *gs1.barcodes(typed)])) if typed else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)

    def available(self) -> Self:
        """Annotate `available_value`: on hand less what is reserved, over all locations."""
        return self.annotate(available_value=_AVAILABLE)

    def in_status(self, *statuses: str) -> Self:
        """Keep the items whose status, by the rule of `Item.status`, is one of these."""
        return self.available().filter(reduce(or_, map(_has_status, statuses)))

    def count_by_status(self) -> dict[str, int]:
        """Return how many items are in each status, in one pass over all of them."""
        counts = {status.name: Count("pk", filter=_has_status(status)) for status in ItemStatus}
        found = self.order_by().available().aggregate(**counts)
        return {status.value: found[status.name] for status in ItemStatus}

    def search(self, text: str) -> Self:
        """Keep the items with the words of `text` in sku, name, barcode or description.

        Where `text` is the very SKU or barcode of an item, as scanners and clerks send it, that one comes
        first. A label with GS1 data is its item.
        """
        keys = list(Item.objects.named(text).values_list("pk", flat=True)[:20])
        if keys and gs1.parse(text):
            return self.filter(pk__in=keys)
        found = search.search(self, text)
        if not keys:
            return found
        return found.order_by(Case(When(pk__in=keys, then=0), default=1), "name", "pk")


class Item(models.Model):
    """A thing that is kept in stock, bought or used, known by its SKU."""

    sku = models.CharField(
        _("SKU"), max_length=50, help_text=_("Stock keeping unit; unique without regard to case.")
    )
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    category = models.ForeignKey(
        "inventory.Category",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("category"),
    )
    location = models.ForeignKey(
        "inventory.Location",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("default location"),
    )
    unit = models.ForeignKey(
        "inventory.UnitOfMeasure",
        on_delete=models.PROTECT,
        to_field="code",
        default="EA",
        related_name="+",
        verbose_name=_("unit of measure"),
    )
    barcode = models.CharField(
        _("barcode"), max_length=80, blank=True, db_index=True, help_text=_("Such as a GTIN.")
    )
    unit_price = UnitPriceField(
        _("unit price"),
        default=0,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("What one stock unit costs as a rule."),
    )
    currency = CurrencyField(_("currency"), help_text=_("Of the unit price."))
    reorder_level = QuantityField(
        _("reorder level"),
        default=0,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("At or below it the item is low on stock."),
    )
    reorder_quantity = QuantityField(
        _("reorder quantity"), default=0, validators=[MinValueValidator(Decimal(0))]
    )
    safety_stock = QuantityField(_("safety stock"), default=0, validators=[MinValueValidator(Decimal(0))])
    lead_time_days = models.PositiveSmallIntegerField(_("lead time in days"), null=True, blank=True)
    tracking = models.CharField(_("tracking"), max_length=8, choices=Tracking, default=Tracking.NONE)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True, db_index=True)
    #: What `search` looks at.
    searched = _SEARCHED

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("sku"), name="item_sku_once", violation_error_message=_("An item with this SKU exists.")
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0)
                & Q(reorder_level__gte=0)
                & Q(reorder_quantity__gte=0)
                & Q(safety_stock__gte=0),
                name="item_figures_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="item_name"), search.index("item", *_SEARCHED)]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"

    @property
    def available(self) -> Decimal:
        """On hand less what is reserved, over all locations, in the stock unit."""
        return self.valuation.quantity - self.valuation.reserved

    @property
    def status(self) -> ItemStatus:
        if not self.is_active:
            return ItemStatus.INACTIVE
        if self.available <= 0:
            return ItemStatus.OUT_OF_STOCK
        return ItemStatus.LOW_STOCK if self.available <= self.reorder_level else ItemStatus.IN_STOCK
