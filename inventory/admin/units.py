from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from inventory.models import UnitOfMeasure
from inventory.resources import UnitResource
from ipms.admin.base import DomainAdmin
from ipms.admin.spreadsheets import SpreadsheetMixin


@admin.register(UnitOfMeasure)
class UnitOfMeasureAdmin(SpreadsheetMixin, DomainAdmin):
    resource_classes = [UnitResource]
    export_permission = "inventory.change_unitofmeasure"

    list_display = ["code", "name", "decimals"]
    list_display_links = ["code", "name"]
    search_fields = ["code", "name"]
    search_help_text = _("Code or name")
    fields = ["code", "name", "decimals"]

    def get_readonly_fields(self, request, obj=None):
        # Items refer to a unit by its code.
        return ["code"] if obj else []
