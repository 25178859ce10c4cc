"""What people do with an order: submit, approve, reject, receive, cancel, as buttons and in bulk."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, AutocompleteSelect
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from inventory.models import Item, Location, Tracking
from ipms import rates, site
from ipms.admin import pickers
from ipms.admin.bulk_actions import BulkAction
from ipms.admin.columns import stacked
from ipms.admin.display import number, quantity
from ipms.admin.forms import ActionForm, LineForm, LinesActionForm, ReasonForm
from ipms.admin.object_actions import ObjectAction
from procurement import ordering, receiving
from procurement.models import GoodsReceipt, OrderStatus, PurchaseOrder, PurchaseOrderLine

_CHANGE_ANY = "procurement.change_any_purchaseorder"
_RECEIVABLE = (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)


class ApproveForm(ActionForm):
    """A comment, and the rate where the order is not in base currency."""

    exchange_rate = forms.DecimalField(
        label=_("exchange rate"), required=False, widget=forms.NumberInput(attrs={"step": "any"})
    )
    comment = forms.CharField(
        label=_("comment"),
        required=False,
        max_length=1000,
        widget=AdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Kept in the order's history."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        base = site.base_currency()
        if self.obj.currency == base:
            del self.fields["exchange_rate"]
            return
        stored = rates.newest(self.obj.currency, on=timezone.localdate())
        words = {"base": base, "currency": self.obj.currency}
        field = self.fields["exchange_rate"]
        if stored is None:
            field.help_text = _("%(base)s for one %(currency)s. None is stored: enter one.") % words
        else:
            words |= {"rate": f"{stored.rate.normalize():f}", "source": stored.source}
            field.help_text = (
                _("%(base)s for one %(currency)s; when left empty %(rate)s (%(source)s).") % words
            )


class _QuantityForm(LineForm):
    quantity = forms.DecimalField(
        label=_("quantity"), required=False, widget=forms.NumberInput(attrs={"step": "any", "min": "0"})
    )


def _location_field() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=_("location"),
        queryset=Location.objects.real(),
        required=False,
        widget=AutocompleteSelect(Item._meta.get_field("location"), admin.site),
    )


class UntrackedArrivalForm(_QuantityForm):
    location = _location_field()


class ArrivalForm(_QuantityForm):
    """Of an order that has tracked items, and perhaps others beside them."""

    lot = forms.CharField(label=_("lot"), required=False, max_length=80)
    expires_on = forms.DateField(label=_("expires on"), required=False, widget=pickers.DateInput)
    location = _location_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.line is not None and self.line.item.tracking == Tracking.NONE:
            for name in ("lot", "expires_on"):
                self.fields[name].disabled = True


class ReceiveForm(LinesActionForm):
    """What came of each line: all that is outstanding, until somebody says otherwise."""

    reference = forms.CharField(
        label=_("reference"),
        required=False,
        max_length=100,
        help_text=_("Such as the number of the supplier's delivery note."),
    )
    line_form = UntrackedArrivalForm
    columns = [_("Item"), _("Outstanding")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        order = kwargs["obj"]
        lines = order.lines.select_related("item__location", "order__deliver_to").order_by("number")
        self._lines = [line for line in lines if line.outstanding_quantity]
        if any(line.item.tracking != Tracking.NONE for line in self._lines):
            self.line_form = ArrivalForm
        super().__init__(*args, **kwargs)

    def lines(self) -> Sequence[PurchaseOrderLine]:
        return self._lines

    def cells(self, line: PurchaseOrderLine) -> list[Any]:
        ordered = _("of %(quantity)s %(unit)s")
        words = {"quantity": number(line.quantity), "unit": line.item.unit_id}
        return [
            stacked(line.item.sku, Truncator(line.item.name).chars(40)),
            stacked(quantity(line.outstanding_quantity), ordered % words),
        ]

    def line_initial(self, line: PurchaseOrderLine) -> dict[str, Any]:
        return {
            "quantity": line.outstanding_quantity.normalize() + 0,
            "location": line.order.deliver_to or line.item.location,
        }

    def line_arguments(self, line_form: LineForm) -> dict[str, Any] | None:
        came = line_form.cleaned_data.get("quantity")
        return {"line": line_form.line, **line_form.cleaned_data} if came else None


def receive_lines(
    order: PurchaseOrder, *, by: Any, lines: Sequence[dict[str, Any]], reference: str
) -> GoodsReceipt:
    """Receive what the form says of each line."""
    arrivals = [
        receiving.Arrival(
            line_id=line["line"].pk,
            quantity=line["quantity"],
            lot=line.get("lot", ""),
            expires_on=line.get("expires_on"),
            location=line["location"],
        )
        for line in lines
    ]
    return receiving.receive(order, by=by, arrivals=arrivals, reference=reference)


def may_change(order: PurchaseOrder, user: Any) -> bool:
    """Whether this person may change the order as far as its status lets anybody."""
    return order.created_by_id == user.pk or user.has_perm(_CHANGE_ANY)


def _may_decide(order: PurchaseOrder, user: Any) -> bool:
    return order.status == OrderStatus.PENDING and order.created_by_id != user.pk


def _may_cancel(order: PurchaseOrder, user: Any) -> bool:
    if order.status == OrderStatus.APPROVED:
        return user.has_perm(_CHANGE_ANY)
    return order.status in (OrderStatus.DRAFT, OrderStatus.PENDING) and may_change(order, user)


def _received(order: PurchaseOrder, receipt: GoodsReceipt) -> str:
    sentence = _("%(order)s: received as %(receipt)s; the order is %(status)s.")
    words = {"order": order, "receipt": receipt, "status": order.get_status_display().lower()}
    return sentence % words


OBJECT_ACTIONS = [
    ObjectAction(
        name="submit",
        label=_("Submit for approval"),
        style="primary",
        permission="procurement.change_purchaseorder",
        allowed=lambda order, user: (
            order.status in (OrderStatus.DRAFT, OrderStatus.REJECTED) and may_change(order, user)
        ),
        run=ordering.submit,
        done=_("%(object)s was submitted for approval."),
    ),
    ObjectAction(
        name="approve",
        label=_("Approve"),
        style="primary",
        form=ApproveForm,
        permission="procurement.approve_purchaseorder",
        allowed=_may_decide,
        run=ordering.approve,
        done=_("%(object)s was approved."),
    ),
    ObjectAction(
        name="reject",
        label=_("Reject"),
        style="danger",
        form=ReasonForm,
        permission="procurement.approve_purchaseorder",
        allowed=_may_decide,
        run=ordering.reject,
        done=_("%(object)s was rejected."),
    ),
    ObjectAction(
        name="receive-all",
        label=_("Receive all"),
        style="primary",
        permission="procurement.deliver_purchaseorder",
        allowed=lambda order, user: order.status in _RECEIVABLE,
        run=receiving.receive,
        done=_received,
    ),
    ObjectAction(
        name="receive",
        label=_("Receive by line"),
        form=ReceiveForm,
        permission="procurement.deliver_purchaseorder",
        allowed=lambda order, user: order.status in _RECEIVABLE,
        run=receive_lines,
        done=_received,
    ),
    ObjectAction(
        name="cancel",
        label=_("Cancel order"),
        style="danger",
        form=ReasonForm,
        permission="procurement.change_purchaseorder",
        allowed=_may_cancel,
        run=ordering.cancel,
        done=_("%(object)s was cancelled."),
    ),
]

BULK_ACTIONS = [
    BulkAction(
        name="approve_selected",
        label=_("Approve selected orders"),
        confirm=_("Approve these orders?"),
        permission="procurement.approve_purchaseorder",
        run=ordering.approve,
        done=_("approved"),
    ),
    BulkAction(
        name="reject_selected",
        label=_("Reject selected orders"),
        style="danger",
        form=ReasonForm,
        permission="procurement.approve_purchaseorder",
        run=ordering.reject,
        done=_("rejected"),
    ),
    BulkAction(
        name="receive_selected",
        label=_("Receive selected orders in full"),
        confirm=_("Receive all that is outstanding of these orders?"),
        permission="procurement.deliver_purchaseorder",
        run=receiving.receive,
        done=_("received in full"),
    ),
]
