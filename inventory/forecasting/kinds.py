"""What kind of demand a series shows: how often something is asked for, and how much that varies."""

from collections.abc import Sequence
from math import sqrt

from django.db import models
from django.utils.translation import gettext_lazy as _

#: Mean interval between demands, in periods, from which demand counts as intermittent.
INTERVAL_CUT_OFF = 1.32
#: Squared coefficient of variation of the sizes of demand from which these count as varying.
SIZE_CUT_OFF = 0.49


class DemandKind(models.TextChoices):
    """How demand comes."""

    NONE = "none", _("No demand")
    SMOOTH = "smooth", _("Smooth")
    ERRATIC = "erratic", _("Erratic")
    INTERMITTENT = "intermittent", _("Intermittent")
    LUMPY = "lumpy", _("Lumpy")

    @property
    def is_sporadic(self) -> bool:
        """Say whether many periods go by without any demand."""
        return self in (DemandKind.INTERMITTENT, DemandKind.LUMPY)


class Regularity(models.TextChoices):
    """How regularly an item is used, for the XYZ analysis."""

    X = "X", _("Regular")
    Y = "Y", _("Varying")
    Z = "Z", _("Irregular")


def interval(values: Sequence[float]) -> float | None:
    """Return the mean number of periods from one demand to the next (ADI); None without any demand."""
    demands = sum(1 for value in values if value > 0)
    return len(values) / demands if demands else None


def squared_variation(values: Sequence[float]) -> float | None:
    """Return the squared coefficient of variation: variance over squared mean; None where the mean is zero.

    The variance is that of the whole population, for the series is all there is.
    """
    if not values or not (total := sum(values)):
        return None
    mean = total / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values) / mean**2


def variation(values: Sequence[float]) -> float | None:
    """Return the coefficient of variation: standard deviation over mean; None where the mean is zero."""
    squared = squared_variation(values)
    return None if squared is None else sqrt(squared)


def kind_of(values: Sequence[float]) -> DemandKind:
    """Return the kind of demand of a series.

    Source: Syntetos, Boylan & Croston, "On the categorization of demand patterns", *Journal of the
    Operational Research Society* 56 (2005), 495-503: cut-offs 1.32 for the mean interval between demands and
    0.49 for the squared coefficient of variation of their sizes.
    """
    sizes = [value for value in values if value > 0]
    if not sizes:
        return DemandKind.NONE
    is_rare = len(values) / len(sizes) >= INTERVAL_CUT_OFF
    is_uneven = (squared_variation(sizes) or 0.0) >= SIZE_CUT_OFF
    if is_rare:
        return DemandKind.LUMPY if is_uneven else DemandKind.INTERMITTENT
    return DemandKind.ERRATIC if is_uneven else DemandKind.SMOOTH


def regularity_of(values: Sequence[float]) -> Regularity:
    """Return the class of the XYZ analysis, by the coefficient of variation of the demand of all periods.

    X up to 0.5, Y up to 1.0, Z above it or without any demand: the borders in common use. Source of the
    method: Scholz-Reiter, Heger, Meinecke & Bergmann, "Integration of demand forecasts in ABC-XYZ analysis",
    *International Journal of Productivity and Performance Management* 61 (2012), 445-451.
    """
    coefficient = variation(values)
    if coefficient is None or coefficient > 1.0:
        return Regularity.Z
    return Regularity.X if coefficient <= 0.5 else Regularity.Y
