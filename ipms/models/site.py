from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from ipms.fields import CurrencyField


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

    class Meta:
        verbose_name = _("site settings")
        verbose_name_plural = _("site settings")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_site_settings")]

    def __str__(self) -> str:
        return self.organisation

    def clean(self) -> None:
        from zoneinfo import available_timezones

        if self.timezone not in available_timezones():
            raise ValidationError({"timezone": _("Not a time zone of the IANA list, such as Africa/Kigali.")})
