"""The books that the site keeps about its own working."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ipms.admin.base import ReadOnlyAdmin
from ipms.models import IdempotencyRecord, NumberSequence


@admin.register(NumberSequence)
class NumberSequenceAdmin(ReadOnlyAdmin):
    list_display = ["kind", "year", "last_number"]
    list_filter = ["kind"]
    ordering = ["-year", "kind"]
    fields = readonly_fields = ["kind", "year", "last_number"]


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    """Answers kept for requests that may come twice. The answer itself is not shown: it is someone's data."""

    list_display = ["created_at", "scope", "key", "status"]
    search_fields = ["key__startswith", "scope__exact"]
    search_help_text = _("Beginning of the key, or the whole scope")
    date_hierarchy = "created_at"
    ordering = ["-id"]
    fields = readonly_fields = ["created_at", "scope", "key", "status"]
