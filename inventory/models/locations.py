from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ipms.trees import TreeModel, TreeQuerySet


class LocationKind(models.TextChoices):
    SITE = "site", _("Site")
    WAREHOUSE = "warehouse", _("Warehouse")
    ZONE = "zone", _("Zone")
    BIN = "bin", _("Bin")
    # Where stock comes from or goes to outside the gate: one virtual location of each, made by a migration.
    SUPPLIER = "supplier", _("Supplier")
    CONSUMPTION = "consumption", _("Consumption")
    ADJUSTMENT = "adjustment", _("Adjustment")
    SCRAP = "scrap", _("Scrap")
    OPENING = "opening", _("Opening balance")

    @classmethod
    def real(cls) -> list["LocationKind"]:
        return [cls.SITE, cls.WAREHOUSE, cls.ZONE, cls.BIN]

    @classmethod
    def virtual(cls) -> list["LocationKind"]:
        return [kind for kind in cls if kind not in cls.real()]


class LocationQuerySet(TreeQuerySet):
    def real(self) -> Self:
        """Only what stands inside the gate and can hold a balance."""
        return self.filter(kind__in=LocationKind.real())

    def virtual(self, kind: LocationKind) -> "Location":
        """Return the one location of a virtual kind."""
        location: Location = self.get(kind=kind)
        return location


class Location(TreeModel):
    """A place that holds stock (site > warehouse > zone > bin), or one of the virtual counterparts."""

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=LocationKind, default=LocationKind.WAREHOUSE)
    is_active = models.BooleanField(_("active"), default=True)

    objects = LocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                Lower("code"),
                name="location_code_once",
                violation_error_message=_("A location with this code exists."),
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=~Q(kind__in=["site", "warehouse", "zone", "bin"]),
                name="one_virtual_location_of_each_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["site", "warehouse", "zone", "bin"]) | Q(parent=None, is_active=True),
                name="virtual_location_stands_alone",
            ),
        ]

    def __str__(self) -> str:
        name = self.name if self.is_real else self.get_kind_display()
        return f"{self.code} {name}" if name != self.code else self.code

    @property
    def is_real(self) -> bool:
        return self.kind in LocationKind.real()
