"""The first page of purchasing: what waits for a decision, what is to come, what is low, one's own orders."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.models import Item
from ipms import site
from ipms.admin.columns import stacked
from ipms.admin.display import EMPTY, amount, apart, badge, choice_badge, money, number, quantity
from ipms.admin.panels import Note, TablePanel, cells, link_for
from ipms.admin.shortcuts import Shortcut
from procurement import approval, replenishment
from procurement.admin import actions, approving
from procurement.models import OrderStatus, PurchaseOrder, PurchaseOrderLine
from procurement.replenishment import Suggestion

_LIST = reverse_lazy("admin:procurement_purchaseorder_changelist")
_APPROVE = reverse_lazy(f"admin:{approving.NAME}")
_SUGGESTIONS = reverse_lazy("admin:procurement_reorder_suggestions")
_TO_COME = (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)
_MY_OWN = (OrderStatus.REJECTED, OrderStatus.DRAFT, OrderStatus.PENDING)
#: What is expected within so many days is shown before it is due.
_SOON_DAYS = 7
#: A panel says what is next, not all there is.
_ROWS = 6
_NAME_LENGTH = 34
_MAY_SUGGEST = ("inventory.view_item", "procurement.add_purchaseorder")

admin.site.register_shortcut(
    Shortcut(
        label=gettext_lazy("Approve"),
        hint=gettext_lazy("orders that wait"),
        icon="check",
        url=_APPROVE,
        permissions=["procurement.approve_purchaseorder"],
        order=10,
    )
)
admin.site.register_shortcut(
    Shortcut(
        label=gettext_lazy("Receive"),
        hint=gettext_lazy("goods of an order"),
        icon="receive",
        url=reverse_lazy("admin:procurement_purchaseorder_changelist", query={"due": "open"}),
        permissions=["procurement.view_purchaseorder", "procurement.deliver_purchaseorder"],
        order=20,
    )
)
admin.site.register_shortcut(
    Shortcut(
        label=gettext_lazy("Reorder"),
        hint=gettext_lazy("what runs low"),
        icon="purchasing",
        url=_SUGGESTIONS,
        permissions=_MAY_SUGGEST,
        order=60,
    )
)


@admin.site.register_panel
class WaitingForApproval(TablePanel):
    """What this person may decide on, the oldest first; of what she may not, how many there are."""

    title = gettext_lazy("Orders to approve")
    permission = ("procurement.view_purchaseorder", "procurement.approve_purchaseorder")
    group = "waiting"
    order = 10
    width = "full"
    headings = [
        gettext_lazy("Order"),
        gettext_lazy("Age"),
        gettext_lazy("Amount"),
        gettext_lazy("Decision"),
    ]
    numeric = [1, 2, 3]
    more_url = reverse_lazy("admin:procurement_purchaseorder_changelist", query={"status__exact": "pending"})
    empty = gettext_lazy("No order waits for your decision.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        pending = PurchaseOrder.objects.filter(status=OrderStatus.PENDING)
        decidable = approval.decidable(request.user)
        found = pending.aggregate(
            all=Count("pk"),
            own=Count("pk", filter=Q(created_by=request.user)),
            mine=Count("pk", filter=decidable),
            amount=Sum("total_base", filter=decidable),
        )
        base = site.base_currency()
        rows = [
            [
                stacked(link_for(request, order), apart(_supplier(order), order.created_by)),
                timesince(order.created_at, depth=1),
                _total(order, base),
                _button(order, f"{_APPROVE}#order-{order.pk}", _("Decide")),
            ]
            for order in pending.filter(decidable)
            .select_related("supplier", "created_by")
            .order_by("id")[:_ROWS]
        ]
        return {
            "headings": self.headings,
            "rows": cells(rows, self.headings, self.numeric),
            "notes": self._notes(request, found),
        }

    def _notes(self, request: HttpRequest, found: dict[str, Any]) -> list[Note]:
        own, beyond = found["own"], found["all"] - found["own"] - found["mine"]
        notes = []
        if found["mine"]:
            notes.append(Note(_orders(found["mine"], found["amount"])))
        if own:
            text = ngettext("%(count)s is your own", "%(count)s are your own", own)
            notes.append(Note(text % {"count": number(own)}, f"{_APPROVE}?maker={request.user.pk}"))
        if beyond:
            text = ngettext("%(count)s is above your limit", "%(count)s are above your limit", beyond)
            notes.append(Note(text % {"count": number(beyond)}))
        return notes


@admin.site.register_panel
class Deliveries(TablePanel):
    """What should have come, comes today or within days, and the button to receive it."""

    title = gettext_lazy("Deliveries")
    permission = "procurement.view_purchaseorder"
    group = "waiting"
    order = 20
    numeric = [2, 3]
    empty = gettext_lazy("No delivery is late or due within a week.")
    more_url = reverse_lazy("admin:procurement_purchaseorder_changelist", query={"due": "open"})

    def columns(self, request: HttpRequest) -> list[Any]:
        columns = [_("Order"), _("Expected"), _("To come, %(currency)s")]
        columns[2] %= {"currency": site.base_currency()}
        return [*columns, _("Receive")] if _may_receive(request) else columns

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        today, base, may_receive = timezone.localdate(), site.base_currency(), _may_receive(request)
        orders = _to_come().filter(expected_date__lte=today + timedelta(days=_SOON_DAYS))
        orders = orders.annotate(outstanding=_OUTSTANDING).select_related("supplier")
        return [
            [
                stacked(link_for(request, order), _supplier(order)),
                _expected(order, today),
                amount(order.outstanding, base),
                *([_button(order, _receive_url(order), _("Receive"))] if may_receive else []),
            ]
            for order in orders.order_by("expected_date", "id")[:_ROWS]
        ]

    def notes(self, request: HttpRequest) -> list[Note]:
        today = timezone.localdate()
        found = _to_come().aggregate(
            late=Count("pk", filter=Q(expected_date__lt=today)),
            today=Count("pk", filter=Q(expected_date=today)),
            open=Count("pk"),
        )
        words = {"late": _("%(count)s late"), "today": _("%(count)s today"), "open": _("%(count)s to come")}
        lists = {"late": "overdue"}
        return [
            Note(sentence % {"count": number(found[name])}, f"{_LIST}?due={lists.get(name, name)}")
            for name, sentence in words.items()
            if found[name]
        ]


@admin.site.register_panel
class MyOrders(TablePanel):
    """One's own orders that came back with a reason, and those that were begun and not sent."""

    title = gettext_lazy("Your orders")
    permission = ("procurement.view_purchaseorder", "procurement.add_purchaseorder")
    group = "waiting"
    order = 40
    headings = [gettext_lazy("Order"), gettext_lazy("Status"), gettext_lazy("What was said")]
    empty = gettext_lazy("None of your orders was sent back, and none is a draft.")

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        lately = Q(status=OrderStatus.DRAFT) | Q(
            status=OrderStatus.REJECTED, updated_at__gt=timezone.now() - _REMEMBERED
        )
        orders = _own(request).filter(lately).select_related("supplier", "rejected_by")
        # What was rejected comes before drafts.
        return [
            [
                stacked(link_for(request, order), _supplier(order)),
                stacked(choice_badge(order), money(order.total_amount, order.currency)),
                _said(order),
            ]
            for order in orders.order_by("-status", "-id")[:_ROWS]
        ]

    def notes(self, request: HttpRequest) -> list[Note]:
        waiting = _own(request).filter(status=OrderStatus.PENDING).count()
        if not waiting:
            return []
        text = ngettext("%(count)s waits for approval", "%(count)s wait for approval", waiting)
        address = f"{_LIST}?status__exact=pending&created_by__id__exact={request.user.pk}"
        return [Note(text % {"count": number(waiting)}, address)]


