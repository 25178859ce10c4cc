from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

#: Names with which a site begins; one that the site gave itself is shown as it was given.
NAMES = [
    gettext_noop("each"),
    gettext_noop("one"),
    gettext_noop("piece"),
    gettext_noop("pair"),
    gettext_noop("set"),
    gettext_noop("dozen"),
    gettext_noop("hundred"),
    gettext_noop("thousand"),
    gettext_noop("kilogram"),
    gettext_noop("gram"),
    gettext_noop("milligram"),
    gettext_noop("tonne (metric ton)"),
    gettext_noop("pound"),
    gettext_noop("ounce"),
    gettext_noop("litre"),
    gettext_noop("millilitre"),
    gettext_noop("cubic metre"),
    gettext_noop("gallon (US)"),
    gettext_noop("metre"),
    gettext_noop("millimetre"),
    gettext_noop("centimetre"),
    gettext_noop("foot"),
    gettext_noop("inch"),
    gettext_noop("square metre"),
    gettext_noop("hour"),
    gettext_noop("day"),
    gettext_noop("kilowatt hour"),
    gettext_noop("box"),
    gettext_noop("package"),
    gettext_noop("bag"),
    gettext_noop("carton"),
    gettext_noop("drum"),
    gettext_noop("bottle"),
    gettext_noop("roll"),
    gettext_noop("pallet"),
    gettext_noop("tin"),
    gettext_noop("kit"),
]


class UnitOfMeasure(models.Model):
    """A unit in which stock is kept, by its UN/ECE Recommendation 20 code where there is one."""

    code = models.CharField(_("code"), max_length=8, unique=True)
    name = models.CharField(_("name"), max_length=60)
    decimals = models.PositiveSmallIntegerField(
        _("decimals"),
        default=4,
        validators=[MaxValueValidator(4)],
        help_text=_("How finely stock is counted in this unit: 0 for whole pieces only, up to 4."),
    )

    class Meta:
        verbose_name = _("unit of measure")
        verbose_name_plural = _("units of measure")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=models.Q(decimals__lte=4), name="unit_has_at_most_four_decimals")
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.in_words})"

    @property
    def in_words(self) -> str:
        """Return the name in the reader's language, where it is one of those that a site begins with."""
        return gettext(self.name) if self.name in NAMES else self.name
