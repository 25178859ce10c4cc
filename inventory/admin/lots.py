from django.contrib import admin
from django.db.models import DecimalField, F, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.admin import expiry
from inventory.admin.filters import ExpiryFilter
from inventory.models import Item, Lot
from inventory.resources import LotResource
from ipms.admin.base import DomainAdmin
from ipms.admin.cards import CardsMixin
from ipms.admin.display import choice_badge, link, numeric, quantity
from ipms.admin.spreadsheets import ExportMixin


@admin.register(Lot)
class LotAdmin(ExportMixin, CardsMixin, DomainAdmin):
    change_form_template = CardsMixin.change_form_template
    form_is_behind = True
    resource_classes = [LotResource]
    export_permission = "inventory.change_lot"

    list_display = ["number", "item_link", "expiry", "state", "stands"]
    list_select_related = ["item"]
    list_filter = [ExpiryFilter, "status"]
    date_hierarchy = "expires_on"
    search_fields = ["number"]
    search_help_text = _("Beginning of the lot's number, or its item")
    autocomplete_fields = ["item"]
    fields = [("item", "number"), ("expires_on", "status")]

    def get_queryset(self, request):
        zero = Value(0, output_field=DecimalField())
        return super().get_queryset(request).annotate(on_hand=Coalesce(Sum("balances__on_hand"), zero))

    def get_readonly_fields(self, request, obj=None):
        # Movements name the lot: it cannot become another item's.
        return ["item"] if obj else []

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        numbered = queryset.filter(number__istartswith=typed)
        if numbered.exists():
            return numbered, False
        return queryset.filter(item__in=Item.objects.search(typed)), False

    def get_ordering(self, request):
        return [F("expires_on").asc(nulls_last=True), "pk"]

    @admin.display(description=_("item"), ordering="item__name")
    def item_link(self, lot):
        return link(lot.item)

    @admin.display(description=_("expires on"), ordering="expires_on")
    def expiry(self, lot):
        return expiry.expiry_badge(lot, on=timezone.localdate())

    @admin.display(description=_("status"), ordering="status")
    def state(self, lot):
        return choice_badge(lot)

    @numeric(description=_("on hand"), ordering="on_hand")
    def stands(self, lot):
        return quantity(lot.on_hand, lot.item.unit_id)
