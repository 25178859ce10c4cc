"""Who may approve up to what."""

from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.notifications import holders_of
from procurement.models import ApprovalLimit, OrderStatus, PurchaseOrder


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


def approvers_of(order: PurchaseOrder) -> "QuerySet[User]":
    """Return who may approve this order as it stands: one query.

    They hold the permission, did not make the order, and may approve up to its total in base currency or
    above; where that is not known yet, up to any amount.
    """
    limits = ApprovalLimit.objects.filter(group__user=OuterRef("pk"))
    if order.total_base is not None:
        limits = limits.filter(Q(amount=None) | Q(amount__gte=order.total_base))
    holders = holders_of("procurement.approve_purchaseorder").exclude(pk=order.created_by_id)
    return holders.filter(Q(is_superuser=True) | Exists(limits))


def awaiting(user: User) -> "QuerySet[PurchaseOrder]":
    """Return the orders that wait for a decision which this person may take."""
    return PurchaseOrder.objects.filter(decidable(user), status=OrderStatus.PENDING)


def decidable(user: User) -> Q:
    """Return which pending orders this person may decide on: one query, for the limit.

    Others made them, and they are within the limit; one of which no rate is known yet may be. The permission
    is asked at the edge.
    """
    of_others = ~Q(created_by=user)
    limit = limit_of(user)
    if limit is None:
        return of_others
    within = Q(total_base__lte=limit)
    return of_others & (within | Q(total_base=None) if limit else within)
