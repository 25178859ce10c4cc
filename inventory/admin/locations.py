from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.models import Location, LocationKind
from inventory.resources import LocationResource
from ipms.admin.base import DomainAdmin
from ipms.admin.cards import CardsMixin
from ipms.admin.display import badge
from ipms.admin.object_actions import ObjectAction
from ipms.admin.spreadsheets import SpreadsheetMixin

ACTIONS = [
    ObjectAction(
        name="move",
        label=_("Issue and transfer"),
        style="primary",
        permission="inventory.move_stock",
        allowed=lambda location, user: location.is_real and location.is_active,
        page=lambda location: reverse("admin:inventory_handling", query={"location": location.code}),
    ),
    ObjectAction(
        name="count",
        label=_("Count"),
        permission="inventory.add_stockcount",
        allowed=lambda location, user: location.is_real and location.is_active,
        page=lambda location: reverse("admin:inventory_stockcount_add", query={"location": location.pk}),
    ),
]


class KindFilter(admin.SimpleListFilter):
    """Without a choice only what stands inside the gate."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        real = [(str(kind), kind.label) for kind in LocationKind.real()]
        return [*real, ("outside", _("Outside the gate"))]

    def choices(self, changelist):
        first, *others = super().choices(changelist)
        return [{**first, "display": _("Inside the gate")}, *others]

    def queryset(self, request, queryset):
        match self.value():
            case None:
                return queryset.real()
            case "outside":
                return queryset.exclude(kind__in=LocationKind.real())
            case kind:
                return queryset.filter(kind=kind)


@admin.register(Location)
class LocationAdmin(SpreadsheetMixin, CardsMixin, DomainAdmin):
    """Places that hold stock; the virtual ones outside the gate can be looked at, not changed."""

    change_form_template = CardsMixin.change_form_template
    form_is_behind = True
    resource_classes = [LocationResource]
    object_actions = ACTIONS
    export_permission = "inventory.change_location"

    list_display = ["code", "name", "kind_badge", "parent", "is_active"]
    list_display_links = ["code", "name"]
    list_select_related = ["parent"]
    list_filter = [KindFilter, "is_active"]
    search_fields = ["code", "name"]
    search_help_text = _("Code or name")
    autocomplete_fields = ["parent"]
    fields = [("code", "name"), ("kind", "parent"), "is_active"]

    def get_search_results(self, request, queryset, search_term):
        """Offer only what can hold stock where a location is chosen."""
        if request.resolver_match.url_name == "autocomplete":
            queryset = queryset.real().filter(is_active=True)
        return super().get_search_results(request, queryset, search_term)

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "kind":
            kwargs["choices"] = [(kind, kind.label) for kind in LocationKind.real()]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        return (obj is None or obj.is_real) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return (obj is None or obj.is_real) and super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs, request):
        return super().get_deleted_objects(
            objs.filter(Q(kind__in=LocationKind.real())) if hasattr(objs, "filter") else objs, request
        )

    @admin.display(description=_("kind"), ordering="kind")
    def kind_badge(self, location):
        return badge(location.kind, location.get_kind_display(), tone="info" if location.is_real else "quiet")
