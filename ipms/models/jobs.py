from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobStatus(models.TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    LOST = "lost", _("Lost")
    SKIPPED = "skipped", _("Skipped")


#: How a run ends that somebody should look at.
WENT_WRONG = (JobStatus.FAILED, JobStatus.LOST)


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def newest_ended(self) -> Self:
        """The newest run of each job that ended, one row a job."""
        told = (JobStatus.DONE, *WENT_WRONG)
        return self.filter(status__in=told).order_by("name", "-id").distinct("name")


class JobRun(models.Model):
    """One run of a job: when it was due, what it did, and why it could not. Written by `ipms.jobs` alone."""

    name = models.CharField(_("job"), max_length=60)
    due = models.DateTimeField(_("due"), help_text=_("The moment of the schedule that it ran for."))
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=JobStatus, default=JobStatus.RUNNING)
    steps_done = models.PositiveBigIntegerField(_("steps done"), null=True, blank=True)
    steps_total = models.PositiveBigIntegerField(_("steps in all"), null=True, blank=True)
    result = models.TextField(_("result"), blank=True)
    error = models.TextField(_("error"), blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        ordering = ["-id"]
        permissions = [("run_jobs", _("Can run jobs by hand"))]
        constraints = [
            # A run whose worker was killed does not count: it is run again.
            models.UniqueConstraint(
                fields=["name", "due"], condition=~Q(status="lost"), name="one_job_run_per_due_moment"
            ),
            models.CheckConstraint(
                condition=Q(status="running", ended_at=None) | ~Q(status="running") & ~Q(ended_at=None),
                name="job_run_ends_unless_it_runs",
            ),
        ]
        indexes = [
            models.Index(fields=["name", "-id"], name="job_run_name"),
            models.Index(fields=["started_at"], name="job_run_started"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.due:%Y-%m-%d %H:%M}"

    @property
    def duration(self) -> timedelta:
        """How long it took, or has taken so far."""
        return (self.ended_at or timezone.now()) - self.started_at
