from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from inventory import items
from inventory.admin import filters, stock
from inventory.models import Item, StockBalance
from inventory.resources import ItemResource
from ipms import mail, site
from ipms.admin import currencies, pickers
from ipms.admin.base import DomainAdmin
from ipms.admin.cards import CardsMixin
from ipms.admin.columns import in_base_currency, with_base_currency
from ipms.admin.display import amount, badge, number, numeric, quantity
from ipms.admin.object_actions import ObjectAction
from ipms.admin.spreadsheets import SpreadsheetMixin

COUNT = ObjectAction(
    name="count",
    label=_("Count"),
    permission="inventory.add_stockcount",
    allowed=lambda item, user: item.is_active,
    page=lambda item: reverse("admin:inventory_stockcount_add", query={"items": item.pk}),
)


class NewItemForm(forms.ModelForm):
    """An item, with what stands of it already."""

    quantity = pickers.FigureField(
        label=_("opening balance"),
        required=False,
        min_value=0,
        help_text=_("What stands at the default location already; empty for nothing."),
    )
    unit_cost = pickers.FigureField(
        label=_("unit cost"),
        required=False,
        min_value=0,
        help_text=_("Of the opening balance, in base currency; the unit price when left empty."),
    )
    lot = forms.CharField(label=_("lot"), required=False, max_length=80, help_text=_("Of a tracked item."))
    expires_on = forms.DateField(label=_("expires on"), required=False, widget=pickers.DateInput)


@admin.register(Item)
class ItemAdmin(SpreadsheetMixin, CardsMixin, DomainAdmin):
    change_form_template = CardsMixin.change_form_template
    form_is_behind = True
    resource_classes = [ItemResource]
    export_permission = "inventory.change_item"
    background_export = "inventory"
    background_filters = {
        "status": "status",
        "category": "category",
        "location": "location",
        "tracking__exact": "tracking",
    }
    object_actions = [*stock.ACTIONS, COUNT]
    formfield_overrides = currencies.CHOSEN

    list_display = ["sku", "name", "state", "on_hand", "available", "average_cost", "value"]
    list_display_links = ["sku", "name"]
    list_filter = [
        filters.ItemStatusFilter,
        filters.CategoryFilter,
        filters.StockedAtFilter,
        "tracking",
    ]
    search_fields = ["sku", "name", "barcode", "description"]
    search_help_text = _("SKU, name, barcode or description")
    autocomplete_fields = ["category", "location"]
    fieldsets = [
        (None, {"fields": [("sku", "barcode"), "name", "description", ("category", "is_active")]}),
        (
            _("Stock keeping"),
            {
                "fields": [
                    ("unit", "tracking", "location"),
                    ("reorder_level", "reorder_quantity"),
                    ("safety_stock", "lead_time_days"),
                ]
            },
        ),
        (_("Price"), {"fields": [("unit_price", "currency")]}),
    ]
    opening_fieldset = (
        _("Opening balance"),
        {"fields": [("quantity", "unit_cost"), ("lot", "expires_on")]},
    )

    def get_queryset(self, request):
        items = with_base_currency(super().get_queryset(request))
        return items.select_related("valuation", "unit", "category", "location")

    def get_urls(self):
        find = path("find/", self.admin_site.admin_view(self.find_view), name="inventory_item_find")
        return [find, *super().get_urls()]

    def find_view(self, request):
        """Lead straight to the item whose SKU or barcode was typed or scanned, else to what is like it.

        The QR code of a label or a paper is the address of its record: that is opened.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        typed = request.GET.get(SEARCH_VAR, "").strip()
        back_office = mail.absolute(reverse("admin:index"))
        if typed.startswith(back_office):
            return HttpResponseRedirect(reverse("admin:index") + typed.removeprefix(back_office))
        found = Item.objects.named(typed)[:2]
        if len(found) == 1:
            return HttpResponseRedirect(reverse("admin:inventory_item_change", args=[found[0].pk]))
        return HttpResponseRedirect(
            reverse("admin:inventory_item_changelist", query={SEARCH_VAR: typed} if typed else None)
        )

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else [*self.fieldsets, self.opening_fieldset]

    def get_form(self, request, obj=None, change=False, **kwargs):
        if not change:
            kwargs["form"] = NewItemForm
        return super().get_form(request, obj, change, **kwargs)

    def get_changeform_initial_data(self, request):
        return {"currency": site.base_currency(), **super().get_changeform_initial_data(request)}

    def create(self, request, values, lines):
        return items.create(by=request.user, **values)

    def change(self, request, item, values, lines):
        items.update(item, **values)

    def remove(self, item, *, by):
        items.delete(item)

    def get_object_summary(self, request, item):
        balances = StockBalance.objects.filter(item=item, on_hand__gt=0).select_related("location", "lot")
        return [
            (_("On hand"), quantity(item.valuation.quantity, item.unit_id)),
            (_("Available"), quantity(item.available, item.unit_id)),
            *((_stands_at(balance), quantity(balance.on_hand, item.unit_id)) for balance in balances[:8]),
        ]

    @admin.display(description=_("status"))
    def state(self, item):
        return badge(item.status, item.status.label)

    @numeric(description=_("on hand"), ordering="valuation__quantity")
    def on_hand(self, item):
        return quantity(item.valuation.quantity, item.unit_id)

    @numeric(description=_("available"), ordering=F("valuation__quantity") - F("valuation__reserved"))
    def available(self, item):
        return quantity(item.available)

    @numeric(description=in_base_currency(_("average cost")))
    def average_cost(self, item):
        return number(round(item.valuation.average_cost, 4))

    @numeric(description=in_base_currency(_("value")), ordering="valuation__value")
    def value(self, item):
        return amount(item.valuation.value, item.base_currency)


def _stands_at(balance: StockBalance) -> str:
    return f"{balance.location.code} · {balance.lot}" if balance.lot else balance.location.code
