from django.contrib import admin
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from inventory.models import Category
from inventory.resources import CategoryResource
from ipms.admin.base import DomainAdmin
from ipms.admin.display import numeric
from ipms.admin.spreadsheets import SpreadsheetMixin


@admin.register(Category)
class CategoryAdmin(SpreadsheetMixin, DomainAdmin):
    resource_classes = [CategoryResource]
    export_permission = "inventory.change_category"

    list_display = ["name", "slug", "parent", "item_count", "is_active"]
    list_select_related = ["parent"]
    list_filter = ["is_active"]
    search_fields = ["name", "slug"]
    search_help_text = _("Name or slug")
    autocomplete_fields = ["parent"]
    fields = ["name", "slug", "parent", "is_active"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(items_count=Count("items"))

    @numeric(description=_("items"), ordering="items_count")
    def item_count(self, category):
        return category.items_count
