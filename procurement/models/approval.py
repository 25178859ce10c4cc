from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ipms.fields import AmountField


class ApprovalLimit(models.Model):
    """Up to which order total a role may approve. A role without a row approves nothing."""

    group = models.OneToOneField(
        "auth.Group", on_delete=models.CASCADE, related_name="approval_limit", verbose_name=_("role")
    )
    amount = AmountField(
        _("limit"),
        null=True,
        blank=True,
        help_text=_("Order total in base currency; empty for no limit."),
    )

    class Meta:
        verbose_name = _("approval limit")
        verbose_name_plural = _("approval limits")
        ordering = ["group__name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=Decimal(0)),
                name="approval_limit_not_negative",
            )
        ]

    def __str__(self) -> str:
        return str(self.group)
