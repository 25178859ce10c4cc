from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotencyRecord(models.Model):
    """The first answer to a request that carried an `Idempotency-Key`, kept so that a retry gets it again.

    Written in the transaction of the effect: either both are there or neither.
    """

    scope = models.CharField(
        _("scope"), max_length=80, help_text=_("Whose key it is: a user, or an address.")
    )
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"))
    headers = models.JSONField(_("headers"), default=dict)
    # Text, not JSON: a retry gets the very same bytes again.
    body = models.TextField(_("answer"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once_per_scope")
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
