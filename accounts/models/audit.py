from auditlog.models import AbstractLogEntry
from django.db import models
from django.utils.translation import gettext_lazy as _

from ipms import context


class AuditEntry(AbstractLogEntry):
    """Who changed what, when, from where. Append-only, as the ledger is.

    The actor, address, user agent and request id of whoever is asking are filled in when the row is written,
    through any door: a page, the API, an import, a job.
    """

    append_only = True

    # Declared by the library without types.
    actor_id: int | None
    remote_addr: str | None

    user_agent = models.CharField(_("user agent"), max_length=400, blank=True)
    request_id = models.CharField(_("request id"), max_length=128, blank=True, db_index=True)
    event = models.CharField(_("event"), max_length=40, blank=True, help_text=_("login, login-failed, …"))

    class Meta(AbstractLogEntry.Meta):
        abstract = False
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]

    def with_context(self) -> "AuditEntry":
        """Fill in, where it is blank, who is asking and from where."""
        current = context.current()
        actor = current.actor()
        if self.actor_id is None and actor is not None and actor.is_authenticated:
            self.actor_id, self.actor_email = actor.pk, actor.email
        self.remote_addr = self.remote_addr or current.ip_address
        self.user_agent = self.user_agent or current.user_agent
        self.request_id = self.request_id or current.request_id
        return self

    def save(self, *args, **kwargs):
        self.with_context()
        super().save(*args, **kwargs)
