from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import sessions
from accounts.models import TokenFamily
from accounts.resources import FamilyResource
from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.bulk_actions import BulkAction
from ipms.admin.display import EMPTY, badge
from ipms.admin.object_actions import ObjectAction
from ipms.admin.spreadsheets import ExportMixin


@admin.register(TokenFamily)
class TokenFamilyAdmin(ExportMixin, ReadOnlyAdmin):
    """Devices that logged in over the API; one can be shut out without the others."""

    resource_classes = [FamilyResource]
    export_permission = "accounts.change_tokenfamily"
    object_actions = [
        ObjectAction(
            name="revoke",
            label=_("End this login"),
            style="danger",
            confirm=_("The device must log in again. End this login?"),
            permission="accounts.change_tokenfamily",
            allowed=lambda family, user: family.revoked_at is None,
            run=sessions.revoke,
            done=_("%(object)s: the login was ended."),
        )
    ]
    bulk_actions = [
        BulkAction(
            name="revoke_selected",
            label=_("End selected logins"),
            style="danger",
            confirm=_("The devices must log in again. End these logins?"),
            permission="accounts.change_tokenfamily",
            run=sessions.revoke,
            done=_("ended"),
        )
    ]

    list_display = ["user", "state", "created_at", "last_used_at", "ip_address", "user_agent"]
    list_select_related = ["user"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["user__email__istartswith", "ip_address__exact"]
    search_help_text = _("Email, or the whole address")
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    fields = readonly_fields = [
        "user",
        "state",
        "created_at",
        "last_used_at",
        "ip_address",
        "user_agent",
        "revoked_at",
        "why",
    ]

    @admin.display(description=_("revoked because"))
    def why(self, family):
        return gettext(family.revoked_because) if family.revoked_because else EMPTY

    @admin.display(description=_("state"))
    def state(self, family):
        if family.revoked_at:
            return badge("ended", _("Ended"), tone="quiet")
        return badge("live", _("Live"), tone="good")
