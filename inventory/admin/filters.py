"""Filters of the lists of the stores."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory import lots
from inventory.models import Category, ItemStatus, Location, LocationKind

#: A tree is shown by its indentation.
_INDENT = "\N{NO-BREAK SPACE}" * 3

#: Soon is when the first warning goes out.
EXPIRY_DAYS = max(settings.EXPIRY_WARNING_DAYS, default=0)


class ExpiryFilter(admin.SimpleListFilter):
    """Lots in stock that can be used for a few days more, or no more."""

    title = _("expiry")
    parameter_name = "expiry"

    def lookups(self, request, model_admin):
        return [("soon", _("In stock, expires soon"))]

    def queryset(self, request, queryset):
        if self.value() != "soon":
            return queryset
        soon = lots.expiring(on=timezone.localdate(), within_days=EXPIRY_DAYS)
        return queryset.filter(pk__in=soon.values("pk"))


class ItemStatusFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return ItemStatus.choices

    def queryset(self, request, queryset):
        return queryset.in_status(self.value()) if self.value() in ItemStatus.values else queryset


class _TreeFilter(admin.SimpleListFilter):
    """A record with everything below it."""

    def tree(self) -> Any:
        """Return the records of the tree that the filter offers."""
        raise NotImplementedError

    def within(self, queryset: Any, root: int) -> Any:
        raise NotImplementedError

    def lookups(self, request, model_admin):
        return indented(self.tree())

    def queryset(self, request, queryset):
        value = self.value()
        return self.within(queryset, int(value)) if value and value.isdecimal() else queryset


class CategoryFilter(_TreeFilter):
    title = _("category")
    parameter_name = "category"

    def tree(self):
        return Category.objects.all()

    def within(self, queryset, root):
        return queryset.filter(category__in=Category.objects.within(root))


class _LocationFilter(_TreeFilter):
    """Sites and warehouses; bins are too many for a list, and are found by the search."""

    title = _("location")
    parameter_name = "location"

    def tree(self):
        return Location.objects.filter(kind__in=[LocationKind.SITE, LocationKind.WAREHOUSE])


class StockedAtFilter(_LocationFilter):
    """Items that stand somewhere inside a location."""

    title = _("in stock at")

    def within(self, queryset, root):
        inside = Location.objects.within(root)
        return queryset.filter(balances__location__in=inside, balances__on_hand__gt=0).distinct()


class BalanceAtFilter(_LocationFilter):
    def within(self, queryset, root):
        return queryset.filter(location__in=Location.objects.within(root))


class StandsFilter(admin.SimpleListFilter):
    """Without a choice only what stands there; a balance stays when its stock has gone."""

    title = _("stock")
    parameter_name = "stock"

    def lookups(self, request, model_admin):
        return [("reserved", _("Reserved")), ("none", _("Nothing left")), ("all", _("With or without stock"))]

    def queryset(self, request, queryset):
        match self.value():
            case None:
                return queryset.filter(on_hand__gt=0)
            case "reserved":
                return queryset.filter(reserved__gt=0)
            case "none":
                return queryset.filter(on_hand=0)
        return queryset

    def choices(self, changelist):
        first, *others = super().choices(changelist)
        return [{**first, "display": _("In stock")}, *others]


class MovedAtFilter(_LocationFilter):
    """Movements out of a location or into it."""

    def within(self, queryset, root):
        inside = [location.pk for location in Location.objects.within(root)]
        return queryset.filter(Q(from_location__in=inside) | Q(to_location__in=inside))


def indented(records: Any) -> list[tuple[str, str]]:
    """Return the records of a tree as choices, parents before their children, indented by their depth."""
    records = list(records)
    known = {record.pk for record in records}
    children: dict[int | None, list[Any]] = {}
    for record in records:
        parent = record.parent_id if record.parent_id in known else None
        children.setdefault(parent, []).append(record)

    choices: list[tuple[str, str]] = []
    todo = [(record, 0) for record in reversed(children.get(None, []))]
    while todo:
        record, depth = todo.pop()
        choices.append((str(record.pk), f"{_INDENT * depth}{record}"))
        todo += [(child, depth + 1) for child in reversed(children.get(record.pk, []))]
    return choices
