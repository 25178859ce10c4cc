"""Deployment checks of our own."""

from django.conf import settings
from django.core.checks import Tags, register
from django.core.checks import Warning as CheckWarning


@register(Tags.security, deploy=True)
def ledger_is_beyond_the_applications_rights(app_configs, **kwargs):
    if settings.DATABASE_APP_ROLE:
        return []
    return [
        CheckWarning(
            "The application logs in to the database as the owner of the tables.",
            hint="Set DATABASE_OWNER_URL to the owner and DATABASE_URL to a role without rights of its own, "
            "so that the ledger and the audit trail are append-only by right as well as by trigger.",
            id="ipms.W001",
        )
    ]
