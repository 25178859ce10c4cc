from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


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
        return f"{self.code} ({self.name})"
