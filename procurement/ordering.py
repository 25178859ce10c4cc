"""Purchase orders from draft to decision. Receiving their goods is `procurement.receiving`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from ipms import audit, money, numbering, outbox, rates, site
from ipms.errors import InvalidInput, NotAllowed
from procurement import approval, drafts
from procurement.drafts import LineDraft, OrderDraft
from procurement.errors import ApprovalLimitExceeded, OrderStateForbids, SelfApproval
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
        drafts.check_supplier(draft.supplier)
        drafts.check_deliver_to(draft.deliver_to)
        drafts.check_lines(draft.lines)
        order = PurchaseOrder(
            supplier=draft.supplier,
            status=OrderStatus.PENDING if submit else OrderStatus.DRAFT,
            currency=draft.currency or draft.supplier.currency or base,
            ordered_on=draft.ordered_on or today,
            expected_date=draft.expected_date,
            deliver_to=draft.deliver_to,
            notes=draft.notes,
            reference=draft.reference,
            created_by=by,
        )
        lines += drafts.priced(order, draft.lines)
        orders.append(order)
    _estimate(orders, base=base)
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
    for name, value in changes.items():
        setattr(order, name, value)
    if "supplier" in changes:
        drafts.check_supplier(order.supplier)
    drafts.check_deliver_to(order.deliver_to)
    if lines is None and "currency" in changes:
        lines = [_draft_of(line) for line in order.lines.select_related("item__unit")]
    if lines is not None:
        drafts.check_lines(lines)
        order.lines.all().delete()
        made = drafts.priced(order, lines)
        PurchaseOrderLine.objects.bulk_create(made)
        audit.created(made)
    _estimate([order], base=site.base_currency())
    if order.status == OrderStatus.REJECTED:
        move([order], OrderStatus.PENDING, by=by, comment=_("Revised"))
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
    drafts.check_supplier(order.supplier)
    move([order], OrderStatus.PENDING, by=by, comment=comment)


def approve(
    order: PurchaseOrder, *, by: User, comment: str = "", exchange_rate: Decimal | None = None
) -> None:
    """Commit the company to the purchase, and freeze its exchange rate.

    The rate is the one given (base currency for one unit of the order's), else the newest stored one.

    Raises `OrderStateForbids` unless the order is pending, `SelfApproval` for its maker,
    `ApprovalLimitExceeded` where its total in base currency is above what `by` may approve, and
    `InvalidInput` where no rate is known.
    """
    approve_many([order], by=by, comment=comment, exchange_rate=exchange_rate)


@transaction.atomic
def approve_many(
    orders: Sequence[PurchaseOrder], *, by: User, comment: str = "", exchange_rate: Decimal | None = None
) -> None:
    """Approve orders, all or none, with a constant number of queries. Raises as `approve` does."""
    lock_many(orders)
    base = site.base_currency()
    limit = approval.limit_of(by)
    now = timezone.now()
    rate_of = _rates({order.currency for order in orders}, base=base, given=exchange_rate)
    for order in orders:
        if order.created_by_id == by.pk:
            raise SelfApproval(order)
        _check_transition(order, OrderStatus.APPROVED)
        rate = rate_of[order.currency]
        if rate is None:
            sentence = _("There is no exchange rate for %(currency)s: enter one.")
            raise InvalidInput({"exchange_rate": [sentence % {"currency": order.currency}]})
        total = _in_base_currency(order.total_amount, rate, base)
        if limit is not None and total > limit:
            raise ApprovalLimitExceeded(order, total=total, limit=limit, currency=base)
        order.exchange_rate, order.exchange_rate_source, order.total_base = rate.rate, rate.source, total
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
    locked = PurchaseOrder.objects.select_for_update().filter(pk__in=by_key).order_by("pk")
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
        PurchaseOrder.objects.bulk_update(orders, ["status", "updated_at", *stamped], batch_size=500)
        audit.changed(orders, ({"status": [before[order.pk], to]} for order in orders))
    _record(orders, from_status=before, by=by, comment=comment)


def _record(orders: Sequence[PurchaseOrder], *, from_status: dict[int, str], by: User, comment: str) -> None:
    OrderHistory.objects.bulk_create(
        OrderHistory(
            order=order,
            from_status=from_status.get(order.pk, ""),
            to_status=order.status,
            by=by,
            comment=comment,
        )
        for order in orders
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


def _estimate(orders: Sequence[PurchaseOrder], *, base: str) -> None:
    """Set the total in base currency by the newest rate, as far as one is known; approval freezes it."""
    rate_of = _rates({order.currency for order in orders}, base=base)
    for order in orders:
        rate = rate_of[order.currency]
        order.exchange_rate = rate.rate if rate else None
        order.exchange_rate_source = rate.source if rate else ""
        order.total_base = _in_base_currency(order.total_amount, rate, base) if rate else None


def _rates(currencies: set[str], *, base: str, given: Decimal | None = None) -> dict[str, rates.Rate | None]:
    today = timezone.localdate()
    if given is None:
        return {currency: rates.newest(currency, on=today) for currency in currencies}
    if not given.is_finite() or not 0 < given < Decimal(10) ** 9:
        raise InvalidInput({"exchange_rate": [_("Enter a rate above zero.")]})
    if base in currencies and given != 1:
        raise InvalidInput({"exchange_rate": [_("The order is in base currency: its rate is 1.")]})
    rate = rates.Rate(rate=round(given, 10), source=_("entered at approval"))
    return dict.fromkeys(currencies, rate)


def _in_base_currency(amount: Decimal, rate: rates.Rate, base: str) -> Decimal:
    return money.multiply(amount, rate.rate, base)


def _draft_of(line: PurchaseOrderLine) -> LineDraft:
    return LineDraft(
        item=line.item,
        quantity=line.quantity,
        unit_price=line.unit_price,
        tax_rate=line.tax_rate,
        description=line.description,
    )
