from django import forms
from django.contrib import admin
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from ipms import site
from ipms.admin import currencies
from ipms.admin.base import DomainAdmin
from ipms.admin.cards import CardsMixin
from ipms.admin.display import badge
from ipms.admin.finder import Hit, Source
from ipms.admin.spreadsheets import SpreadsheetMixin
from suppliers import letters, registry
from suppliers.models import Supplier, SupplierStatus
from suppliers.resources import SupplierResource

_TONES = {SupplierStatus.ACTIVE: "good", SupplierStatus.ON_HOLD: "warn", SupplierStatus.INACTIVE: "quiet"}


class StatusFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return SupplierStatus.choices

    def queryset(self, request, queryset):
        return queryset.in_status(self.value()) if self.value() in SupplierStatus.values else queryset


class CountryFilter(admin.SimpleListFilter):
    """Only countries that a supplier has."""

    title = _("country")
    parameter_name = "country"

    def lookups(self, request, model_admin):
        used = Supplier.objects.exclude(country="").order_by().values_list("country", flat=True).distinct()
        return sorted(((code, countries.name(code)) for code in used), key=lambda choice: choice[1])

    def queryset(self, request, queryset):
        return queryset.filter(country=self.value()) if self.value() else queryset


@admin.register(Supplier)
class SupplierAdmin(SpreadsheetMixin, CardsMixin, DomainAdmin):
    change_form_template = CardsMixin.change_form_template
    form_is_behind = True
    resource_classes = [SupplierResource]
    export_permission = "suppliers.change_supplier"
    formfield_overrides = currencies.CHOSEN

    list_display = ["name", "state", "country_name", "city", "currency", "contact_person", "phone", "code"]
    background_export = "suppliers"
    background_filters = {"status": "status", "country": "country"}
    list_filter = [StatusFilter, CountryFilter]
    search_fields = ["code", "name", "contact_person", "email", "city", "tax_id"]
    search_help_text = _("Name, code, contact, email, city or tax number")
    fieldsets = [
        (None, {"fields": [("code", "name"), ("is_active", "on_hold")]}),
        (_("Contact"), {"fields": [("contact_person", "email", "phone"), "address", ("city", "country")]}),
        (
            _("Terms"),
            {
                "fields": [
                    ("currency", "payment_terms_days", "lead_time_days"),
                    ("tax_id", "language"),
                    "notes",
                ]
            },
        ),
    ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        if not change and "code" in form.base_fields:
            form.base_fields["code"].required = False
        if "language" in form.base_fields:
            form.base_fields["language"] = forms.ChoiceField(
                label=_("language"),
                required=False,
                choices=[("", _("That of the site")), *letters.LANGUAGES],
                help_text=Supplier._meta.get_field("language").help_text,
            )
        return form

    def get_changeform_initial_data(self, request):
        return {"currency": site.base_currency(), **super().get_changeform_initial_data(request)}

    def create(self, request, values, lines):
        return registry.create(**values)

    def change(self, request, supplier, values, lines):
        registry.update(supplier, **values)

    def remove(self, supplier, *, by):
        registry.delete(supplier)

    @admin.display(description=_("country"), ordering="country")
    def country_name(self, supplier):
        return supplier.country.name

    @admin.display(description=_("status"))
    def state(self, supplier):
        return badge(supplier.status, supplier.status.label, tone=_TONES[supplier.status])


@admin.site.register_source
class Suppliers(Source):
    """What the search over everything finds: by code, name, contact, email, city and tax number."""

    model = Supplier
    order = 20

    def named(self, text):
        return Supplier.objects.filter(Exact(Lower("code"), Lower(Value(text))))

    def search(self, text):
        return Supplier.objects.search(text)

    def hit(self, supplier):
        is_usable = supplier.status == SupplierStatus.ACTIVE
        place = ", ".join(filter(None, [supplier.city, supplier.country.name]))
        return Hit(
            code=supplier.code,
            title=supplier.name if supplier.name.upper() != supplier.code else "",
            note=place if is_usable else supplier.status.label,
        )
