from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from ipms.fields import AmountField, CurrencyField


def default_base_currency() -> str:
    return settings.BASE_CURRENCY


class SiteSettings(models.Model):
    """What a site sets once: its name, country, base currency, time zone, logo and language. One row."""

    organisation = models.CharField(_("organisation"), max_length=200, default="IPMS")
    country = CountryField(_("country"), blank=True)
    base_currency = CurrencyField(
        _("base currency"),
        default=default_base_currency,
        help_text=_("All stock values and approval limits are in it. It cannot change once stock has moved."),
    )
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=10, default="en")
    address = models.TextField(_("address"), blank=True)
    logo = models.FileField(
        _("logo"), upload_to="site/", blank=True, validators=[FileExtensionValidator(["png", "jpg", "jpeg"])]
    )
    service_level = models.DecimalField(
        _("service level"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(95),
        validators=[MinValueValidator(Decimal(50)), MaxValueValidator(Decimal("99.99"))],
        help_text=_("In percent: how often stock shall last until the goods come. More needs more stock."),
    )
    review_period_days = models.PositiveSmallIntegerField(
        _("days that an order covers"),
        default=30,
        validators=[MinValueValidator(1)],
        help_text=_("Of expected demand, for items without a reorder quantity of their own."),
    )
    default_lead_time_days = models.PositiveSmallIntegerField(
        _("usual lead time in days"),
        default=30,
        help_text=_("From order to shelf, where neither receipts nor the item nor its supplier say more."),
    )
    order_cost = AmountField(
        _("cost of an order"),
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.0001"))],
        help_text=_("In base currency. With the cost of holding stock, economic quantities are suggested."),
    )
    holding_cost_rate = models.DecimalField(
        _("cost of holding stock"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("In percent of its value and year."),
    )

    class Meta:
        verbose_name = _("site settings")
        verbose_name_plural = _("site settings")
        permissions = [("view_health", _("Can see the health of the site"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_site_settings"),
            models.CheckConstraint(
                condition=models.Q(service_level__gte=50, service_level__lt=100),
                name="service_level_can_be_met",
            ),
            models.CheckConstraint(
                condition=models.Q(review_period_days__gte=1), name="an_order_covers_a_day_at_least"
            ),
        ]

    def __str__(self) -> str:
        return self.organisation

    def clean(self) -> None:
        from zoneinfo import available_timezones

        if self.timezone not in available_timezones():
            raise ValidationError({"timezone": _("Not a time zone of the IANA list, such as Africa/Kigali.")})
