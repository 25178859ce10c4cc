"""The form of an order: its head, its lines, and what is told while lines are entered."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import scanning
from inventory.admin import qr_codes
from inventory.models import Item
from ipms import site
from ipms.admin import refusals
from ipms.admin.columns import stacked
from ipms.admin.display import EMPTY, money, number, numeric, quantity, unit_price
from ipms.errors import InvalidInput
from ipms.money import MINOR_UNITS, plain
from procurement import drafts, price_changes
from procurement.drafts import LineDraft
from procurement.likely_prices import likely_price
from procurement.models import PurchaseOrder, PurchaseOrderLine
from procurement.models.orders import COMMITTED
from procurement.price_changes import Comparison
from suppliers.models import Supplier


class NewOrderForm(forms.ModelForm):
    submit = forms.BooleanField(
        label=gettext_lazy("ask for approval at once"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Otherwise the order stays a draft."),
    )

    def clean(self) -> dict[str, Any] | None:
        """Say what the domain would refuse of the head beside what is missing: all at once."""
        values = super().clean() or self.cleaned_data
        try:
            drafts.check(
                supplier=values.get("supplier"),
                currency=values.get("currency") or None,
                deliver_to=values.get("deliver_to"),
            )
        except InvalidInput as refusal:
            refusals.add_to_form(self, refusal)
        return values


class ItemSelect(AutocompleteSelect):
    """Names the item of a stored line without asking the database for each of them."""

    known: Item | None = None

    def optgroups(self, name: str, value: list[Any], attrs: dict[str, Any] | None = None) -> list[Any]:
        if self.known is None or [str(key) for key in value] != [str(self.known.pk)]:
            return super().optgroups(name, value, attrs)
        options = [self.create_option(name, self.known.pk, str(self.known), True, 0)]
        if not self.is_required:
            options.insert(0, self.create_option(name, "", "", False, 0))
        return [(None, options, 0)]


class LineFormSet(BaseInlineFormSet):
    """Says what the domain would refuse of the lines, beside what is missing in others: all at once."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "item" in form.fields and form.instance.pk:
            form.fields["item"].widget.widget.known = form.instance.item

    def clean(self) -> None:
        super().clean()
        given = refusals.filled_in(self)
        readable = [form for form in given if not form.errors]
        if given and not readable:
            return
        try:
            drafts.check(lines=[draft_of(form.cleaned_data) for form in readable])
        except InvalidInput as refusal:
            problems = refusal.details["lines"]
            if all(isinstance(problem, dict) for problem in problems):
                refusals.add_to_line_forms(readable, problems)
            else:
                raise forms.ValidationError([*problems]) from refusal


