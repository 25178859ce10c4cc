from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _


class OutboxEvent(models.Model):
    """A change of state that others must hear of, recorded in the transaction that made it.

    The ledger inserts rows with its own statement: a new column needs a default of the database.
    """

    topic = models.CharField(_("topic"), max_length=60)
    payload = models.JSONField(_("payload"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    handled = models.JSONField(
        _("handled by"),
        default=list,
        db_default=Value([], models.JSONField()),
        help_text=_("The subscriptions that are done with it."),
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(delivered_at__isnull=True), name="outbox_waiting"),
            models.Index(fields=["delivered_at"], name="outbox_delivered"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.pk}"
