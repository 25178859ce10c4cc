from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class IpmsConfig(AppConfig):
    name = "ipms"
    verbose_name = _("Site")

    def ready(self) -> None:
        from auditlog.registry import auditlog
        from django.db.backends.signals import connection_created

        from ipms import checks, error_tracking, measures, models, queries  # noqa: F401
        from ipms.health import servers, work  # noqa: F401
        from ipms.webhooks import queueing  # noqa: F401

        connection_created.connect(queries.watch_new, dispatch_uid="queries.watch")
        error_tracking.start()
        auditlog.register(models.SiteSettings)
        auditlog.register(models.ExchangeRate)
        # Neither the secret nor what the further headers hold.
        auditlog.register(models.WebhookEndpoint, include_fields=["name", "url", "topics", "is_active"])


class IpmsAdminConfig(AdminConfig):
    """Django's admin with our site class."""

    default_site = "ipms.admin.site.IpmsAdminSite"

    def ready(self) -> None:
        super().ready()
        # The pages that libraries registered are replaced by ours once all of them are there.
        from ipms.admin import booleans, system  # noqa: F401

        booleans.install()
