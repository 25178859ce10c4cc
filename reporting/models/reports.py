from django.db import models
from django.utils.translation import gettext_lazy as _


class Report(models.Model):  # noqa: DJ008 - it has no rows
    """No table: the holder of the permissions on figures that belong to no one model."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("view_dashboard", _("Can see the summary of the dashboard")),
            ("view_reports", _("Can see reports and the dashboard's metrics")),
            ("export_data", _("Can export lists and reports as files")),
        ]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