@admin.site.register_panel
class LowStock(TablePanel):
    """What fell to its reorder level, the most urgent first, with what should be ordered of it."""

    title = gettext_lazy("Low stock")
    permission = "inventory.view_item"
    group = "waiting"
    order = 30
    numeric = [1, 2, 3]
    empty = gettext_lazy("Nothing is at its reorder level.")
    more_url = reverse_lazy("admin:inventory_item_changelist", query={"status": "low-stock"})

    def columns(self, request: HttpRequest) -> list[Any]:
        columns = [_("Item"), _("Available"), _("Reorder at")]
        return [*columns, _("Suggested")] if _may_suggest(request) else columns

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        low = (
            Item.objects.active()
            .available()
            .filter(reorder_level__gt=0, available_value__lte=F("reorder_level"))
            .select_related("valuation")
            .order_by(F("available_value") / F("reorder_level"), "name")
        )
        items = list(low[:_ROWS])
        suggested: dict[int, Suggestion] = {}
        if items and _may_suggest(request):
            keys = {item.pk for item in items}
            found = replenishment.outlook(on=timezone.localdate(), items=keys)
            suggested = {suggestion.item.pk: suggestion for suggestion in found}
        return [
            [
                stacked(link_for(request, item, item.sku), Truncator(item.name).chars(_NAME_LENGTH)),
                badge(item.status, f"{number(item.available)} {item.unit_id}"),
                quantity(item.reorder_level, item.unit_id),
                *([_suggested(suggested[item.pk])] if suggested else []),
            ]
            for item in items
        ]

    def notes(self, request: HttpRequest) -> list[Note]:
        return [Note(_("Order what is suggested"), str(_SUGGESTIONS))] if _may_suggest(request) else []


