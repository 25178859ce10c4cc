"""What PostgreSQL can sum up and Django has no word for."""

from django.db import models


class Median(models.Aggregate):
    """The middle of integers that are not null; between two of them, half way.

    It is a float (SQL: `percentile_cont`), which holds the half of an integer exactly.
    """

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = models.FloatField()


class Mean(models.Avg):
    """The arithmetic mean as an exact decimal number, where Django would answer with a float."""

    output_field = models.DecimalField()


class DaysBetween(models.Func):
    """Whole days from one date to a later one; null where either is."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = models.IntegerField()

    def __init__(self, since: models.Expression | models.F, until: models.Expression | models.F) -> None:
        super().__init__(until, since)
