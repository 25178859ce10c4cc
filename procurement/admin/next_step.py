"""An order in words: what is to happen next, and what has happened."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ipms.admin import display
from procurement import approval
from procurement.admin import actions
from procurement.models import OrderHistory, OrderStatus, PurchaseOrder

#: So many who may approve are named.
_NAMED = 4
_STEPS = {
    ("", OrderStatus.DRAFT): gettext_lazy("%(person)s made it as a draft"),
    ("", OrderStatus.PENDING): gettext_lazy("%(person)s made it and asked for approval"),
    (OrderStatus.REJECTED, OrderStatus.PENDING): gettext_lazy("%(person)s asked for approval again"),
}
_STEPS_TO = {
    OrderStatus.PENDING: gettext_lazy("%(person)s asked for approval"),
    OrderStatus.APPROVED: gettext_lazy("%(person)s approved it"),
    OrderStatus.REJECTED: gettext_lazy("%(person)s rejected it"),
    OrderStatus.PARTIALLY_DELIVERED: gettext_lazy("%(person)s received a part of it"),
    OrderStatus.DELIVERED: gettext_lazy("%(person)s received all that was to come"),
    OrderStatus.CANCELLED: gettext_lazy("%(person)s cancelled it"),
}


def in_words(transition: OrderHistory) -> str:
    """Say who did what."""
    way = (transition.from_status, transition.to_status)
    sentence = _STEPS.get(way) or _STEPS_TO.get(transition.to_status)
    if sentence is None:
        return f"{transition.by}: {transition.get_to_status_display()}"
    return str(sentence) % {"person": transition.by}


def sentence(order: PurchaseOrder, user: Any) -> str:
    """Say in one line what is to happen next, and who does it; at most two queries."""
    match order.status:
        case OrderStatus.DRAFT:
            if actions.may_change(order, user):
                return _("A draft: submit it, and it is asked for approval.")
            return _("A draft: %(person)s has not asked for approval yet.") % {"person": order.created_by}
        case OrderStatus.PENDING:
            return _waiting(order, user)
        case OrderStatus.REJECTED:
            return _("Sent back: it may be changed and submitted again, or left.")
        case OrderStatus.APPROVED | OrderStatus.PARTIALLY_DELIVERED:
            return _to_come(order)
        case OrderStatus.DELIVERED:
            return _("Everything has come: nothing is left to do.")
        case _other:
            return _("Cancelled: nothing will come.")


def _waiting(order: PurchaseOrder, user: Any) -> str:
    people = [*approval.approvers_of(order).order_by("first_name", "last_name")[: _NAMED + 1]]
    words = {"people": _named(people), "total": display.amount(order.total_base, order.base_currency)}
    words["currency"] = order.base_currency
    if not people:
        if order.total_base is None:
            return _("No rate of %(currency)s is known, and nobody may approve it.") % {
                "currency": order.currency
            }
        return _("Nobody may approve it: no limit reaches %(total)s %(currency)s.") % words
    if user in people or (len(people) > _NAMED and _may_approve(order, user)):
        return _("Waiting for your decision.")
    if order.created_by_id == user.pk:
        return _("Waiting for approval by somebody other than you: %(people)s.") % words
    return _("Waiting for approval by: %(people)s.") % words


def _may_approve(order: PurchaseOrder, user: Any) -> bool:
    if order.created_by_id == user.pk or not user.has_perm("procurement.approve_purchaseorder"):
        return False
    limit = approval.limit_of(user)
    return limit is None or (order.total_base is not None and order.total_base <= limit)


def _named(people: list[Any]) -> str:
    names = [str(person) for person in people[:_NAMED]]
    if len(people) > _NAMED:
        names.append(_("others"))
    return get_text_list(names, _("or"))


def _to_come(order: PurchaseOrder) -> str:
    found = order.lines.aggregate(
        lines=Count("pk"), waiting=Count("pk", filter=Q(received_quantity__lt=F("quantity")))
    )
    words = {"waiting": display.number(Decimal(found["waiting"])), "lines": display.number(found["lines"])}
    if order.status == OrderStatus.APPROVED:
        told = ngettext("%(waiting)s line is to come", "%(waiting)s lines are to come", found["waiting"])
    else:
        told = ngettext(
            "%(waiting)s of %(lines)s lines is still to come",
            "%(waiting)s of %(lines)s lines are still to come",
            found["waiting"],
        )
    told = told % words
    if order.expected_date is None:
        return _("%(what)s: receive what has come.") % {"what": told}
    words = {"what": told, "day": date_format(order.expected_date)}
    if order.expected_date < timezone.localdate():
        return _("%(what)s, expected since %(day)s: ask the supplier.") % words
    return _("%(what)s, expected on %(day)s: receive what has come.") % words
