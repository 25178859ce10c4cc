"""The purchase order on paper, as the supplier gets it: in the order's currency."""

from collections import defaultdict
from decimal import Decimal

from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django_countries import countries

from ipms import mail, site
from ipms.money import plain
from procurement.models import OrderStatus, PurchaseOrder
from procurement.models.orders import COMMITTED
from reporting.files.cells import Reader
from reporting.papers.form import Form, Signature
from reporting.tables import Column, Table
from suppliers import letters


def form(pk: int) -> Form:
    """Return the paper of an order in its supplier's language, by three queries.

    Raises `PurchaseOrder.DoesNotExist`.
    """
    order = PurchaseOrder.objects.select_related("supplier", "deliver_to", "created_by", "approved_by").get(
        pk=pk
    )
    language = letters.language_of(order.supplier, otherwise=site.current().language)
    with translation.override(language):
        return _form(order, language)


def _form(order: PurchaseOrder, language: str) -> Form:
    reader = Reader(order.currency)
    lines = _lines(order)
    return Form(
        name="purchase-order",
        title=_("Purchase order"),
        number=order.po_number,
        url=mail.absolute(reverse("admin:procurement_purchaseorder_change", args=[order.pk])),
        notice=_notice(order),
        addressee=_("Supplier"),
        address=_address(order),
        facts=_facts(order),
        lines=lines,
        sums=_sums(order, lines, reader),
        notes=order.notes,
        language=language,
        signatures=[
            Signature(_("Ordered by"), str(order.created_by), reader.moment(order.created_at)),
            Signature(_("Approved by"), str(order.approved_by), reader.moment(order.approved_at))
            if order.approved_by and order.approved_at
            else Signature(_("Approved by")),
            Signature(_("Confirmed by the supplier")),
        ],
    )


def _notice(order: PurchaseOrder) -> str:
    if order.status in COMMITTED:
        return ""
    if order.status in (OrderStatus.CANCELLED, OrderStatus.REJECTED):
        state = str(order.get_status_display())
        return _("%(status)s: this is not a valid order.") % {"status": state}
    return _("Not approved yet: this is not a valid order.")


def _address(order: PurchaseOrder) -> list[str]:
    supplier = order.supplier
    lines = [
        supplier.name,
        supplier.contact_person,
        *supplier.address.splitlines(),
        supplier.city,
        countries.name(supplier.country),
        supplier.phone,
        supplier.email,
        _("Tax number %(number)s") % {"number": supplier.tax_id} if supplier.tax_id else "",
    ]
    return [line.strip() for line in lines if line.strip()]


def _facts(order: PurchaseOrder) -> list[tuple[str, str]]:
    days = order.supplier.payment_terms_days
    facts = [
        (_("Order number"), order.po_number),
        (_("Ordered on"), date_format(order.ordered_on)),
        (_("Expected on"), date_format(order.expected_date) if order.expected_date else ""),
        (_("Deliver to"), str(order.deliver_to or "")),
        (_("Currency"), order.currency),
        (_("Payment"), _("within %(days)s days") % {"days": days} if days else ""),
        (_("Your number"), order.supplier.code),
        (_("Reference"), order.reference),
    ]
    return [(label, text) for label, text in facts if text]


def _lines(order: PurchaseOrder) -> Table:
    lines = order.lines.select_related("item__unit").order_by("number")
    return Table(
        "lines",
        _("Lines"),
        [
            Column("number", _("No."), "integer"),
            Column("item", _("Item"), "code"),
            Column("description", _("Description")),
            Column("quantity", _("Quantity"), "quantity"),
            Column("unit", _("Unit"), "code"),
            Column("unit_price", _("Unit price"), "price", currency=order.currency),
            Column("tax_rate", _("Tax, %"), "number"),
            Column("line_total", _("Amount"), "amount", currency=order.currency),
        ],
        [
            {
                "number": line.number,
                "item": line.item.sku,
                "description": line.description or line.item.name,
                "quantity": line.quantity,
                "unit": line.item.unit.code,
                "unit_price": line.unit_price,
                "tax_rate": line.tax_rate,
                "line_total": line.line_total,
                "tax_amount": line.tax_amount,
            }
            for line in lines
        ],
    )


def _sums(order: PurchaseOrder, lines: Table, reader: Reader) -> list[tuple[str, str]]:
    """Return the sums as they stand on the order; tax by its rates where there are several."""
    amount = Column("amount", "", "amount", currency=order.currency)

    def money(value: Decimal) -> str:
        return reader.text(amount, value, {})

    by_rate: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines.rows:
        if line["tax_amount"]:
            by_rate[line["tax_rate"].normalize()] += line["tax_amount"]
    taxes = [
        (_("Tax %(rate)s %%") % {"rate": plain(rate)}, money(total))
        for rate, total in sorted(by_rate.items())
    ]
    total = (_("Total, %(currency)s") % {"currency": order.currency}, money(order.total_amount))
    if not taxes:
        return [total]
    return [(_("Without tax"), money(order.subtotal)), *taxes, total]
