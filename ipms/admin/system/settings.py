from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ipms import site
from ipms.admin import currencies
from ipms.admin.base import DomainAdmin
from ipms.admin.spreadsheets import SpreadsheetMixin
from ipms.importing.rates import ExchangeRateResource
from ipms.models import ExchangeRate, SiteSettings
from ipms.money import MINOR_UNITS


class SiteSettingsForm(forms.ModelForm):
    base_currency = forms.ChoiceField(
        label=_("base currency"),
        choices=[(code, code) for code in sorted(MINOR_UNITS)],
        help_text=SiteSettings._meta.get_field("base_currency").help_text,
    )
    timezone = forms.ChoiceField(
        label=_("time zone"), choices=lambda: [(name, name) for name in sorted(available_timezones())]
    )
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES)


@admin.register(SiteSettings)
class SiteSettingsAdmin(DomainAdmin):
    """One record: its list leads straight to it."""

    form = SiteSettingsForm
    fieldsets = [
        (None, {"fields": ["organisation", "address", "country", "logo"]}),
        (_("Money, time, language"), {"fields": ["base_currency", "timezone", "language"]}),
        (
            _("Reordering"),
            {
                "fields": [
                    ("service_level", "review_period_days", "default_lead_time_days"),
                    ("order_cost", "holding_cost_rate"),
                ],
                "description": _("What reorder suggestions go by; docs/forecasting.md explains them."),
            },
        ),
    ]

    def changelist_view(self, request, extra_context=None):
        record = site.current()
        return HttpResponseRedirect(reverse("admin:ipms_sitesettings_change", args=[record.pk]))

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(ExchangeRate)
class ExchangeRateAdmin(SpreadsheetMixin, DomainAdmin):
    resource_classes = [ExchangeRateResource]
    formfield_overrides = currencies.CHOSEN
    list_display = ["currency", "rate", "valid_from", "source", "created_by"]
    list_filter = ["currency"]
    list_select_related = ["created_by"]
    search_fields = ["currency__iexact", "source__icontains"]
    search_help_text = _("Currency code or source")
    date_hierarchy = "valid_from"
    fields = ["currency", "rate", "valid_from", "source"]

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
