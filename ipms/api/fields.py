"""Serializer fields: exact numbers as strings, UTC times, records by their natural key."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import get_attribute

from ipms import fields as model_fields
from ipms import money, site
from ipms.api.natural_keys import Keys, NotFoundByKey

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_LONGEST = 60
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

DECIMAL_SCHEMA = {"type": "string", "format": "decimal", "example": "12.50"}


class ExactDecimalField(serializers.Field):
    """A decimal: a string or a number comes in, a string goes out, nothing is ever rounded on the way in.

    Zero is the least it takes unless `minimum` says otherwise (None for no limit); with `above_zero`
    zero is refused.
    """

    digits: int
    places: int
    default_error_messages = {
        "invalid": _("A number is needed, such as “12.5”."),
        "too_fine": _("At most %(places)s decimals."),
        "too_large": _("At most %(whole)s digits before the decimal point."),
        "below_minimum": _("At least %(minimum)s."),
        "not_above_zero": _("Must be greater than zero."),
    }

    def __init__(self, *, above_zero: bool = False, minimum: Decimal | int | None = 0, **kwargs: Any) -> None:
        # What DRF hands over for a decimal model field; the precision is this field's own.
        for name in ("max_digits", "decimal_places", "max_value", "min_value"):
            kwargs.pop(name, None)
        self.above_zero = above_zero
        self.minimum = minimum
        super().__init__(**kwargs)

    def fail(self, key: str, **kwargs: Any) -> None:
        raise serializers.ValidationError(self.error_messages[key] % kwargs, code=key)

    def to_internal_value(self, data):
        number = self._read(data)
        if number:
            if number.adjusted() >= self.digits - self.places:
                self.fail("too_large", whole=self.digits - self.places)
            if number.adjusted() < -self.places or number != round(number, self.places):
                self.fail("too_fine", places=self.places)
        if self.above_zero and number <= 0:
            self.fail("not_above_zero")
        if self.minimum is not None and number < self.minimum:
            self.fail("below_minimum", minimum=self.minimum)
        return round(number, self.places) + 0  # never a negative zero

    def _read(self, data) -> Decimal:
        if isinstance(data, str) and len(data) <= _LONGEST and _NUMBER.fullmatch(data.strip()):
            return Decimal(data.strip())
        if isinstance(data, Decimal) and data.is_finite():
            return data
        if isinstance(data, int) and not isinstance(data, bool) and abs(data) < 10**_LONGEST:
            return Decimal(data)
        return self.fail("invalid")

    def to_representation(self, value):
        return money.plain(Decimal(value))


@extend_schema_field(
    {**DECIMAL_SCHEMA, "example": "2.5", "description": "Up to 4 decimals, in its shortest form."}
)
class QuantityField(ExactDecimalField):
    """A quantity, up to four decimals, sent in its shortest form."""

    digits, places = model_fields.QuantityField.digits, model_fields.QuantityField.places


@extend_schema_field({**DECIMAL_SCHEMA, "description": "Up to 8 decimals, at least 2 in an answer."})
class UnitPriceField(ExactDecimalField):
    """A price of one unit, up to eight decimals, sent with at least two."""

    digits, places = model_fields.UnitPriceField.digits, model_fields.UnitPriceField.places

    def to_representation(self, value):
        whole, _point, decimals = money.plain(Decimal(value)).partition(".")
        return f"{whole}.{decimals:0<2}"


@extend_schema_field({**DECIMAL_SCHEMA, "example": "0.00078", "description": "Up to 10 decimals."})
class RateField(ExactDecimalField):
    """An exchange rate or a percentage."""

    digits, places = model_fields.RateField.digits, model_fields.RateField.places


@extend_schema_field(
    {**DECIMAL_SCHEMA, "description": "With the decimals of its currency's minor unit (ISO 4217)."}
)
class AmountField(ExactDecimalField):
    """Money, sent with the decimals of its currency.

    `currency` is the path of the currency from the record that holds the amount, such as
    `"order.currency"`; without it the amount is in base currency.
    """

    digits, places = model_fields.AmountField.digits, model_fields.AmountField.places

    def __init__(self, *, currency: str | None = None, **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(**kwargs)

    def get_attribute(self, instance):
        value = super().get_attribute(instance)
        return value if value is None else (value, self._currency_of(instance))

    def to_representation(self, value):
        amount, currency = value if isinstance(value, tuple) else (value, self._currency_of(None))
        return format(money.round_amount(Decimal(amount), currency), "f")

    def _currency_of(self, instance) -> str:
        if self.currency and instance is not None:
            return get_attribute(instance, self.currency.split("."))
        return base_currency(self.context)


def base_currency(context: dict[str, Any]) -> str:
    """Return the site's base currency, asked once for each answer."""
    if "base_currency" not in context:
        context["base_currency"] = site.base_currency()
    return context["base_currency"]


class MomentField(serializers.DateTimeField):
    """A time, sent in UTC with `Z`; one without an offset is taken as UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)


class DayField(serializers.DateField):
    """A date, `YYYY-MM-DD` and nothing else."""

    default_error_messages = {"invalid": _("A date is needed, such as 2031-05-31.")}

    def to_internal_value(self, value):
        if isinstance(value, str) and _DAY.fullmatch(value.strip()):
            try:
                return date.fromisoformat(value.strip())
            except ValueError:
                pass
        return self.fail("invalid")


class CurrencyField(serializers.CharField):
    """An ISO 4217 code, taken without regard to case."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["max_length"] = 3
        super().__init__(**kwargs)
        if money.validate_currency not in self.validators:
            self.validators.append(money.validate_currency)

    def to_internal_value(self, data):
        return super().to_internal_value(data).upper()


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "description": "Its id."},
            {"type": "string", "description": "Its natural key, without regard to case."},
            {"type": "object", "additionalProperties": True, "description": "As reads give it."},
        ]
    }
)
class RecordField(serializers.Field):
    """Another record: its id or natural key comes in, a small object goes out.

    `shows` lists the attributes of that object, or maps the names of the API to attributes or methods.
    A read-only field needs no `queryset`.
    """

    default_error_messages = {"invalid": _("An id or a key is needed.")}

    def __init__(
        self,
        queryset: QuerySet | None = None,
        natural_key: str | None = None,
        *,
        shows: Sequence[str] | Mapping[str, str] = ("id", "name"),
        **kwargs: Any,
    ) -> None:
        if queryset is None:
            kwargs["read_only"] = True
        else:
            self.keys = Keys(queryset, natural_key)
        self.shows = dict(shows) if isinstance(shows, Mapping) else {name: name for name in shows}
        self._loaded: dict[Any, Any] = {}
        super().__init__(**kwargs)

    def load(self, values: Sequence[Any]) -> None:
        """Fetch the records of many rows with one query, before the rows are validated one by one."""
        keys = (self.keys.normal(value) for value in values)
        self._loaded = dict.fromkeys(keys) | self.keys.get_many(values)

    def to_internal_value(self, data):
        key = self.keys.normal(data)
        if key is None:
            self.fail("invalid")
        try:
            if key in self._loaded:
                return self.keys.found(data, self._loaded[key])
            return self.keys.get(data)
        except NotFoundByKey as error:
            raise serializers.ValidationError(str(error), code="does_not_exist") from error

    def to_representation(self, value):
        return {name: _plain(getattr(value, attribute)) for name, attribute in self.shows.items()}


def _plain(value: Any) -> Any:
    return value() if callable(value) else value
