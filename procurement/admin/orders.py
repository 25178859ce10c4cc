from typing import Any

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, strip_tags
from django.utils.http import urlencode
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from ipms.admin import currencies
from ipms.admin.base import DomainAdmin
from ipms.admin.cards import CardsMixin
from ipms.admin.columns import in_base_currency, with_base_currency
from ipms.admin.display import (
    EMPTY,
    amount,
    apart,
    badge,
    choice_badge,
    money,
    numeric,
)
from ipms.admin.spreadsheets import SpreadsheetMixin
from procurement import ordering
from procurement.admin import actions, approving, filters
from procurement.admin.history_import import HistoryImportMixin
from procurement.admin.order_form import LineEntryMixin, LineInline, NewOrderForm, draft_of
from procurement.admin.receiving import ReceivingMixin
from procurement.drafts import OrderDraft
from procurement.models import OrderStatus, PurchaseOrder
from procurement.resources import OrderResource

_DECISIONS = ("approve", "reject")
#: In these somebody is waiting for something.
_OPEN = (OrderStatus.DRAFT, OrderStatus.PENDING, OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(
    LineEntryMixin, ReceivingMixin, HistoryImportMixin, SpreadsheetMixin, CardsMixin, DomainAdmin
):
    change_form_template = "admin/procurement/purchaseorder/change_form.html"
    import_export_change_list_template = "admin/procurement/purchaseorder/change_list.html"
    resource_classes = [OrderResource]
    export_permission = "procurement.approve_purchaseorder"
    object_actions = actions.OBJECT_ACTIONS
    bulk_actions = actions.BULK_ACTIONS
    formfield_overrides = currencies.CHOSEN

    list_display = [
        "po_number",
        "state",
        "supplier_name",
        "total",
        "created_by",
        "age",
        "expected",
    ]
    background_export = "purchase-orders"
    background_filters = {
        "status__exact": "status",
        "supplier__id__exact": "supplier",
        "created_by__id__exact": "created_by",
    }
    list_filter = ["status", filters.DueFilter, filters.SupplierFilter, "created_by"]
    search_fields = ["po_number", "reference", "supplier__name"]
    search_help_text = _("Number, reference, supplier or item")
    date_hierarchy = "created_at"
    # Not by number: a history that is imported today is older than what was ordered yesterday.
    ordering = ["-ordered_on", "-id"]
    autocomplete_fields = ["supplier", "deliver_to"]
    inlines = [LineInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("supplier", "currency"),
                    ("ordered_on", "expected_date", "deliver_to"),
                    "reference",
                    "notes",
                ]
            },
        ),
    ]

    def get_queryset(self, request):
        return with_base_currency(super().get_queryset(request)).select_related("supplier", "created_by")

    # From the list of those that wait for a decision one comes back to it, with its filters.

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["back_url"] = approving.back_of(request)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def object_action_buttons(self, request, obj):
        buttons = super().object_action_buttons(request, obj)
        if back := approving.back_of(request):
            for button in buttons:
                if button["action"].name in _DECISIONS:
                    button["url"] += f"?{urlencode({approving.BACK: back})}"
        return buttons

    def object_action_view(self, request, object_id, action_name):
        response = super().object_action_view(request, object_id, action_name)
        back = approving.back_of(request)
        if back and action_name in _DECISIONS and isinstance(response, HttpResponseRedirect):
            # The order is in the list no more; what was done is said above it.
            return HttpResponseRedirect(back.partition("#")[0])
        return response

    # Its maker and those who may change any order change it, until it is approved. Nobody deletes one.

    def has_change_permission(self, request, obj=None):
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or (obj.is_editable and actions.may_change(obj, request.user))

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fieldsets(self, request, obj=None):
        if obj:
            return self.fieldsets
        (name, options), *others = self.fieldsets
        return [(name, {**options, "fields": [*options["fields"], "submit"]}), *others]

    def get_form(self, request, obj=None, change=False, **kwargs):
        if not change:
            kwargs["form"] = NewOrderForm
        form = super().get_form(request, obj, change, **kwargs)
        if not change and "currency" in form.base_fields:
            form.base_fields["currency"] = currencies.CurrencyChoiceField(
                label=_("currency"), required=False, help_text=_("The supplier's when left empty.")
            )
        return form

    def get_changeform_initial_data(self, request):
        return {"ordered_on": timezone.localdate(), **super().get_changeform_initial_data(request)}

    def create(self, request, values, lines):
        submit = values.pop("submit", True)
        draft = OrderDraft(**values, lines=[draft_of(line) for line in lines["lines"]])
        return ordering.place(draft, by=request.user, submit=submit)

    def change(self, request, order, values, lines):
        ordering.revise(order, by=request.user, lines=[draft_of(line) for line in lines["lines"]], **values)

    def get_object_summary(self, request, order):
        return [
            (_("Supplier"), order.supplier),
            (_("Total"), money(order.total_amount, order.currency)),
            *_in_base(order),
            (_("Made by"), order.created_by),
            (_("Lines"), order.lines.count()),
        ]

    def describe(self, order):
        total = money(order.total_amount, order.currency)
        return apart(order, order.supplier.name, total, order.created_by)

    @admin.display(description=_("status"), ordering="status")
    def state(self, order):
        return choice_badge(order)

    @admin.display(description=_("supplier"), ordering="supplier__name")
    def supplier_name(self, order):
        return order.supplier.name

    @numeric(description=in_base_currency(_("total")), ordering="total_base")
    def total(self, order):
        """In base currency, as orders are compared; in the order's own until a rate is known."""
        own = money(order.total_amount, order.currency)
        if order.total_base is None:
            return own
        if order.currency == order.base_currency:
            return amount(order.total_base, order.base_currency)
        total = amount(order.total_base, order.base_currency)
        return format_html('<span title="{}">{}</span>', strip_tags(own), total)

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, order):
        return timesince(order.created_at, depth=1) if order.status in _OPEN else EMPTY

    @admin.display(description=_("expected"), ordering="expected_date")
    def expected(self, order):
        return expected_badge(order)


def expected_badge(order: PurchaseOrder) -> Any:
    """The day the goods are expected; marked where it has passed."""
    if order.expected_date is None:
        return EMPTY
    is_late = order.status in (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)
    if is_late and order.expected_date < timezone.localdate():
        return badge("overdue", date_format(order.expected_date), tone="bad")
    return date_format(order.expected_date)


def _in_base(order: PurchaseOrder) -> list[tuple[Any, Any]]:
    if order.currency == order.base_currency:
        return []
    return [(_("In base currency"), money(order.total_base, order.base_currency))]
