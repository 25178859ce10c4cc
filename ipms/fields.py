"""Model fields whose precision is decided once: quantities, unit prices, amounts, rates."""

from django.db import models


class _FixedDecimalField(models.DecimalField):
    digits: int
    places: int

    def __init__(self, verbose_name=None, name=None, **kwargs):
        kwargs["max_digits"] = self.digits
        kwargs["decimal_places"] = self.places
        super().__init__(verbose_name, name, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs


class QuantityField(_FixedDecimalField):
    """A quantity in an item's stock unit: up to four decimals."""

    digits, places = 18, 4


class UnitPriceField(_FixedDecimalField):
    """A price or cost of one stock unit: up to eight decimals, often an amount divided by a quantity."""

    digits, places = 20, 8


class AmountField(_FixedDecimalField):
    """Money, rounded to the minor unit of its currency; four decimals hold every ISO 4217 minor unit."""

    digits, places = 24, 4


class RateField(_FixedDecimalField):
    """An exchange rate: base currency for one unit of the other currency."""

    digits, places = 20, 10


class CurrencyField(models.CharField):
    """An ISO 4217 code."""

    def __init__(self, verbose_name=None, name=None, **kwargs):
        from ipms.money import validate_currency

        kwargs["max_length"] = 3
        super().__init__(verbose_name, name, **kwargs)
        self.validators = [*self.validators, validate_currency]

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        kwargs.pop("validators", None)
        return name, path, args, kwargs
