from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a notification is about; `accounts.notifications` has the sentences of each."""

    STOCK_LOW = "stock-low", _("Stock is low")
    STOCK_OUT = "stock-out", _("Out of stock")
    LOT_EXPIRING = "lot-expiring", _("A lot is about to expire")
    COUNT_WAITING = "count-waiting", _("A stock count waits for its review")
    COUNT_RETURNED = "count-returned", _("Your count is to be counted again")
    ORDER_WAITING = "order-waiting", _("An order waits for approval")
    ORDER_APPROVED = "order-approved", _("Your order was approved")
    ORDER_REJECTED = "order-rejected", _("Your order was rejected")
    ORDER_DELIVERED = "order-delivered", _("Goods of your order came")
    ORDER_OVERDUE = "order-overdue", _("An order is overdue")
    REPORT_READY = "report-ready", _("A report is ready")
    IMPORT_ENDED = "import-ended", _("An import is ready")
    MONTHLY_REPORT = "monthly-report", _("The stock report of the month")
    RATE_STALE = "rate-stale", _("An exchange rate is old")
    JOB_FAILED = "job-failed", _("A scheduled job failed")
    BACKUP_FAILED = "backup-failed", _("A backup failed")
    LEDGER_BROKEN = "ledger-broken", _("The ledger does not add up")
    WEBHOOK_FAILED = "webhook-failed", _("A webhook does not arrive")


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, user) -> "NotificationQuerySet":
        """Keep what this person sees: the own ones, without those that only go by mail."""
        return self.filter(user_id=user.pk, in_app=True)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)


class Notification(models.Model):
    """Something that one person is told, in that person's language. Written by `accounts.notifications`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notifications",
        verbose_name=_("user"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    key = models.CharField(
        _("key"), max_length=120, help_text=_("A person is told once of each key of a kind.")
    )
    title = models.CharField(_("title"), max_length=250)
    body = models.TextField(_("text"), blank=True)
    url = models.CharField(_("address"), max_length=300, blank=True, help_text=_("Of the record's page."))
    in_app = models.BooleanField(
        _("shown"), default=True, help_text=_("Unset where the person wants this kind by mail alone.")
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-id"]
        # Everybody reads the own ones and nobody others': there is nothing to grant.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "key"], name="notified_once_of_each_key"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_newest"),
            models.Index(
                fields=["user"], condition=Q(read_at__isnull=True, in_app=True), name="notification_unread"
            ),
            models.Index(
                fields=["kind", "url"], condition=Q(read_at__isnull=True), name="notification_to_settle"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NotificationPreference(models.Model):
    """By which ways a person wants to hear of a kind, where that differs from the kind's default."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notification_preferences",
        verbose_name=_("user"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    in_app = models.BooleanField(_("in the program"))
    by_mail = models.BooleanField(_("by mail"))

    class Meta:
        verbose_name = _("notification preference")
        verbose_name_plural = _("notification preferences")
        ordering = ["user", "kind"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="one_preference_per_user_and_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"
