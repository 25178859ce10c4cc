"""The goods receipt note (GRN) on paper: what came, of which lot, and where it was put."""

from django.urls import reverse
from django.utils.translation import gettext as _

from ipms import mail
from procurement.models import GoodsReceipt
from reporting.files.cells import Reader
from reporting.papers.form import Form, Signature
from reporting.tables import Column, Table


def form(pk: int) -> Form:
    """Return the paper of a receipt, by two queries. Raises `GoodsReceipt.DoesNotExist`."""
    receipt = GoodsReceipt.objects.select_related("order__supplier", "received_by").get(pk=pk)
    supplier = receipt.order.supplier
    reader = Reader("")
    facts = [
        (_("Receipt number"), receipt.number),
        (_("Received at"), reader.moment(receipt.occurred_at)),
        (_("Order"), receipt.order.po_number),
        (_("Delivery note"), receipt.reference),
        (_("Received by"), str(receipt.received_by)),
    ]
    address = [supplier.name, *supplier.address.splitlines(), supplier.city]
    return Form(
        name="goods-receipt",
        title=_("Goods receipt note"),
        number=receipt.number,
        url=mail.absolute(reverse("admin:procurement_goodsreceipt_change", args=[receipt.pk])),
        addressee=_("Supplier"),
        address=[line.strip() for line in address if line.strip()],
        facts=[(label, text) for label, text in facts if text],
        lines=_lines(receipt),
        signatures=[
            Signature(_("Received by"), str(receipt.received_by), reader.moment(receipt.occurred_at)),
            Signature(_("Delivered by")),
            Signature(_("Checked by")),
        ],
    )


def _lines(receipt: GoodsReceipt) -> Table:
    lines = receipt.lines.select_related(
        "order_line__item__unit", "movement__lot", "movement__to_location", "movement__reversed_by"
    ).order_by("order_line__number", "pk")
    has_lots = has_expiry = has_reversals = False
    rows = []
    for line in lines:
        lot, item = line.movement.lot, line.order_line.item
        is_reversed = hasattr(line.movement, "reversed_by")
        has_lots = has_lots or lot is not None
        has_expiry = has_expiry or (lot is not None and lot.expires_on is not None)
        has_reversals = has_reversals or is_reversed
        rows.append(
            {
                "number": line.order_line.number,
                "item": item.sku,
                "description": line.order_line.description or item.name,
                "lot": lot.number if lot else "",
                "expires_on": lot.expires_on if lot else None,
                "location": line.movement.to_location.code,
                "ordered": line.order_line.quantity,
                "received": line.quantity,
                "unit": item.unit.code,
                "reversed": _("reversed") if is_reversed else "",
            }
        )
    return Table(
        "lines",
        _("Lines"),
        [
            Column("number", _("Line"), "integer"),
            Column("item", _("Item"), "code"),
            Column("description", _("Description")),
            Column("lot", _("Lot"), "code", is_printed=has_lots),
            Column("expires_on", _("Expires on"), "date", is_printed=has_expiry),
            Column("location", _("Location"), "code"),
            Column("ordered", _("Ordered"), "quantity"),
            Column("received", _("Received"), "quantity"),
            Column("unit", _("Unit"), "code"),
            Column("reversed", _("Remark"), "code", is_printed=has_reversals),
        ],
        rows,
    )
