from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ImportStatus(models.TextChoices):
    NAMING = "naming", _("Columns to be named")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    IMPORTING = "importing", _("Being imported")
    DONE = "done", _("Imported")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


#: A worker has it, or will have it.
AT_WORK = (ImportStatus.CHECKING, ImportStatus.IMPORTING, ImportStatus.UNDOING)
#: Nothing has come in, and somebody is to decide.
WAITING = (ImportStatus.NAMING, ImportStatus.CHECKED)


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def of(self, user: Any) -> Self:
        return self.filter(owner=user.pk)

    def at_work(self) -> Self:
        return self.filter(status__in=AT_WORK)


class ImportRun(models.Model):
    """A spreadsheet on its way in: what is in it, what was said of it, what came of it.

    Written by `ipms.importing` alone.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="imports",
        editable=False,
        verbose_name=_("owner"),
    )
    what = models.CharField(_("what"), max_length=60)
    file_name = models.CharField(_("file"), max_length=200)
    file = models.CharField(
        _("stored as"), max_length=120, blank=True, help_text=_("Empty once the file has been deleted.")
    )
    size = models.PositiveBigIntegerField(_("size"), help_text=_("In bytes."))
    status = models.CharField(_("status"), max_length=10, choices=ImportStatus, default=ImportStatus.NAMING)
    layout = models.JSONField(_("how it is read"), default=dict)
    headers = models.JSONField(_("column names"), default=list)
    header_row = models.PositiveIntegerField(_("row of the column names"), default=1)
    looked_at = models.JSONField(
        _("what was seen"), default=dict, help_text=_("Samples of each column, and how it writes.")
    )
    mapping = models.JSONField(
        _("columns"), default=dict, help_text=_("Our column by the place of that of the file.")
    )
    notation = models.JSONField(_("how numbers and days are written"), default=dict)
    is_in_background = models.BooleanField(_("in the background"), default=False)
    rows_total = models.PositiveIntegerField(_("rows in all"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    last_row = models.PositiveIntegerField(_("last row that came in"), default=0)
    outcomes = models.TextField(
        _("outcomes"), blank=True, help_text=_("A letter for each row that was checked: n, c, u, b.")
    )
    new_count = models.PositiveIntegerField(_("new"), default=0)
    changed_count = models.PositiveIntegerField(_("changed"), default=0)
    unchanged_count = models.PositiveIntegerField(_("unchanged"), default=0)
    bad_count = models.PositiveIntegerField(_("bad"), default=0)
    example_count = models.PositiveIntegerField(_("examples left out"), default=0)
    findings = models.JSONField(_("what was found"), default=dict)
    undone_count = models.PositiveIntegerField(_("rows undone"), default=0)
    is_stopped = models.BooleanField(_("stopped"), default=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("what went wrong"), blank=True)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    begun_at = models.DateTimeField(_("begun"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        # One's own are everybody's to see; this is to see those of others.
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["naming", "checking", "checked", "importing"]) | ~Q(file=""),
                name="import_that_goes_on_has_its_file",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="import_owner"),
            models.Index(
                fields=["status"],
                name="import_at_work",
                condition=Q(status__in=["checking", "importing", "undoing"]),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_at_work(self) -> bool:
        return self.status in AT_WORK

    @property
    def is_waiting(self) -> bool:
        return self.status in WAITING

    @property
    def good_count(self) -> int:
        """How many rows would change something."""
        return self.new_count + self.changed_count

    @property
    def duration(self) -> timedelta | None:
        return (self.ended_at or timezone.now()) - self.begun_at if self.begun_at else None

    def lock(self) -> None:
        """Lock the row and re-read it: two clicks on one button become one transition."""
        self.refresh_from_db(from_queryset=ImportRun.objects.select_for_update(no_key=True))


class ImportChunk(models.Model):
    """Rows that came in with one transaction, with what is needed to undo them."""

    run = models.ForeignKey(
        ImportRun, on_delete=models.CASCADE, related_name="chunks", verbose_name=_("import")
    )
    first_row = models.PositiveIntegerField(_("first row"))
    last_row = models.PositiveIntegerField(_("last row"))
    traces = models.JSONField(_("what came in"), default=list)
    refused = models.JSONField(_("what was refused"), default=dict)
    kept = models.JSONField(_("what could not be undone"), default=list)
    undone_at = models.DateTimeField(_("undone at"), null=True)

    class Meta:
        verbose_name = _("part of an import")
        verbose_name_plural = _("parts of imports")
        ordering = ["run", "first_row"]
        default_permissions = ()
        constraints = [
            # A row comes in once, whoever works at it.
            models.UniqueConstraint(fields=["run", "first_row"], name="import_chunk_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first_row}–{self.last_row}"


class ImportMapping(models.Model):
    """How somebody named the columns of a file: the next one with the same headings needs no naming."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(_("what"), max_length=60)
    headers_digest = models.CharField(_("digest of the headings"), max_length=64)
    mapping = models.JSONField(_("columns"), default=dict)
    notation = models.JSONField(_("how numbers and days are written"), default=dict)
    used_at = models.DateTimeField(_("used at"), auto_now=True)

    class Meta:
        verbose_name = _("naming of columns")
        verbose_name_plural = _("namings of columns")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "what", "headers_digest"], name="import_mapping_once_for_each_file_kind"
            ),
        ]
        indexes = [models.Index(fields=["what", "headers_digest", "-used_at"], name="import_mapping_newest")]

    def __str__(self) -> str:
        return self.what
