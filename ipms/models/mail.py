from django.db import models
from django.utils.translation import gettext_lazy as _


class MailStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    #: There is no mail server: it can be read in the back office and goes nowhere.
    KEPT = "kept", _("Kept here")


class OutgoingMail(models.Model):
    """A mail to one person: queued in the transaction of its cause by `ipms.mail`, sent by a job."""

    to = models.EmailField(_("to"), max_length=254)
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"))
    html = models.TextField("HTML", blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    message_id = models.CharField(
        _("message id"),
        max_length=200,
        unique=True,
        help_text=_("The same at each attempt: a mail program shows it once."),
    )
    status = models.CharField(_("status"), max_length=8, choices=MailStatus, default=MailStatus.QUEUED)
    created_at = models.DateTimeField(_("written at"), auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ["-id"]
        default_permissions = ("view", "change")
        indexes = [
            models.Index(fields=["id"], condition=models.Q(status="queued"), name="mail_waiting"),
            models.Index(fields=["created_at"], name="mail_age"),
        ]

    def __str__(self) -> str:
        return self.subject


class MailAttachment(models.Model):
    """A file that goes with a mail."""

    mail = models.ForeignKey(
        OutgoingMail, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("mail")
    )
    name = models.CharField(_("file name"), max_length=150)
    media_type = models.CharField(_("media type"), max_length=100)
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
