"""Serializers: what is shown, and what a command takes. They check shape and hold no business."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ipms import fields as model_fields
from ipms.api.fields import (
    AmountField,
    CurrencyField,
    DayField,
    MomentField,
    QuantityField,
    RateField,
    RecordField,
    UnitPriceField,
)

_UNKNOWN = _("There is no such field.")


class BulkListSerializer(serializers.ListSerializer):
    """Rows whose records are fetched with one query for each field, not one for each row.

    Errors come as a list with an object for each row, empty where the row is in order.
    """

    def to_internal_value(self, data):
        if isinstance(data, list):
            self._load_records([row for row in data if isinstance(row, Mapping)])
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError(_of_rows(error.detail, data)) from error

    def _load_records(self, rows):
        for name, field in self.child.fields.items():
            if isinstance(field, RecordField) and not field.read_only:
                field.load([row[name] for row in rows if name in row])


def _of_rows(errors, rows):
    if isinstance(errors, dict) and "non_field_errors" in errors:
        return errors["non_field_errors"]  # not a list at all, or too long a one
    return [errors.get(number, {}) for number in range(len(rows))] if isinstance(errors, dict) else errors


class StrictFieldsMixin:
    """Names unknown fields as errors; ignores fields that the record shows but nobody writes.

    Ignored are read-only fields, those in `ignored_fields`, and, for the outermost serializer, those that
    the view names in the context (see `DomainViewSet.command`).
    """

    ignored_fields: frozenset[str] = frozenset()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if not hasattr(cls, "Meta"):
            cls.Meta = type("Meta", (), {})
        if not hasattr(cls.Meta, "list_serializer_class"):
            cls.Meta.list_serializer_class = BulkListSerializer

    def to_internal_value(self, data):
        unknown = self._unknown(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **unknown}) from error
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    def _unknown(self, data):
        known = {*self.fields, *self.ignored_fields}
        if self.parent is None:
            known |= set(self.context.get("ignored_fields", ()))
        return {name: [_UNKNOWN] for name in data if name not in known}


class CommandSerializer(StrictFieldsMixin, serializers.Serializer):
    """What a verb takes."""


class RecordSerializer(StrictFieldsMixin, serializers.ModelSerializer):
    """What a record shows, with the precision and the form of each kind of field."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        model_fields.QuantityField: QuantityField,
        model_fields.UnitPriceField: UnitPriceField,
        model_fields.AmountField: AmountField,
        model_fields.RateField: RateField,
        model_fields.CurrencyField: CurrencyField,
        models.DateTimeField: MomentField,
        models.DateField: DayField,
    }
