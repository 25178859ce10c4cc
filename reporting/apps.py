from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = _("Reports")

    def ready(self):
        from auditlog.registry import auditlog

        from reporting import alerts, health  # noqa: F401
        from reporting.api import list_exports, report_exports  # noqa: F401
        from reporting.models import Export

        # How far a worker is belongs into no audit trail; who asked for what does.
        auditlog.register(Export, include_fields=["owner", "what", "format", "filters"])
