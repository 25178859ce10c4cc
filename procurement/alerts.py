"""What makers and approvers are told of their orders."""

from typing import Any

from accounts.notifications import Amount, Kind, holders_of, notify, page_of, settle
from ipms import outbox, site
from ipms.models import OutboxEvent
from procurement import approval
from procurement.models import OrderHistory, OrderStatus, PurchaseOrder

_AWAITED = (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)


@outbox.subscribe("order.pending", name="procurement.order-waiting")
def tell_those_who_may_approve(event: OutboxEvent) -> None:
    order = _order(event)
    # An order that waited and was decided on before anybody was told waits for nobody.
    if order is None or order.status != OrderStatus.PENDING:
        return
    words: dict[str, Any] = {}
    base = site.base_currency()
    if order.total_base is not None and order.currency != base:
        words["base"] = Amount(order.total_base, base)
    notify(
        approval.approvers_of(order),
        Kind.ORDER_WAITING,
        key=_key(order, event),
        url=page_of(order),
        variant="converted" if words else "",
        maker=order.created_by,
        **_about(order),
        **words,
    )


@outbox.subscribe("order.approved", name="procurement.order-approved")
def tell_the_maker_of_the_approval(event: OutboxEvent) -> None:
    if order := _order(event):
        last = _transition(order, OrderStatus.APPROVED)
        words: dict[str, Any] = {"comment": last.comment} if last.comment else {}
        notify(
            [order.created_by],
            Kind.ORDER_APPROVED,
            key=_key(order, event),
            url=page_of(order),
            variant="commented" if words else "",
            by=last.by,
            **_about(order),
            **words,
        )


@outbox.subscribe("order.rejected", name="procurement.order-rejected")
def tell_the_maker_of_the_rejection(event: OutboxEvent) -> None:
    if order := _order(event):
        last = _transition(order, OrderStatus.REJECTED)
        notify(
            [order.created_by],
            Kind.ORDER_REJECTED,
            key=_key(order, event),
            url=page_of(order),
            by=last.by,
            reason=last.comment,
            **_about(order),
        )


@outbox.subscribe("order.partially_delivered", name="procurement.order-partially-delivered")
def tell_the_maker_of_a_part(event: OutboxEvent) -> None:
    if order := _order(event):
        lines = list(order.lines.all())
        notify(
            [order.created_by],
            Kind.ORDER_DELIVERED,
            key=_key(order, event),
            url=page_of(order),
            variant="partially",
            complete=sum(not line.outstanding_quantity for line in lines),
            lines=len(lines),
            **_about(order),
        )


@outbox.subscribe("order.delivered", name="procurement.order-delivered")
def tell_the_maker_of_the_delivery(event: OutboxEvent) -> None:
    if order := _order(event):
        notify(
            [order.created_by],
            Kind.ORDER_DELIVERED,
            key=_key(order, event),
            url=page_of(order),
            **_about(order),
        )


@outbox.subscribe("order.overdue", name="procurement.order-overdue")
def tell_of_an_overdue_order(event: OutboxEvent) -> None:
    """Tell the maker and the managers; of an order that stays away, the newest notice counts."""
    order = _order(event)
    if order is None or order.status not in _AWAITED or order.expected_date is None:
        return
    settle(Kind.ORDER_OVERDUE, url=page_of(order))
    notify(
        [order.created_by, *holders_of("procurement.change_any_purchaseorder")],
        Kind.ORDER_OVERDUE,
        key=_key(order, event),
        url=page_of(order),
        expected_on=order.expected_date,
        days_late=event.payload["days_late"],
        **_about(order),
    )


@outbox.subscribe("order.*", name="procurement.order-settled")
def settle_what_is_no_longer_to_be_done(event: OutboxEvent) -> None:
    """Take from everybody's unread what somebody did: an order that was decided on, one that came."""
    order = _order(event)
    if order is None:
        return
    if order.status != OrderStatus.PENDING:
        settle(Kind.ORDER_WAITING, url=page_of(order))
    if order.status not in _AWAITED:
        settle(Kind.ORDER_OVERDUE, url=page_of(order))


def _order(event: OutboxEvent) -> PurchaseOrder | None:
    orders = PurchaseOrder.objects.select_related("supplier", "created_by")
    return orders.filter(pk=event.payload["order"]).first()


def _transition(order: PurchaseOrder, to: str) -> OrderHistory:
    """Return the newest transition to a status: what the order itself says of it may be gone since."""
    return order.history.filter(to_status=to).select_related("by").latest("id")


def _about(order: PurchaseOrder) -> dict[str, Any]:
    return {
        "order": order.po_number,
        "supplier": order.supplier.name,
        "amount": Amount(order.total_amount, order.currency),
    }


def _key(order: PurchaseOrder, event: OutboxEvent) -> str:
    return f"{order.pk}:{event.pk}"
