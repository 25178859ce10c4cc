from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ipms.admin.base import DomainAdmin
from ipms.admin.columns import with_base_currency
from ipms.admin.display import money, numeric
from ipms.admin.spreadsheets import ExportMixin
from procurement.models import ApprovalLimit
from procurement.resources import LimitResource


@admin.register(ApprovalLimit)
class ApprovalLimitAdmin(ExportMixin, DomainAdmin):
    """Up to which order total a role may approve."""

    resource_classes = [LimitResource]

    list_display = ["group", "up_to"]
    list_select_related = ["group"]
    fields = ["group", "amount"]

    def get_queryset(self, request):
        return with_base_currency(super().get_queryset(request))

    @numeric(description=_("may approve up to"), ordering="amount")
    def up_to(self, limit):
        return _("no limit") if limit.amount is None else money(limit.amount, limit.base_currency)
