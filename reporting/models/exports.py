from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ExportStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("At work")
    DONE = "done", _("Ready")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")


#: A worker has it, or will have it.
UNFINISHED = (ExportStatus.QUEUED, ExportStatus.RUNNING)


class ExportQuerySet(models.QuerySet["Export"]):
    def of(self, user) -> "ExportQuerySet":
        return self.filter(owner=user.pk)

    def unfinished(self) -> "ExportQuerySet":
        return self.filter(status__in=UNFINISHED)


class Export(models.Model):
    """A file that is made in the background for one person. Written by `reporting.exporting` alone."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="exports",
        editable=False,
        verbose_name=_("owner"),
    )
    what = models.CharField(_("what"), max_length=60, help_text=_("A list, or a report."))
    format = models.CharField(_("format"), max_length=10)
    filters = models.JSONField(_("filters"), default=dict, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=ExportStatus, default=ExportStatus.QUEUED, editable=False
    )
    rows_done = models.PositiveBigIntegerField(_("rows done"), default=0, editable=False)
    rows_total = models.PositiveBigIntegerField(_("rows in all"), null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    file = models.CharField(_("file"), max_length=120, blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("size"), null=True, editable=False, help_text=_("In bytes."))
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, editable=False)
    error = models.TextField(_("what went wrong"), blank=True, editable=False)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    started_at = models.DateTimeField(_("begun"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, editable=False)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        # One's own are everybody's to see; this is to see that others have some, never what is in them.
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="done")
                | (Q(size__isnull=False, expires_at__isnull=False) & ~Q(file="") & ~Q(sha256="")),
                name="export_that_is_done_has_a_file",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="export_owner"),
            models.Index(
                fields=["status"],
                name="export_unfinished",
                condition=Q(status__in=["queued", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} · {self.format.upper()} · {self.pk}"

    @property
    def is_ready(self) -> bool:
        return self.status == ExportStatus.DONE

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED
