from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ipms.fields import CurrencyField, RateField


class ExchangeRate(models.Model):
    """What one unit of a currency was worth in base currency from a day on."""

    currency = CurrencyField(_("currency"))
    rate = RateField(_("rate"), help_text=_("Base currency for one unit of this currency."))
    valid_from = models.DateField(_("valid from"))
    source = models.CharField(_("source"), max_length=120, blank=True, help_text=_("Such as: central bank."))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-valid_from", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="one_rate_per_currency_and_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate.normalize():f} ({self.valid_from})"
