from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = _("Reports")

    def ready(self):
        from reporting import alerts  # noqa: F401
        from reporting.api import list_exports, report_exports  # noqa: F401
