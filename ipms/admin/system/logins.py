from axes.admin import IsLockedOutFilter
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.display import badge
from ipms.admin.spreadsheets import ExportMixin
from ipms.admin.system.registration import hide, replace
from ipms.resources import list_of

# The audit trail tells of logins; these two would only repeat it.
hide(AccessLog)

_WHO_AND_WHEN = {
    "username": "username",
    "address": "ip_address",
    "at": "attempt_time",
    "path": "path_info",
    "user_agent": "user_agent",
}


@replace(AccessAttempt)
class AccessAttemptAdmin(ExportMixin, ReadOnlyAdmin):
    """Counters of failed logins. Deleting one lets the person try again at once."""

    resource_classes = [list_of("AccessAttemptResource", failures="failures_since_start", **_WHO_AND_WHEN)]

    list_display = ["username", "ip_address", "failures_since_start", "state", "attempt_time", "user_agent"]
    list_filter = [IsLockedOutFilter]
    search_fields = ["username", "ip_address"]
    search_help_text = _("Email or address")
    date_hierarchy = "attempt_time"
    ordering = ["-attempt_time"]
    fields = [
        "username",
        "ip_address",
        "failures_since_start",
        "state",
        "attempt_time",
        "path_info",
        "user_agent",
    ]
    readonly_fields = fields

    def has_delete_permission(self, request, obj=None):
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    @admin.display(description=_("state"))
    def state(self, attempt):
        if attempt.failures_since_start >= settings.AXES_FAILURE_LIMIT:
            return badge("locked", _("Locked"), tone="bad")
        return badge("counting", _("Counting"), tone="quiet")


@replace(AccessFailureLog)
class AccessFailureLogAdmin(ExportMixin, ReadOnlyAdmin):
    resource_classes = [list_of("AccessFailureResource", locked_out="locked_out", **_WHO_AND_WHEN)]
    list_display = ["attempt_time", "username", "ip_address", "locked_out", "user_agent"]
    list_filter = ["locked_out"]
    search_fields = ["username", "ip_address"]
    search_help_text = _("Email or address")
    date_hierarchy = "attempt_time"
    ordering = ["-attempt_time"]
    fields = ["attempt_time", "username", "ip_address", "locked_out", "path_info", "user_agent"]
    readonly_fields = fields


@replace(OutstandingToken)
class OutstandingTokenAdmin(ReadOnlyAdmin):
    """Refresh tokens that were given out. The token itself is never shown: it would log its reader in."""

    list_display = ["user", "created_at", "expires_at", "jti"]
    list_select_related = ["user"]
    search_fields = ["user__email__istartswith", "jti__exact"]
    search_help_text = _("Email, or the token's id")
    date_hierarchy = "created_at"
    ordering = ["-id"]
    fields = ["user", "created_at", "expires_at", "jti"]
    readonly_fields = fields


@replace(BlacklistedToken)
class BlacklistedTokenAdmin(ReadOnlyAdmin):
    """Refresh tokens that no longer count."""

    list_display = ["user", "blacklisted_at", "expires_at", "jti"]
    list_select_related = ["token__user"]
    search_fields = ["token__user__email__istartswith", "token__jti__exact"]
    search_help_text = _("Email, or the token's id")
    date_hierarchy = "blacklisted_at"
    ordering = ["-id"]
    fields = ["user", "blacklisted_at", "expires_at", "jti"]
    readonly_fields = fields

    @admin.display(description=_("user"))
    def user(self, blacklisted):
        return blacklisted.token.user

    @admin.display(description=_("expires at"), ordering="token__expires_at")
    def expires_at(self, blacklisted):
        return blacklisted.token.expires_at

    @admin.display(description=_("token id"))
    def jti(self, blacklisted):
        return blacklisted.token.jti