class LineInline(admin.TabularInline):
    """The lines, by the rights on their order."""

    model = PurchaseOrderLine
    formset = LineFormSet
    template = "admin/procurement/purchaseorder/lines.html"
    verbose_name_plural = gettext_lazy("lines")
    extra = 3
    min_num = 0
    autocomplete_fields = ["item"]
    fields = ["item", "description", "quantity", "unit_price", "tax_rate"]
    ordering = ["number"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("item__unit", "order")

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj else self.extra

    def get_fields(self, request, obj=None):
        if obj is None:
            return self.fields
        if self.has_change_permission(request, obj):
            return [*self.fields, "total_against_last_paid"]
        if obj.status in COMMITTED:
            return ["item", "ordered", "received", "outstanding", "price", "last_paid", "tax", "total"]
        return ["item", "description", "ordered", "price", "last_paid", "tax", "total"]

    def get_readonly_fields(self, request, obj=None):
        return [
            "ordered",
            "price",
            "tax",
            "total",
            "received",
            "outstanding",
            "last_paid",
            "total_against_last_paid",
        ]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "item":
            kwargs["queryset"] = Item.objects.select_related("unit")
            kwargs["widget"] = ItemSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "item":
            field.widget.can_add_related = field.widget.can_view_related = False
        return field

    @numeric(description=gettext_lazy("quantity"))
    def ordered(self, line):
        return quantity(line.quantity, line.item.unit_id)

    @numeric(description=gettext_lazy("unit price"))
    def price(self, line):
        return unit_price(line.unit_price, line.order.currency)

    @numeric(description=gettext_lazy("tax rate"))
    def tax(self, line):
        return f"{number(line.tax_rate)} %"

    @numeric(description=gettext_lazy("line total"))
    def total(self, line):
        return money(line.line_total, line.order.currency) if line.pk else EMPTY

    @numeric(description=gettext_lazy("received"))
    def received(self, line):
        return quantity(line.received_quantity, line.item.unit_id) if line.pk else EMPTY

    @numeric(description=gettext_lazy("outstanding"))
    def outstanding(self, line):
        return quantity(line.outstanding_quantity, line.item.unit_id)

    @numeric(description=gettext_lazy("against last paid"))
    def last_paid(self, line):
        """By how much the price differs from the last one paid before, and which that was."""
        found = self._comparison(line) if line.pk else None
        if found is None or found.paid is None:
            return EMPTY
        told = format_html("{} {}", number(round(found.paid, 4)), self._base)
        title = _("%(order)s of %(day)s") % {
            "order": found.paid_order,
            "day": date_format(found.paid_on, "SHORT_DATE_FORMAT"),
        }
        if found.rise is None:
            return format_html('<span title="{}">{}</span>', title, told)
        sign, tone = ("+", "rise") if found.rise > 0 else ("", "quiet")
        return format_html(
            '<span title="{}"><span class="{}">{}{}&nbsp;%</span> <span class="quiet">({})</span></span>',
            title,
            tone,
            sign,
            number(found.rise),
            told,
        )

    @numeric(description=gettext_lazy("line total"))
    def total_against_last_paid(self, line):
        """Both in one cell: beside the fields there is no room for two."""
        against = self.last_paid(line)
        return self.total(line) if against == EMPTY else stacked(self.total(line), against)

    def _comparison(self, line: PurchaseOrderLine) -> Comparison | None:
        """Return the comparison of a line; those of its order are asked for once."""
        if not hasattr(self, "_compared"):
            order = line.order
            before = order if order.status in COMMITTED else None
            lines = price_changes.compare([order], before=before)[order.pk]
            self._compared = {found.line_id: found for found in lines}
            self._base = site.base_currency()
        return self._compared.get(line.pk)

    def has_view_permission(self, request, obj=None):
        return _page().has_view_permission(request, obj)

    def has_add_permission(self, request, obj=None):
        return _page().has_change_permission(request, obj) if obj else _page().has_add_permission(request)

    has_change_permission = has_delete_permission = has_add_permission


class LineEntryMixin:
    """Tells the form of an order which item was scanned or typed, and what it will probably cost."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.offer_view)
        return [path("offer/", view, name="procurement_purchaseorder_offer"), *super().get_urls()]

    def offer_view(self, request: HttpRequest) -> JsonResponse:
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        asked = request.GET
        supplier = _by_key(Supplier, asked.get("supplier", ""))
        item = _by_key(Item, asked.get("item", ""))
        if item is None:
            typed = asked.get("find", "").strip()[:200]
            (scan,) = scanning.read(qr_codes.opened([typed]))
            item = scan.item or (scan.alike[0] if len(scan.alike) == 1 else None)
            if item is None:
                return JsonResponse(_unknown(typed, scan.alike))
        if not item.is_active:
            return JsonResponse({"error": _("%(item)s is inactive.") % {"item": item}, "choices": []})
        currency = asked.get("currency", "")
        if currency not in MINOR_UNITS:
            currency = (supplier.currency if supplier else "") or site.base_currency()
        return JsonResponse(_offer(item, supplier, currency))


def draft_of(values: dict[str, Any]) -> LineDraft:
    """Return what the cleaned values of a row ask for."""
    return LineDraft(
        item=values["item"],
        quantity=values["quantity"],
        unit_price=values["unit_price"],
        tax_rate=values["tax_rate"],
        description=values["description"],
    )


def _offer(item: Item, supplier: Supplier | None, currency: str) -> dict[str, Any]:
    found = likely_price(item, supplier=supplier, currency=currency, on=timezone.localdate())
    told = str(item)
    if found:
        price = f"{number(found.unit_price)} {currency}"
        told = _("%(item)s: %(price)s, %(source)s") % {
            "item": item,
            "price": price,
            "source": found.source.label,
        }
        if found.paid:
            day = date_format(found.paid.ordered_on, "SHORT_DATE_FORMAT")
            told = _("%(offer)s (%(order)s of %(day)s)") % {
                "offer": told,
                "order": found.paid.order,
                "day": day,
            }
    return {
        "id": item.pk,
        "text": str(item),
        "unit": item.unit_id,
        "price": plain(found.unit_price) if found else "",
        "currency": currency,
        "decimals": MINOR_UNITS[currency],
        "told": told,
    }


def _unknown(typed: str, alike: Sequence[Item]) -> dict[str, Any]:
    if not alike:
        return {"error": _("No item is known as “%(typed)s”.") % {"typed": typed}, "choices": []}
    choices = [{"id": item.pk, "text": str(item)} for item in alike]
    return {"error": _("Which one?"), "choices": choices}


def _by_key(model: Any, key: str) -> Any:
    return model.objects.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None


def _page() -> Any:
    return admin.site.get_model_admin(PurchaseOrder)
