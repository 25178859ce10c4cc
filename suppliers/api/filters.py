from functools import reduce
from operator import or_

import django_filters
from django_countries import countries

from ipms.api.filters import ChoiceFilter, DayFilter
from suppliers.models import Supplier, SupplierStatus


class _CountriesInput(ChoiceFilter.field_class):
    def clean(self, value):
        return super().clean(value.upper() if value else value)


class CountryFilter(ChoiceFilter):
    """ISO 3166 alpha-2 codes, without regard to case."""

    field_class = _CountriesInput


class SupplierFilter(django_filters.FilterSet):
    status = ChoiceFilter(choices=SupplierStatus.choices, method="in_status")
    country = CountryFilter("country", choices=lambda: list(countries))
    date_from = DayFilter("updated_at", since=True)
    date_to = DayFilter("updated_at", until=True)

    class Meta:
        model = Supplier
        fields: list[str] = []

    def in_status(self, queryset, name, statuses):
        return reduce(or_, (queryset.in_status(status) for status in statuses))
