"""Filters of the lists of purchasing."""

from django.contrib import admin
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from procurement.models import OrderStatus
from suppliers.models import Supplier

#: A longer list is no help: who is not in it is found by the search.
_OFFERED = 25


class SupplierFilter(admin.SimpleListFilter):
    """The suppliers that are ordered from most."""

    title = _("supplier")
    parameter_name = "supplier__id__exact"
    path = "supplier"

    def lookups(self, request, model_admin):
        found = Supplier.objects.annotate(order_count=Count("orders")).filter(order_count__gt=0)
        chosen = [(str(supplier.pk), str(supplier)) for supplier in found.order_by("-order_count")[:_OFFERED]]
        value = request.GET.get(self.parameter_name, "")
        if value.isdecimal() and value not in dict(chosen):
            chosen += [(value, str(supplier)) for supplier in Supplier.objects.filter(pk=value)]
        return chosen

    def queryset(self, request, queryset):
        value = self.value()
        return queryset.filter(**{self.path: value}) if value and value.isdecimal() else queryset


class SupplierOfOrderFilter(SupplierFilter):
    parameter_name = "order__supplier__id__exact"
    path = "order__supplier"


class DueFilter(admin.SimpleListFilter):
    """Approved orders whose goods are still to come."""

    title = _("delivery")
    parameter_name = "due"

    def lookups(self, request, model_admin):
        return [("open", _("To receive")), ("overdue", _("Overdue")), ("today", _("Expected today"))]

    def queryset(self, request, queryset):
        if self.value() not in ("open", "overdue", "today"):
            return queryset
        queryset = queryset.filter(status__in=[OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED])
        if self.value() == "overdue":
            return queryset.filter(expected_date__lt=timezone.localdate())
        if self.value() == "today":
            return queryset.filter(expected_date=timezone.localdate())
        return queryset
