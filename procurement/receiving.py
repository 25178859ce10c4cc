"""Goods receipts: what came against an order, posted to the ledger in the same transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from inventory import ledger, lots
from inventory.errors import InvalidPosting
from inventory.models import Location, LocationKind, Lot, MovementKind, StockMovement, Tracking
from inventory.stock import virtual_location
from ipms import audit, bulk, numbering
from ipms.errors import InvalidInput
from procurement import ordering
from procurement.errors import OrderStateForbids, OverReceipt, ReceivedMeanwhile
from procurement.models import (
    TRANSITIONS,
    GoodsReceipt,
    GoodsReceiptLine,
    OrderStatus,
    PurchaseOrder,
    PurchaseOrderLine,
)

_RECEIVABLE = (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What came of one order line: quantity in the stock unit, above zero.

    The location defaults to where the order is to be delivered, else to the item's own.
    """

    line_id: int
    quantity: Decimal
    lot: str = ""
    expires_on: date | None = None
    location: Location | None = None


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What came of one order at one time; without `arrivals`, all that is outstanding.

    `last_seen` is the key of the newest receipt of the order that the person knew of, 0 for none; None where
    it does not matter.
    """

    order: PurchaseOrder
    arrivals: Sequence[Arrival] | None = None
    reference: str = ""
    occurred_at: datetime | None = None
    last_seen: int | None = None


@dataclass(kw_only=True)
class _Row:
    """An arrival with the line it belongs to."""

    delivery: Delivery
    place: int  # in the delivery's arrivals, where an error is shown
    arrival: Arrival
    line: PurchaseOrderLine
    lot: Lot | None = field(default=None)

    @property
    def location(self) -> Location | None:
        return self.arrival.location or self.delivery.order.deliver_to or self.line.item.location


def receive(
    order: PurchaseOrder,
    *,
    by: User,
    arrivals: Sequence[Arrival] | None = None,
    reference: str = "",
    occurred_at: datetime | None = None,
    last_seen: int | None = None,
) -> GoodsReceipt:
    """Receive goods of an approved order into stock, at the line's price in base currency.

    All or nothing. The order is then partially delivered or delivered. The order and its items stay locked
    until the transaction ends.

    Raises `ReceivedMeanwhile` where there is a newer receipt than `last_seen`, `OrderStateForbids` unless the
    order is approved or partially delivered, `OverReceipt` for more than is outstanding, and `InvalidInput`
    with the errors of all lines.
    """
    delivery = Delivery(
        order=order, arrivals=arrivals, reference=reference, occurred_at=occurred_at, last_seen=last_seen
    )
    return receive_many([delivery], by=by)[0]


@transaction.atomic
def receive_many(deliveries: Sequence[Delivery], *, by: User) -> list[GoodsReceipt]:
    """Receive deliveries, at most one of each order, all or none, with a constant number of queries.

    Answers with a receipt for each delivery. Raises as `receive` does.
    """
    orders = [delivery.order for delivery in deliveries]
    ordering.lock_many(orders)
    _check_seen(deliveries)
    for order in orders:
        if order.status not in _RECEIVABLE:
            raise OrderStateForbids(order, allowed=TRANSITIONS.get(order.status, ()))
    lines = _lines_of(orders)
    rows = [row for delivery in deliveries for row in _rows(delivery, lines[delivery.order.pk])]
    errors, beyond = _errors_of(rows), _beyond(rows)
    # Before the lots: two deliveries that bring the same new lots must not wait for each other.
    ledger.lock({row.line.item_id for row in rows})
    for number, found in _find_lots(rows).items():
        errors.setdefault(number, {}).update(found)
    _refuse(rows, errors, beyond)
    receipts = _number(deliveries, by=by)
    movements = _post(rows, receipts, by=by)
    _keep(rows, receipts, movements)
    _settle(deliveries, receipts, lines, by=by)
    return receipts


def _check_seen(deliveries: Sequence[Delivery]) -> None:
    seen = {
        delivery.order.pk: delivery.last_seen for delivery in deliveries if delivery.last_seen is not None
    }
    if not seen:
        return
    receipts = GoodsReceipt.objects.filter(order__in=seen).select_related("received_by").order_by("-pk")
    for receipt in receipts:
        if receipt.pk > seen[receipt.order_id]:
            raise ReceivedMeanwhile(receipt)


def _lines_of(orders: Iterable[PurchaseOrder]) -> dict[int, dict[int, PurchaseOrderLine]]:
    found: dict[int, dict[int, PurchaseOrderLine]] = defaultdict(dict)
    lines = PurchaseOrderLine.objects.filter(order__in=orders).select_related("item__unit", "item__location")
    for line in lines.order_by("order_id", "number"):
        found[line.order_id][line.pk] = line
    return found


def _rows(delivery: Delivery, lines: dict[int, PurchaseOrderLine]) -> list[_Row]:
    arrivals = delivery.arrivals
    if arrivals is None:
        arrivals = [
            Arrival(line_id=line.pk, quantity=line.outstanding_quantity)
            for line in lines.values()
            if line.outstanding_quantity
        ]
    if not arrivals:
        raise InvalidInput({"lines": [_("Name at least one line that came.")]})
    errors: list[dict[str, Any]] = [{} for _arrival in arrivals]
    for place, arrival in enumerate(arrivals):
        if arrival.line_id not in lines:
            errors[place]["line"] = [_("This is not a line of the order.")]
    if any(errors):
        raise InvalidInput({"lines": errors})
    return [
        _Row(delivery=delivery, place=place, arrival=arrival, line=lines[arrival.line_id])
        for place, arrival in enumerate(arrivals)
    ]


def _errors_of(rows: Sequence[_Row]) -> dict[int, dict[str, Any]]:
    return {number: found for number, row in enumerate(rows) if (found := _errors(row))}


def _beyond(rows: Sequence[_Row]) -> dict[int, Decimal]:
    """Return what has arrived of a line up to each row by which that is more than is outstanding."""
    arrived: dict[int, Decimal] = defaultdict(Decimal)
    beyond = {}
    for number, row in enumerate(rows):
        if not _is_quantity(row.arrival.quantity):
            continue
        arrived[row.line.pk] += row.arrival.quantity
        if arrived[row.line.pk] > row.line.outstanding_quantity:
            beyond[number] = arrived[row.line.pk]
    return beyond


def _refuse(rows: Sequence[_Row], errors: dict[int, dict[str, Any]], beyond: Mapping[int, Decimal]) -> None:
    """Raise what is wrong with the rows, if anything is: all of it at once."""
    over = {number: OverReceipt(rows[number].line, quantity=beyond[number]) for number in beyond}
    for number, refusal in over.items():
        errors.setdefault(number, {}).setdefault("quantity", [refusal.advice])
    if not errors:
        return
    refused = _refusal(rows, errors)
    if set(errors) == set(over) and all(set(found) == {"quantity"} for found in errors.values()):
        first = over[min(over)]
        first.lines = refused.details["lines"]
        raise first
    raise refused


def _errors(row: _Row) -> dict[str, Any]:
    errors = {}
    if not _is_quantity(row.arrival.quantity):
        errors["quantity"] = [_("Enter a quantity above zero.")]
    if row.location is None:
        errors["location"] = [_("Name the location: neither order nor item has one.")]
    elif not row.location.is_real:
        errors["location"] = [_("Stock cannot stand at this location.")]
    if row.arrival.expires_on and not row.arrival.lot:
        errors["lot"] = [_("Name the lot that expires.")]
    elif row.line.item.tracking != Tracking.NONE and not row.arrival.lot:
        errors["lot"] = [_("Name the lot: this item is tracked.")]
    return errors


def _is_quantity(number: Decimal) -> bool:
    return number.is_finite() and number > 0


def _find_lots(rows: Sequence[_Row]) -> dict[int, dict[str, Any]]:
    """Set the lot of each row that names one, or return the errors of all faulty names by row."""
    named = [number for number, row in enumerate(rows) if row.arrival.lot]
    names = [
        lots.LotName(
            item=rows[number].line.item,
            number=rows[number].arrival.lot,
            expires_on=rows[number].arrival.expires_on,
        )
        for number in named
    ]
    try:
        found = lots.ensure_many(names)
    except InvalidPosting as refusal:
        return {named[place]: dict(problems) for place, problems in refusal.lines.items()}
    for number, lot in zip(named, found, strict=True):
        rows[number].lot = lot
    return {}


def _number(deliveries: Sequence[Delivery], *, by: User) -> list[GoodsReceipt]:
    now = timezone.now()
    numbers = iter(numbering.take("GRN", timezone.localdate().year, count=len(deliveries)))
    receipts = [
        GoodsReceipt(
            number=next(numbers),
            order=delivery.order,
            reference=delivery.reference,
            received_by=by,
            occurred_at=delivery.occurred_at or now,
        )
        for delivery in deliveries
    ]
    GoodsReceipt.objects.bulk_create(receipts)
    audit.created(receipts)
    return receipts


def _post(rows: Sequence[_Row], receipts: Sequence[GoodsReceipt], *, by: User) -> list[StockMovement]:
    receipt_of = {receipt.order_id: receipt for receipt in receipts}
    outside = virtual_location(LocationKind.SUPPLIER)
    postings = []
    for row in rows:
        order, receipt = row.delivery.order, receipt_of[row.delivery.order.pk]
        assert row.location is not None
        assert order.exchange_rate is not None
        postings.append(
            ledger.Posting(
                kind=MovementKind.RECEIPT,
                item=row.line.item,
                quantity=row.arrival.quantity,
                from_location=outside,
                to_location=row.location,
                lot=row.lot,
                unit_cost=_unit_cost(row.line.unit_price, order.exchange_rate),
                reference=row.delivery.reference or order.po_number,
                document=receipt.number,
                occurred_at=row.delivery.occurred_at,
            )
        )
    try:
        return ledger.post(postings, by=by)
    except InvalidPosting as refusal:
        raise _refusal(rows, refusal.lines) from refusal


def _unit_cost(unit_price: Decimal, exchange_rate: Decimal) -> Decimal:
    """Return a price of the order in base currency, with the eight decimals of a unit cost."""
    with localcontext(prec=60):
        return (unit_price * exchange_rate).quantize(Decimal("1e-8"), rounding=ROUND_HALF_UP)


def _keep(rows: Sequence[_Row], receipts: Sequence[GoodsReceipt], movements: Sequence[StockMovement]) -> None:
    receipt_of = {receipt.order_id: receipt for receipt in receipts}
    GoodsReceiptLine.objects.bulk_create(
        (
            GoodsReceiptLine(
                receipt=receipt_of[row.line.order_id],
                order_line=row.line,
                quantity=row.arrival.quantity,
                movement=movement,
            )
            for row, movement in zip(rows, movements, strict=True)
        ),
        batch_size=2000,
    )
    touched = {row.line.pk: row.line for row in rows}
    for row in rows:
        row.line.received_quantity += row.arrival.quantity
    bulk.update(list(touched.values()), ["received_quantity"])


def _settle(
    deliveries: Sequence[Delivery],
    receipts: Sequence[GoodsReceipt],
    lines: dict[int, dict[int, PurchaseOrderLine]],
    *,
    by: User,
) -> None:
    """Derive each order's status from its lines."""
    complete, partial = [], []
    for delivery, receipt in zip(deliveries, receipts, strict=True):
        order = delivery.order
        if any(line.outstanding_quantity for line in lines[order.pk].values()):
            partial.append(order)
        else:
            order.delivered_at = receipt.occurred_at
            complete.append(order)
    if complete:
        ordering.move(complete, OrderStatus.DELIVERED, by=by, stamped=("delivered_at",))
    if partial:
        ordering.move(partial, OrderStatus.PARTIALLY_DELIVERED, by=by)


def _refusal(rows: Sequence[_Row], errors: Mapping[int, Mapping[str, Any]]) -> InvalidInput:
    """Turn errors by row into errors by the lines of the first delivery that has any."""
    faulty = rows[min(errors)].delivery
    own = [(number, row) for number, row in enumerate(rows) if row.delivery is faulty]
    by_place: list[dict[str, Any]] = [{} for _place in range(max(row.place for _n, row in own) + 1)]
    for number, row in own:
        by_place[row.place] = dict(errors.get(number, {}))
    return InvalidInput({"lines": by_place})
