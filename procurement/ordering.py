"""Purchase orders from draft to decision. Receiving their goods is `procurement.receiving`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ipms import audit, bulk, numbering, outbox, site
from ipms.errors import InvalidInput, NotAllowed
from procurement import approval, drafts, exchange
from procurement.drafts import LineDraft, OrderDraft
from procurement.errors import ApprovalLimitExceeded, ChangedMeanwhile, OrderStateForbids, SelfApproval
from procurement.models import TRANSITIONS, OrderHistory, OrderStatus, PurchaseOrder, PurchaseOrderLine

#: What `revise` may change beside the lines.
_REVISABLE = {"supplier", "currency", "expected_date", "deliver_to", "notes", "reference", "ordered_on"}


def place(draft: OrderDraft, *, by: User, submit: bool = True) -> PurchaseOrder:
    """Make an order: pending, or a draft without `submit`.

    Raises `InvalidInput` where the supplier is inactive or on hold, and for lines that cannot be taken. The
    number sequence of the year stays locked until the transaction ends.
    """
    return place_many([draft], by=by, submit=submit)[0]


@transaction.atomic
def place_many(wanted: Sequence[OrderDraft], *, by: User, submit: bool = True) -> list[PurchaseOrder]:
    """Make orders, all or none, with a constant number of queries. Raises as `place` does."""
    today = timezone.localdate()
    base = site.base_currency()
    orders: list[PurchaseOrder] = []
    lines: list[PurchaseOrderLine] = []
    for draft in wanted:
        currency = draft.currency or draft.supplier.currency or base
        drafts.check(
            supplier=draft.supplier,
            currency=currency,
            deliver_to=draft.deliver_to,
            reference=draft.reference,
            lines=draft.lines,
        )
        order = PurchaseOrder(
            supplier=draft.supplier,
            status=OrderStatus.PENDING if submit else OrderStatus.DRAFT,
            currency=currency,
            ordered_on=draft.ordered_on or today,
            expected_date=draft.expected_date,
            deliver_to=draft.deliver_to,
            notes=draft.notes,
            reference=draft.reference,
            created_by=by,
        )
        lines += drafts.priced(order, draft.lines)
        orders.append(order)
    exchange.estimate(orders)
    _number(orders)
    PurchaseOrder.objects.bulk_create(orders)
    PurchaseOrderLine.objects.bulk_create(lines, batch_size=2000)
    audit.created(orders)
    audit.created(lines)
    _record(orders, from_status={}, by=by, comment="")
    return orders


@transaction.atomic
def revise(
    order: PurchaseOrder, *, by: User, lines: Sequence[LineDraft] | None = None, **changes: Any
) -> None:
    """Change an order before it is approved; `lines` replace all lines. A rejected one is pending again.

    Raises `OrderStateForbids` once it is approved or cancelled, `NotAllowed` for another's order without the
    permission to change any, and `InvalidInput` as `place` does.
    """
    if unknown := set(changes) - _REVISABLE:
        raise TypeError(f"revise() cannot change {', '.join(sorted(unknown))}")
    order.lock()
    _check_may_change(order, by)
    if not order.is_editable:
        raise OrderStateForbids(order, allowed=TRANSITIONS.get(order.status, ()))
    supplier_before, currency_before, place_before = order.supplier_id, order.currency, order.deliver_to_id
    for name, value in changes.items():
        setattr(order, name, value)
    is_resubmitted = order.status == OrderStatus.REJECTED
    has_new_currency = order.currency != currency_before
    if lines is None and has_new_currency:
        lines = [drafts.of_line(line) for line in order.lines.select_related("item__unit")]
    # What stays as it was may have become unusable since: that is no reason to refuse another change.
    drafts.check(
        supplier=order.supplier if is_resubmitted or order.supplier_id != supplier_before else None,
        currency=order.currency if has_new_currency else None,
        deliver_to=order.deliver_to if order.deliver_to_id != place_before else None,
        reference=order.reference,
        lines=lines,
    )
    if lines is not None:
        audit.delete(order.lines.all())
        made = drafts.priced(order, lines)
        PurchaseOrderLine.objects.bulk_create(made)
        audit.created(made)
    exchange.estimate([order])
    if is_resubmitted:
        _ask_for_decision(order, by=by, comment=_("Revised"))
    else:
        order.save()


@transaction.atomic
def submit(order: PurchaseOrder, *, by: User, comment: str = "") -> None:
    """Ask for a decision on a draft, or again on a rejected order.

    Raises `OrderStateForbids` in any other status, and `NotAllowed` for another's order without the
    permission to change any.
    """
    order.lock()
    _check_may_change(order, by)
    if order.status not in (OrderStatus.DRAFT, OrderStatus.REJECTED):
        raise OrderStateForbids(order, allowed=TRANSITIONS.get(order.status, ()))
    drafts.check(supplier=order.supplier)
    _ask_for_decision(order, by=by, comment=comment)


@transaction.atomic
def approve(
    order: PurchaseOrder,
    *,
    by: User,
    comment: str = "",
    exchange_rate: Decimal | None = None,
    as_seen: datetime | None = None,
) -> None:
    """Commit the company to the purchase, and freeze its exchange rate.

    The rate is the one given (base currency for one unit of the order's), else the newest stored one.
    `as_seen` is when the order had last been changed as the person looked at it.

    Raises `OrderStateForbids` unless the order is pending, `ChangedMeanwhile` where it was changed after
    `as_seen`, `SelfApproval` for its maker, `ApprovalLimitExceeded` where its total in base currency is above
    what `by` may approve, and `InvalidInput` where no rate is known.
    """
    if as_seen is not None:
        order.lock()
        if order.status == OrderStatus.PENDING and order.updated_at != as_seen:
            raise ChangedMeanwhile(order)
    approve_many([order], by=by, comment=comment, exchange_rate=exchange_rate)


@transaction.atomic
def approve_many(
    orders: Sequence[PurchaseOrder], *, by: User, comment: str = "", exchange_rate: Decimal | None = None
) -> None:
    """Approve orders, all or none, with a constant number of queries. Raises as `approve` does."""
    lock_many(orders)
    for order in orders:
        if order.created_by_id == by.pk:
            raise SelfApproval(order)
        _check_transition(order, OrderStatus.APPROVED)
    base = exchange.freeze(orders, given=exchange_rate)
    limit = approval.limit_of(by)
    now = timezone.now()
    for order in orders:
        assert order.total_base is not None
        if limit is not None and order.total_base > limit:
            raise ApprovalLimitExceeded(order, total=order.total_base, limit=limit, currency=base)
        order.approved_by, order.approved_at, order.approved_limit = by, now, limit
    move(
        orders,
        OrderStatus.APPROVED,
        by=by,
        comment=comment,
        stamped=(
            "exchange_rate",
            "exchange_rate_source",
            "total_base",
            "approved_by",
            "approved_at",
            "approved_limit",
        ),
    )


@transaction.atomic
def reject(order: PurchaseOrder, *, by: User, reason: str) -> None:
    """Send a pending order back to its maker, with the reason.

    Raises `OrderStateForbids` unless the order is pending, `SelfApproval` for its maker, and `InvalidInput`
    without a reason.
    """
    order.lock()
    if order.created_by_id == by.pk:
        raise SelfApproval(order)
    _check_reason(reason)
    _check_transition(order, OrderStatus.REJECTED)
    order.rejected_by, order.rejection_reason = by, reason.strip()
    move(
        [order],
        OrderStatus.REJECTED,
        by=by,
        comment=reason.strip(),
        stamped=("rejected_by", "rejection_reason"),
    )


@transaction.atomic
def cancel(order: PurchaseOrder, *, by: User, reason: str) -> None:
    """Give an order up before anything was received.

    Raises `OrderStateForbids` once something was, `NotAllowed` for another's order or an approved one
    without the permission to change any, and `InvalidInput` without a reason.
    """
    order.lock()
    _check_may_change(order, by)
    if order.status == OrderStatus.APPROVED and not _may_change_any(by):
        raise NotAllowed(_("Only a manager cancels an approved order."))
    _check_reason(reason)
    _check_transition(order, OrderStatus.CANCELLED)
    move([order], OrderStatus.CANCELLED, by=by, comment=reason.strip())


def lock_many(orders: Iterable[PurchaseOrder]) -> None:
    """Lock orders in the order of their keys and re-read them in place."""
    by_key = {order.pk: order for order in orders}
    locked = PurchaseOrder.objects.select_for_update(no_key=True).filter(pk__in=by_key).order_by("pk")
    for fresh in locked:
        order = by_key[fresh.pk]
        for field in PurchaseOrder._meta.concrete_fields:
            setattr(order, field.attname, getattr(fresh, field.attname))


def move(
    orders: Sequence[PurchaseOrder],
    to: str,
    *,
    by: User,
    comment: str = "",
    stamped: Sequence[str] = (),
) -> None:
    """Make one transition of locked orders. No other code writes `status`.

    `stamped` names the fields that the caller has set for it.
    """
    before = {order.pk: order.status for order in orders}
    for order in orders:
        _check_transition(order, to)
        order.status = to
    if len(orders) == 1:
        orders[0].save()
    else:
        now = timezone.now()
        for order in orders:
            order.updated_at = now
        bulk.update(orders, ["status", "updated_at", *stamped])
        audit.changed(orders, ({"status": [before[order.pk], to]} for order in orders))
    _record(orders, from_status=before, by=by, comment=comment)


def _ask_for_decision(order: PurchaseOrder, *, by: User, comment: str) -> None:
    # An earlier rejection stays in the history.
    order.rejected_by, order.rejection_reason = None, ""
    move([order], OrderStatus.PENDING, by=by, comment=comment)


def _record(orders: Sequence[PurchaseOrder], *, from_status: dict[int, str], by: User, comment: str) -> None:
    bulk.create(
        [
            OrderHistory(
                order=order,
                from_status=from_status.get(order.pk, ""),
                to_status=order.status,
                by=by,
                comment=comment,
            )
            for order in orders
        ]
    )
    for status in {order.status for order in orders}:
        outbox.record_many(f"order.{status}", ({"order": o.pk} for o in orders if o.status == status))


def _check_transition(order: PurchaseOrder, to: str) -> None:
    allowed = TRANSITIONS.get(order.status, ())
    if to not in allowed:
        raise OrderStateForbids(order, allowed=allowed)


def _check_may_change(order: PurchaseOrder, by: User) -> None:
    if order.created_by_id != by.pk and not _may_change_any(by):
        raise NotAllowed(_("Somebody else made this order: only its maker or a manager changes it."))


def _may_change_any(by: User) -> bool:
    return by.has_perm("procurement.change_any_purchaseorder")


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput({"reason": [_("Say why.")]})


def _number(orders: Sequence[PurchaseOrder]) -> None:
    for year, count in sorted(Counter(order.ordered_on.year for order in orders).items()):
        numbers = iter(numbering.take("PO", year, count=count))
        for order in orders:
            if order.ordered_on.year == year:
                order.po_number = next(numbers)