#: What is still to come of an order, without tax, in base currency; as in the report on orders.
_OUTSTANDING = Coalesce(
    Subquery(
        PurchaseOrderLine.objects.filter(order=OuterRef("pk"))
        .order_by()
        .values("order")
        .annotate(
            value=Sum(
                (F("quantity") - F("received_quantity")) * F("unit_price") * F("order__exchange_rate"),
                output_field=DecimalField(),
            )
        )
        .values("value")
    ),
    Value(Decimal(0), DecimalField()),
)
#: An order that was rejected longer ago is not what waits for its maker.
_REMEMBERED = timedelta(days=30)


def _to_come() -> QuerySet[PurchaseOrder]:
    return PurchaseOrder.objects.filter(status__in=_TO_COME)


def _own(request: HttpRequest) -> QuerySet[PurchaseOrder]:
    return PurchaseOrder.objects.filter(created_by=request.user)


def _may_receive(request: HttpRequest) -> bool:
    return request.user.has_perm("procurement.deliver_purchaseorder")


def _may_suggest(request: HttpRequest) -> bool:
    return request.user.has_perms(_MAY_SUGGEST)


def _supplier(order: PurchaseOrder) -> str:
    return Truncator(order.supplier.name).chars(_NAME_LENGTH)


def _orders(count: int, total: Decimal | None) -> str:
    words = ngettext(
        "%(count)s order, %(amount)s %(currency)s", "%(count)s orders, %(amount)s %(currency)s", count
    )
    base = site.base_currency()
    return words % {"count": number(count), "amount": amount(total or Decimal(0), base), "currency": base}


def _total(order: PurchaseOrder, base: str) -> Any:
    """In base currency, as orders are compared, with the order's own below where that is another."""
    own = money(order.total_amount, order.currency)
    if order.total_base is None:
        return stacked(own, _("no rate yet"))
    return (
        money(order.total_base, base)
        if order.currency == base
        else stacked(money(order.total_base, base), own)
    )


def _expected(order: PurchaseOrder, today: date) -> Any:
    assert order.expected_date is not None  # it was asked for
    late = (today - order.expected_date).days
    if late > 0:
        words = ngettext("%(days)d day late", "%(days)d days late", late) % {"days": late}
        return stacked(badge("overdue", words, tone="bad"), date_format(order.expected_date))
    if late == 0:
        return stacked(badge("today", _("today"), tone="warn"), date_format(order.expected_date))
    return date_format(order.expected_date)


def _said(order: PurchaseOrder) -> Any:
    if order.status == OrderStatus.REJECTED:
        said = stacked(Truncator(order.rejection_reason).chars(80), order.rejected_by)
    else:
        said = _("not sent yet, begun %(time)s ago") % {"time": timesince(order.created_at, depth=1)}
    return format_html('<span class="said">{}</span>', said)


def _suggested(found: Suggestion) -> Any:
    coming = found.on_order + found.requested
    hint = _("%(quantity)s coming") % {"quantity": number(coming)} if coming else ""
    order = quantity(found.quantity, found.item.unit_id) if found.quantity else EMPTY
    return stacked(order, hint) if hint else order


def _receive_url(order: PurchaseOrder) -> str:
    page: Any = admin.site.get_model_admin(PurchaseOrder)
    return page.object_action_url(order, _RECEIVE)


def _button(order: PurchaseOrder, url: str, label: str) -> Any:
    return format_html(
        '<a class="button button--small" href="{}">{}<span class="visually-hidden"> {}</span></a>',
        url,
        label,
        order,
    )


_RECEIVE = next(action for action in actions.OBJECT_ACTIONS if action.name == "receive")
