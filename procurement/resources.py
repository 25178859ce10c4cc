"""Purchase orders in spreadsheets: one row is one line of an order."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Item, Location
from ipms.columns import Column, CurrencyColumn, DayColumn, NumberColumn, RecordColumn
from ipms.errors import InvalidInput
from ipms.resources import NEW, UNCHANGED, Row, SheetResource, list_of
from procurement import drafts, ordering
from procurement.drafts import LineDraft, OrderDraft
from procurement.models import OrderStatus, PurchaseOrderLine
from suppliers.models import Supplier

#: What all rows of an order say alike.
_OF_THE_ORDER = ("currency", "ordered_on", "expected_date", "deliver_to", "notes")

Lines = list[tuple[Any, ...]]


class OrderResource(SheetResource):
    """Orders by supplier and reference: rows that share both are the lines of one order.

    An order of this supplier with this reference that has the same lines is left alone, so that a file that
    comes twice makes no order twice; one with other lines is refused.
    """

    title = gettext_lazy("Purchase orders")

    po_number = Column("order__po_number", is_readonly=True)
    status = Column("order__status", is_readonly=True)
    supplier = RecordColumn(
        "order__supplier", among=Supplier.objects.all, key="code", is_required=True, hint=gettext_lazy("code")
    )
    reference = Column(
        "order__reference",
        is_required=True,
        max_length=100,
        hint=gettext_lazy("your own mark of the order"),
    )
    ordered_on = DayColumn("order__ordered_on")
    expected_date = DayColumn("order__expected_date")
    currency = CurrencyColumn("order__currency", hint=gettext_lazy("the supplier's when empty"))
    deliver_to = RecordColumn(
        "order__deliver_to", among=Location.objects.real, key="code", hint=gettext_lazy("code")
    )
    notes = Column("order__notes")
    item = RecordColumn(
        among=lambda: Item.objects.select_related("unit"),
        key="sku",
        is_required=True,
        hint=gettext_lazy("SKU"),
    )
    description = Column(max_length=300)
    quantity = NumberColumn(is_required=True, hint=gettext_lazy("in the item's stock unit"))
    unit_price = NumberColumn(is_required=True, hint=gettext_lazy("in the order's currency"))
    tax_rate = NumberColumn(hint=gettext_lazy("in percent"))
    line_total = Column(is_readonly=True)
    received = Column("received_quantity", is_readonly=True)
    outstanding = Column("outstanding_quantity", is_readonly=True)
    made_by = Column("order__created_by__email", is_readonly=True)
    approved_by = Column("order__approved_by__email", is_readonly=True)
    approved_at = Column("order__approved_at", is_readonly=True)

    def iter_queryset(self, queryset: models.QuerySet) -> Iterator[PurchaseOrderLine]:
        """Yield the lines of the orders that are to be exported."""
        lines = PurchaseOrderLine.objects.filter(order__in=queryset.order_by().values("pk")).select_related(
            "order__supplier", "order__deliver_to", "order__created_by", "order__approved_by", "item"
        )
        return lines.order_by("-order_id", "number").iterator(chunk_size=2000)

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
        groups: dict[tuple[int, str], list[Row]] = {}
        for row in rows:
            key = (row.values["supplier"].pk, row.values["reference"])
            groups.setdefault(key, []).append(row)
        stored = _stored_lines(groups)
        wanted = []
        for key, group in groups.items():
            _check_alike(group)
            draft = _draft(group)
            if known := stored.get(key):
                _compare(group, draft, known)
            elif _is_sound(group, draft):
                wanted.append(draft)
        if wanted and not any(row.problems for row in rows):
            ordering.place_many(wanted, by=by)


def _check_alike(group: Sequence[Row]) -> None:
    first = group[0]
    for row in group[1:]:
        for name in _OF_THE_ORDER:
            if row.values.get(name) != first.values.get(name):
                sentence = _("Row %(number)d says otherwise of the same order.")
                row.refuse(name, sentence % {"number": first.number})


def _draft(group: Sequence[Row]) -> OrderDraft:
    first = group[0].values
    return OrderDraft(
        supplier=first["supplier"],
        reference=first["reference"],
        lines=[
            LineDraft(
                **{
                    name: row.values[name]
                    for name in ("item", "quantity", "unit_price", "tax_rate", "description")
                    if name in row.values
                }
            )
            for row in group
        ],
        **{name: first[name] for name in _OF_THE_ORDER if name in first},
    )


def _is_sound(group: Sequence[Row], draft: OrderDraft) -> bool:
    """Note on the rows what the domain would refuse, for each order and not only the first."""
    try:
        drafts.check(supplier=draft.supplier, deliver_to=draft.deliver_to, lines=draft.lines)
    except InvalidInput as refusal:
        _refuse(group, refusal)
    return not any(row.problems for row in group)


def _refuse(group: Sequence[Row], refusal: InvalidInput) -> None:
    for name, problem in refusal.details.items():
        if name == "lines" and all(isinstance(line, dict) for line in problem):
            for row, line in zip(group, problem, strict=True):
                row.refuse_all(line)
        else:
            group[0].refuse_all({name: problem})


def _compare(group: Sequence[Row], draft: OrderDraft, known: dict[str, Lines]) -> None:
    asked = sorted((line.item.pk, line.quantity, line.unit_price, line.tax_rate) for line in draft.lines)
    same = any(asked == lines for lines in known.values())
    for row in group:
        row.outcome = UNCHANGED if same else NEW
        if not same:
            sentence = _("%(number)s has this reference and other lines.")
            row.refuse("reference", sentence % {"number": ", ".join(known)})


def _stored_lines(groups: dict[tuple[int, str], list[Row]]) -> dict[tuple[int, str], dict[str, Lines]]:
    """Return the lines of the orders with these suppliers and references, by number of the order."""
    found: dict[tuple[int, str], dict[str, Lines]] = {}
    lines = PurchaseOrderLine.objects.filter(
        order__supplier__in={supplier for supplier, _reference in groups},
        order__reference__in={reference for _supplier, reference in groups},
    ).exclude(order__status=OrderStatus.CANCELLED)
    for line in lines.select_related("order").order_by("order_id", "item_id", "quantity", "unit_price"):
        key = (line.order.supplier_id, line.order.reference)
        of_order = found.setdefault(key, {}).setdefault(line.order.po_number, [])
        of_order.append((line.item_id, line.quantity, line.unit_price, line.tax_rate))
    return {key: {number: sorted(lines) for number, lines in orders.items()} for key, orders in found.items()}


LineResource = list_of(
    "LineResource",
    po_number="order__po_number",
    status="order__status",
    supplier="order__supplier__code",
    line="number",
    sku="item__sku",
    description="description",
    quantity="quantity",
    unit_price="unit_price",
    currency="order__currency",
    tax_rate="tax_rate",
    line_total="line_total",
    received="received_quantity",
    outstanding="outstanding_quantity",
    expected_date="order__expected_date",
)
HistoryResource = list_of(
    "HistoryResource",
    po_number="order__po_number",
    from_status="from_status",
    to_status="to_status",
    by="by__email",
    at="at",
    comment="comment",
)
ReceiptResource = list_of(
    "ReceiptResource",
    number="number",
    po_number="order__po_number",
    supplier="order__supplier__code",
    reference="reference",
    received_by="received_by__email",
    received_at="occurred_at",
)
ReceiptLineResource = list_of(
    "ReceiptLineResource",
    receipt="receipt__number",
    po_number="receipt__order__po_number",
    line="order_line__number",
    sku="order_line__item__sku",
    quantity="quantity",
    lot="movement__lot__number",
    location="movement__to_location__code",
    value="movement__value",
    received_at="receipt__occurred_at",
)
LimitResource = list_of("LimitResource", role="group__name", limit="amount")
ImportedLineResource = list_of(
    "ImportedLineResource",
    source="source",
    key="key",
    po_number="order_line__order__po_number",
    line="order_line__number",
    imported_at="created_at",
)
