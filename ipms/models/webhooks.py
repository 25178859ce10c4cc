import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class WebhookEndpoint(models.Model):
    """An address of another system that is told of events. Its secret signs what is sent there."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    url = models.CharField(_("address"), max_length=500, help_text=_("Begins with https:// or http://."))
    topics = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("topics"),
        help_text=_("Which events it is told of: order.approved, order.*, or * for all."),
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("What was not sent yet waits while this is off.")
    )
    headers = models.JSONField(
        _("further headers"),
        default=dict,
        blank=True,
        help_text=_("Sent with each request, such as a key that the other system asks for."),
    )
    secret = models.CharField(_("secret"), max_length=80, editable=False)
    secret_shown_at = models.DateTimeField(_("secret shown at"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    last_attempt_at = models.DateTimeField(_("last tried at"), null=True, editable=False)
    last_success_at = models.DateTimeField(_("last delivered at"), null=True, editable=False)
    failures_in_a_row = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DeliveryStatus(models.TextChoices):
    QUEUED = "queued", _("Queued")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed so far")
    GIVEN_UP = "given-up", _("Given up")


#: In these it is still to be sent.
WAITING = (DeliveryStatus.QUEUED, DeliveryStatus.FAILED)


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def due(self, now: datetime) -> Self:
        """Keep what is to be sent now and is not being sent."""
        is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.filter(is_free, status__in=WAITING, next_attempt_at__lte=now)

    def under_way(self, now: datetime) -> Self:
        """Keep what a worker is sending, as far as anybody knows."""
        return self.filter(status__in=WAITING, claimed_until__gt=now)


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint: what is sent, how often it was tried, what came back."""

    key = models.UUIDField(
        _("delivery id"),
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text=_("The same at each attempt, so that the receiver knows what it has."),
    )
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("endpoint")
    )
    # Not a foreign key: delivered events are deleted sooner than this log.
    event_id = models.BigIntegerField(_("event"))
    topic = models.CharField(_("topic"), max_length=60)
    # Text, not JSON: the signature is of these very bytes.
    body = models.TextField(_("content"))
    status = models.CharField(
        _("status"), max_length=10, choices=DeliveryStatus, default=DeliveryStatus.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, default=timezone.now)
    claimed_until = models.DateTimeField(
        _("being sent until"), null=True, help_text=_("A worker that lives has an answer by then.")
    )
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    response_status = models.PositiveSmallIntegerField(_("answer"), null=True)
    response_body = models.TextField(_("text of the answer"), blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    duration_ms = models.PositiveIntegerField(_("duration"), null=True, help_text=_("In milliseconds."))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True, db_index=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("redeliver_webhookdelivery", _("Can send a delivery again"))]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event_id"], name="one_webhook_delivery_per_endpoint_and_event"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["queued", "failed"]) | Q(next_attempt_at__isnull=False),
                name="waiting_webhook_delivery_has_a_next_attempt",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "id"],
                condition=Q(status__in=["queued", "failed"]),
                name="webhook_delivery_oldest",
            ),
            models.Index(
                fields=["endpoint"],
                condition=Q(claimed_until__isnull=False),
                name="webhook_delivery_claimed",
            ),
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.event_id}"
