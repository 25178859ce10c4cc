"""Who may approve up to what."""

from decimal import Decimal

from accounts.models import User
from procurement.models import ApprovalLimit


def limit_of(user: User) -> Decimal | None:
    """Return up to which order total, in base currency, this person may approve; None for no limit.

    The highest limit of the person's roles counts; a role without one approves nothing.
    """
    if user.is_superuser:
        return None
    amounts = list(ApprovalLimit.objects.filter(group__user=user).values_list("amount", flat=True))
    if None in amounts:
        return None
    return max((amount for amount in amounts if amount is not None), default=Decimal(0))
