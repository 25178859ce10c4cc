"""Purchase orders in spreadsheets: one row is one line of an order."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Item, Location
from ipms.columns import Column, CurrencyColumn, DayColumn, NumberColumn, RecordColumn, as_text
from ipms.errors import InvalidInput
from ipms.importing.registry import importable
from ipms.resources import NEW, UNCHANGED, Kept, Row, SheetResource, list_of
from procurement import drafts, ordering
from procurement.drafts import LineDraft, OrderDraft
from procurement.models import OrderStatus, PurchaseOrder, PurchaseOrderLine
from suppliers.models import Supplier

#: What all rows of an order say alike.
_OF_THE_ORDER = ("currency", "ordered_on", "expected_date", "deliver_to", "notes")

Lines = list[tuple[Any, ...]]


@importable("procurement.purchaseorder", permissions=["procurement.add_purchaseorder"])
class OrderResource(SheetResource):
    """Orders by supplier and reference: rows that share both are the lines of one order.

    An order of this supplier with this reference that has the same lines is left alone, so that a file that
    comes twice makes no order twice; one with other lines is refused. Where one line cannot be taken, the
    whole order is left out.
    """

    title = gettext_lazy("Purchase orders")
    is_whole = True
    advice = gettext_lazy(
        "Rows with the same supplier and reference are the lines of one order. Then it waits for approval."
    )

    po_number = Column("order__po_number", is_readonly=True)
    status = Column("order__status", is_readonly=True)
    supplier = RecordColumn(
        "order__supplier",
        among=Supplier.objects.all,
        key="code",
        is_required=True,
        label=gettext_lazy("supplier"),
        hint=gettext_lazy("code or name"),
        example="KIGALI-STEEL",
    )
    reference = Column(
        "order__reference",
        is_required=True,
        is_code=True,
        max_length=100,
        label=gettext_lazy("reference"),
        hint=gettext_lazy("your own mark of the order"),
        example="REQ-118",
    )
    ordered_on = DayColumn("order__ordered_on", label=gettext_lazy("ordered on"))
    expected_date = DayColumn("order__expected_date", label=gettext_lazy("expected on"))
    currency = CurrencyColumn(
        "order__currency", label=gettext_lazy("currency"), hint=gettext_lazy("the supplier's when empty")
    )
    deliver_to = RecordColumn(
        "order__deliver_to",
        among=Location.objects.real,
        key="code",
        label=gettext_lazy("deliver to"),
        hint=gettext_lazy("code or name"),
    )
    notes = Column("order__notes", label=gettext_lazy("notes"))
    item = RecordColumn(
        among=lambda: Item.objects.select_related("unit"),
        key="sku",
        is_required=True,
        label=gettext_lazy("item"),
        hint=gettext_lazy("SKU"),
        example="BOLT-M8-40",
    )
    description = Column(max_length=300, label=gettext_lazy("description"))
    quantity = NumberColumn(
        is_required=True,
        label=gettext_lazy("quantity"),
        hint=gettext_lazy("in the item's stock unit"),
        example=500,
    )
    unit_price = NumberColumn(
        is_required=True,
        label=gettext_lazy("unit price"),
        hint=gettext_lazy("in the order's currency"),
        example=12,
    )
    tax_rate = NumberColumn(label=gettext_lazy("tax rate"), hint=gettext_lazy("in percent"), example=18)
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

    def examine(self, rows: Sequence[Row]) -> None:
        self._spoiled = {_key_in_words(row): row.number for row in reversed(rows)}

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
        groups: dict[tuple[int, str], list[Row]] = {}
        for row in rows:
            groups.setdefault((row.values["supplier"].pk, row.values["reference"]), []).append(row)
        stored = _stored_lines(groups)
        wanted: list[tuple[list[Row], OrderDraft]] = []
        for key, group in groups.items():
            _check_alike(group)
            draft = _draft(group)
            if known := stored.get(key):
                _compare(group, draft, known)
            elif _is_sound(group, draft) and not self._is_spoiled(group):
                wanted.append((group, draft))
            _leave_out(group)
        orders = ordering.place_many([draft for _group, draft in wanted], by=by) if wanted else []
        for (group, _draft_of_group), order in zip(wanted, orders, strict=True):
            for row in group:
                row.record = order

    def _is_spoiled(self, group: Sequence[Row]) -> bool:
        """Tell whether another row of the order has a cell that cannot be read; these are told then."""
        for row in group:
            if (number := self._spoiled.get(_key_in_words(row))) is not None:
                row.refuse("", _("Row %(number)d of the same order cannot be taken.") % {"number": number})
        return any(row.problems for row in group)

    def trace(self, row: Row) -> dict[str, Any] | None:
        if row.record is None:
            return None
        return {"row": row.number, "outcome": row.outcome, "label": row.record.po_number, "pk": row.record.pk}

    def undo(self, traces: Sequence[dict[str, Any]], *, by: Any) -> list[Kept]:
        """Cancel the orders that were made; a number that was given stays given."""
        first = {trace["pk"]: trace for trace in reversed(traces)}
        orders = PurchaseOrder.objects.in_bulk(first)
        kept: list[Kept] = []
        for pk, trace in first.items():
            attempt = Row(trace["row"], {})
            if pk in orders and orders[pk].status != OrderStatus.CANCELLED:
                with attempt.told():
                    ordering.cancel(orders[pk], by=by, reason=_("Import taken back"))
            kept += Kept.by(trace, attempt)
        return kept


def _key_in_words(row: Row) -> tuple[str, str]:
    """Return how the row itself names its order: it may be one that cannot be read."""
    supplier = row.values.get("supplier")
    code = supplier.code if supplier else as_text(row.cells.get("supplier") or "")
    return code.lower(), as_text(row.cells.get("reference") or "")


def _leave_out(group: Sequence[Row]) -> None:
    """Where one row of an order cannot be taken, the others are left out with it."""
    if bad := [row for row in group if row.problems]:
        sentence = _("Row %(number)d of the same order cannot be taken.") % {"number": bad[0].number}
        for row in group:
            if not row.problems:
                row.refuse("", sentence)


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
