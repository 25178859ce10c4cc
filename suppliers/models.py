from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from ipms import search
from ipms.fields import CurrencyField

_SEARCHED = ("code", "name", "contact_person", "email", "city", "tax_id")


class SupplierStatus(models.TextChoices):
    """Derived from the two flags, never stored."""

    ACTIVE = "active", _("Active")
    ON_HOLD = "on-hold", _("On hold")
    INACTIVE = "inactive", _("Inactive")


class SupplierQuerySet(models.QuerySet["Supplier"]):
    def usable(self) -> Self:
        """Suppliers that can be ordered from now."""
        return self.filter(is_active=True, on_hold=False)

    def in_status(self, status: str) -> Self:
        """Keep the suppliers whose status, by the rule of `Supplier.status`, is `status`."""
        if status == SupplierStatus.INACTIVE:
            return self.filter(is_active=False)
        return self.filter(is_active=True, on_hold=status == SupplierStatus.ON_HOLD)

    def search(self, text: str) -> Self:
        return search.search(self, text)


class Supplier(models.Model):
    """Who sells to us."""

    code = models.CharField(
        _("code"),
        max_length=40,
        validators=[RegexValidator(r"^\S+\Z", _("A code has no spaces."))],
        help_text=_("Unique without regard to case; made from the name when left empty."),
    )
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("email address"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    contact_person = models.CharField(_("contact person"), max_length=120, blank=True)
    address = models.TextField(_("address"), blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    country = CountryField(_("country"), blank=True)
    tax_id = models.CharField(_("tax number"), max_length=40, blank=True)
    currency = CurrencyField(_("currency"), help_text=_("In which this supplier is ordered from as a rule."))
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("Of the papers that are sent to this supplier.")
    )
    payment_terms_days = models.PositiveSmallIntegerField(_("payment terms in days"), default=30)
    lead_time_days = models.PositiveSmallIntegerField(_("lead time in days"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    on_hold = models.BooleanField(
        _("on hold"), default=False, help_text=_("No new orders while it is on hold.")
    )
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True, db_index=True)
    #: What `search` looks at.
    searched = _SEARCHED

    objects = SupplierQuerySet.as_manager()

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("code"),
                name="supplier_code_once",
                violation_error_message=_("A supplier with this code exists."),
            ),
            models.CheckConstraint(condition=~Q(code=""), name="supplier_has_a_code"),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="supplier_name"),
            search.index("supplier", *_SEARCHED),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}" if self.name.upper() != self.code else self.name

    @property
    def status(self) -> SupplierStatus:
        if not self.is_active:
            return SupplierStatus.INACTIVE
        return SupplierStatus.ON_HOLD if self.on_hold else SupplierStatus.ACTIVE
