from collections.abc import Sequence
from typing import Self

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.models.users import User
from ipms import context

#: More terms than this are not how people search.
_MAX_TERMS = 8
#: The index knows nothing of a shorter piece inside a word, only of the beginning of the text.
_SHORTEST_PIECE = 3


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def search(self, text: str) -> Self:
        """Keep the entries that have every term of `text` in the object's name or in that of a person.

        A person, who did it or to whom it was done, is found by email address too. A term may also be a whole
        request id or the key of an object. One of one or two letters counts at the beginning of a name only.
        """
        found = self
        for term in text.replace("\x00", " ").split()[:_MAX_TERMS]:
            found = found.filter(_has(term))
        return found


def _has(term: str) -> Q:
    how = "icontains" if len(term) >= _SHORTEST_PIECE else "istartswith"
    found = _any_of(("object_repr",), how, term) | Q(request_id=term) | Q(object_pk=term)
    # People are few and looked up first: an index of the emails in the trail would cost each entry more
    # than all else that is written of it. The planner is told their keys, so that it knows how many they are.
    by_name = _any_of(("email", "first_name", "last_name"), how, term)
    if people := list(User.objects.filter(by_name).order_by("pk").values_list("pk", flat=True)):
        user = ContentType.objects.get_for_model(User)
        found |= Q(actor__in=people) | Q(content_type=user, object_id__in=people)
    return found


def _any_of(fields: Sequence[str], how: str, term: str) -> Q:
    return Q(*((f"{field}__{how}", term) for field in fields), _connector=Q.OR)


class AuditEntry(AbstractLogEntry):
    """Who changed what, when, from where. Append-only, as the ledger is.

    The actor, address, user agent and request id of whoever is asking are filled in when the row is written,
    through any door: a page, the API, an import, a job.
    """

    append_only = True

    class Event(models.TextChoices):
        """What is recorded although no row changed."""

        LOGIN = "login", _("Login")
        LOGOUT = "logout", _("Logout")
        LOGIN_FAILED = "login-failed", _("Failed login")
        LOGIN_ENDED = "login-ended", _("Login ended by another")
        TOKEN_REUSE = "token-reuse", _("Used token came back")
        PASSWORD_SET = "password-set", _("Password set by another")
        MAIL_SENT_AGAIN = "mail-sent-again", _("Mail sent again")
        RUN_BY_HAND = "run-by-hand", _("Job run by hand")
        SECRET_SHOWN = "webhook-secret-shown", _("Secret of webhooks shown")
        SECRET_ROTATED = "webhook-secret-rotated", _("Secret of webhooks changed")
        EXPORTED = "exported", _("List taken away as a file")
        DOWNLOADED = "downloaded", _("Export downloaded")
        REDELIVERED = "webhook-redelivered", _("Webhook sent again")

    # Declared by the library without types.
    actor_id: int | None
    remote_addr: str | None

    user_agent = models.CharField(_("user agent"), max_length=400, blank=True)
    request_id = models.CharField(_("request id"), max_length=128, blank=True, db_index=True)
    event = models.CharField(_("event"), max_length=40, blank=True, help_text=_("login, login-failed, …"))

    objects = LogEntryManager.from_queryset(AuditEntryQuerySet)()

    class Meta(AbstractLogEntry.Meta):
        abstract = False
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]
        indexes = [
            GinIndex(OpClass(Upper("object_repr"), name="gin_trgm_ops"), name="audit_object_part"),
            models.Index(fields=["event", "-id"], condition=~Q(event=""), name="audit_event"),
        ]

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
