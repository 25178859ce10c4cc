"""What people do with an order: submit, approve, reject, receive, cancel, as buttons and in bulk."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.models import Tracking
from ipms import rates, site
from ipms.admin import pickers
from ipms.admin.bulk_actions import BulkAction
from ipms.admin.forms import ActionForm, ReasonForm
from ipms.admin.object_actions import ObjectAction
from ipms.errors import DomainError
from procurement import ordering, receiving
from procurement.admin import receiving as receiving_page
from procurement.errors import ChangedMeanwhile
from procurement.models import OrderStatus, PurchaseOrder

_CHANGE_ANY = "procurement.change_any_purchaseorder"


class ApproveForm(ActionForm):
    """A comment, and the rate where the order is not in base currency."""

    exchange_rate = pickers.FigureField(label=_("exchange rate"), required=False)
    comment = forms.CharField(
        label=_("comment"),
        required=False,
        max_length=1000,
        widget=AdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Kept in the order's history."),
    )
    as_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["as_seen"] = self.obj.updated_at.isoformat()
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

    def clean_as_seen(self) -> datetime | None:
        try:
            seen = datetime.fromisoformat(self.cleaned_data["as_seen"])
        except ValueError:
            return None
        return seen if timezone.is_aware(seen) else None

    def refuse(self, refusal: DomainError) -> None:
        super().refuse(refusal)
        if isinstance(refusal, ChangedMeanwhile):
            # The page that is shown now shows the order as it is.
            self.obj.refresh_from_db()
            self.data = {**self.data.dict(), self.add_prefix("as_seen"): self.obj.updated_at.isoformat()}


def may_change(order: PurchaseOrder, user: Any) -> bool:
    """Whether this person may change the order as far as its status lets anybody."""
    return order.created_by_id == user.pk or user.has_perm(_CHANGE_ANY)


def _may_decide(order: PurchaseOrder, user: Any) -> bool:
    return order.status == OrderStatus.PENDING and order.created_by_id != user.pk


def _may_cancel(order: PurchaseOrder, user: Any) -> bool:
    if order.status == OrderStatus.APPROVED:
        return user.has_perm(_CHANGE_ANY)
    return order.status in (OrderStatus.DRAFT, OrderStatus.PENDING) and may_change(order, user)


def _may_receive_all(order: PurchaseOrder, user: Any) -> bool:
    """A lot has to be named: what is tracked is received on the page alone."""
    if order.status not in receiving_page.RECEIVABLE:
        return False
    return not order.lines.exclude(item__tracking=Tracking.NONE).exists()


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
        name="receive",
        label=_("Receive"),
        style="primary",
        permission="procurement.deliver_purchaseorder",
        allowed=lambda order, user: order.status in receiving_page.RECEIVABLE,
        page=receiving_page.page_of,
    ),
    ObjectAction(
        name="receive-all",
        label=_("Receive all"),
        permission="procurement.deliver_purchaseorder",
        allowed=_may_receive_all,
        run=receiving.receive,
        done=receiving_page.received,
        then=lambda order, receipt: receiving_page.receipt_url(receipt),
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
