"""Exchange rates in spreadsheets."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from ipms import validation
from ipms.columns import Column, CurrencyColumn, DayColumn, NumberColumn
from ipms.importing.registry import importable
from ipms.models import ExchangeRate
from ipms.resources import RecordResource, Row


@importable("ipms.exchangerate", permissions=["ipms.add_exchangerate", "ipms.change_exchangerate"])
class ExchangeRateResource(RecordResource):
    """Rates by currency and the day from which they hold."""

    title = gettext_lazy("Exchange rates")
    model = ExchangeRate
    key = "currency"

    currency = CurrencyColumn(is_required=True, example="EUR")
    valid_from = DayColumn(is_required=True, example="2031-07-01")
    rate = NumberColumn(
        is_required=True, hint=gettext_lazy("base currency for one unit of this currency"), example="1.0842"
    )
    source = Column(example="Central bank")

    def required(self) -> list[str]:
        return ["currency", "valid_from"]

    def key_of(self, row: Row) -> Any:
        currency, day = row.values.get("currency"), row.values.get("valid_from")
        return (currency, day) if currency and day else None

    def stored(self, rows: Sequence[Row]) -> Mapping[Any, ExchangeRate]:
        keys = [self.key_of(row) for row in rows]
        found = ExchangeRate.objects.select_for_update(no_key=True).filter(
            currency__in={currency for currency, _day in keys},
            valid_from__in={day for _currency, day in keys},
        )
        return {(rate.currency, rate.valid_from): rate for rate in found}

    def create(self, values: dict[str, Any], *, by: Any) -> ExchangeRate:
        rate = ExchangeRate(**values, created_by=by)
        validation.check(rate, key="valid_from")
        rate.save()
        return rate

    def change(self, record: Any, values: dict[str, Any], *, by: Any) -> None:
        for name, value in values.items():
            setattr(record, name, value)
        validation.check(record, key="valid_from")
        record.save()
