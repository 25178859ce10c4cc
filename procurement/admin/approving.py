"""Approve: the page on which a manager decides on many orders, with what matters of each before the eyes."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Count, F, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from ipms import site
from ipms.admin import display, once, pickers
from ipms.admin.pages import Page
from ipms.errors import DomainError, InvalidInput
from procurement import approval, exchange, ordering, price_changes
from procurement.models import OrderStatus, PurchaseOrder
from procurement.price_changes import Comparison
from suppliers.models import Supplier

NAME = "procurement_approving"
BACK = "back"
PER_PAGE = 50
#: So many lines of an order are shown, those that rose most.
_LINES = 8
#: Under this the session keeps why orders were refused, until the list is shown again.
_REFUSED = "procurement.approving.refused"
_ACTION = "procurement.purchaseorder:{}:decide-{}"
_SORTS = {
    "age": (gettext_lazy("The oldest first"), ["created_at", "pk"]),
    "amount": (gettext_lazy("The dearest first"), [F("total_base").desc(nulls_last=True), "pk"]),
    "needed": (gettext_lazy("Needed soonest first"), [F("expected_date").asc(nulls_last=True), "pk"]),
}


@dataclass(kw_only=True)
class Row:
    """An order that waits for a decision, as this person sees it."""

    order: PurchaseOrder
    lines: Sequence[Comparison]
    #: Why this person cannot approve it; empty where they can.
    obstacle: str
    is_own: bool
    url: str
    is_ticked: bool = False
    refused: str = ""
    reason: str = ""
    reason_error: str = ""

    @property
    def count(self) -> int:
        return self.lines[0].line_count if self.lines else 0

    @property
    def others(self) -> int:
        return self.count - len(self.lines)

    @property
    def dearest(self) -> Comparison | None:
        """The line that rose most, if one did."""
        first = self.lines[0] if self.lines else None
        return first if first and first.rise and first.rise > 0 else None

    @property
    def age(self) -> str:
        return timesince(self.order.created_at, depth=1)

    @property
    def is_late(self) -> bool:
        needed = self.order.expected_date
        return needed is not None and needed < timezone.localdate()


class FilterForm(forms.Form):
    supplier = forms.ModelChoiceField(
        Supplier.objects.none(),
        required=False,
        label=gettext_lazy("Supplier"),
        empty_label=gettext_lazy("All"),
    )
    maker = forms.ModelChoiceField(
        User.objects.none(), required=False, label=gettext_lazy("Made by"), empty_label=gettext_lazy("All")
    )
    amount = pickers.FigureField(
        required=False,
        min_value=0,
        max_digits=18,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "figure", "autocomplete": "off"}),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Waiting for days, at least"),
        required=False,
        min_value=0,
        max_value=10_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "figure", "autocomplete": "off"}),
    )
    sort = forms.ChoiceField(
        label=gettext_lazy("Order"),
        required=False,
        choices=[(key, label) for key, (label, _by) in _SORTS.items()],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = PurchaseOrder.objects.filter(status=OrderStatus.PENDING).order_by()
        self.fields["supplier"].queryset = Supplier.objects.filter(
            pk__in=waiting.values("supplier")
        ).order_by("name")
        self.fields["maker"].queryset = User.objects.filter(pk__in=waiting.values("created_by")).order_by(
            "first_name", "last_name"
        )
        self.fields["amount"].label = _("From, %(currency)s") % {"currency": site.base_currency()}

    def orders(self) -> QuerySet[PurchaseOrder]:
        """Return the orders that wait, as far as they are asked for; what cannot be read asks nothing."""
        self.is_valid()
        asked = self.cleaned_data
        found = PurchaseOrder.objects.filter(status=OrderStatus.PENDING)
        if supplier := asked.get("supplier"):
            found = found.filter(supplier=supplier)
        if maker := asked.get("maker"):
            found = found.filter(created_by=maker)
        if (amount := asked.get("amount")) is not None:
            found = found.filter(total_base__gte=amount)
        if days := asked.get("days"):
            found = found.filter(created_at__lte=timezone.now() - timedelta(days=days))
        return found.order_by(*_SORTS[asked.get("sort") or "age"][1])

    @property
    def is_active(self) -> bool:
        return any(
            self.cleaned_data.get(name) not in (None, "") for name in ("supplier", "maker", "amount", "days")
        )


def page(request: HttpRequest) -> HttpResponse:
    """List what waits; POST approves or rejects one order or all that are ticked."""
    if request.method != "POST":
        return _show(request)
    sent = request.POST
    if one := sent.get("approve"):
        return _decide(request, [one], _approve)
    if one := sent.get("reject"):
        return _reject(request, [one], sent.get(f"reason-{one}", ""), one=one)
    ticked = sent.getlist("order")
    if "decide" not in sent:
        return _show(request)
    if not ticked:
        return _show(request, error=_("Tick the orders first."))
    if sent["decide"] == "reject":
        return _reject(request, ticked, sent.get("reason", ""))
    return _decide(request, ticked, _approve)


def back_of(request: HttpRequest) -> str:
    """Return the list that a page was opened from, with its filters; empty where it was not."""
    wanted = request.GET.get(BACK, "")
    return wanted if wanted.startswith(_url()) and "\n" not in wanted else ""


def _approve(request: HttpRequest, order: PurchaseOrder) -> None:
    try:
        seen = datetime.fromisoformat(request.POST.get(f"seen-{order.pk}", ""))
    except ValueError:
        seen = None
    ordering.approve(order, by=request.user, as_seen=seen if seen and timezone.is_aware(seen) else None)


def _reject(request: HttpRequest, keys: Sequence[str], reason: str, *, one: str = "") -> HttpResponse:
    if not reason.strip():
        return _show(request, error="" if one else _("Say why."), one=one)

    def reject(request: HttpRequest, order: PurchaseOrder) -> None:
        ordering.reject(order, by=request.user, reason=reason[:1000])

    return _decide(request, keys, reject, is_rejection=True)


def _decide(
    request: HttpRequest,
    keys: Sequence[str],
    decide: Callable[[HttpRequest, PurchaseOrder], None],
    *,
    is_rejection: bool = False,
) -> HttpResponse:
    """Decide on each order in a transaction of its own: one refusal stops only itself."""
    wanted = [int(key) for key in keys[:PER_PAGE] if key.isdecimal() and len(key) < 19]
    orders = PurchaseOrder.objects.in_bulk(wanted)
    done: list[str] = []
    refused: dict[str, str] = {}
    for order in (orders[key] for key in dict.fromkeys(wanted) if key in orders):

        def act(order: PurchaseOrder = order) -> dict[str, Any]:
            decide(request, order)
            return {}

        purpose = _ACTION.format(order.pk, "reject" if is_rejection else "approve")
        try:
            once.once(request, purpose, act)
        except DomainError as refusal:
            order.refresh_from_db()
            if order.status == OrderStatus.PENDING:
                refused[str(order.pk)] = str(refusal)
            else:  # it is not in the list any more
                messages.error(request, _named(order, str(refusal)))
        else:
            done.append(order.po_number)
    if done:
        messages.success(request, _told(done, is_rejection=is_rejection))
    request.session[_REFUSED] = refused
    return HttpResponseRedirect(request.get_full_path())


def _told(numbers: Sequence[str], *, is_rejection: bool) -> str:
    if is_rejection:
        sentence = ngettext(
            "%(count)d order was rejected: %(orders)s.",
            "%(count)d orders were rejected: %(orders)s.",
            len(numbers),
        )
    else:
        sentence = ngettext(
            "%(count)d order was approved: %(orders)s.",
            "%(count)d orders were approved: %(orders)s.",
            len(numbers),
        )
    return sentence % {"count": len(numbers), "orders": ", ".join(numbers)}


def _named(order: PurchaseOrder, reason: str) -> str:
    if order.po_number in reason:
        return reason
    return _("%(document)s: %(reason)s") % {"document": order, "reason": reason}


def _show(request: HttpRequest, *, error: str = "", one: str = "") -> HttpResponse:
    asked = FilterForm(request.GET)
    orders = asked.orders()
    found = orders.order_by().aggregate(count=Count("pk"), amount=Sum("total_base"))
    shown = Paginator(orders.select_related("supplier", "created_by"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    base, limit = site.base_currency(), approval.limit_of(request.user)
    rows = _rows(request, [*shown], limit=limit, base=base)
    refused = request.session.pop(_REFUSED, {}) if request.method == "GET" else {}
    ticked = set(request.POST.getlist("order"))
    for row in rows:
        key = str(row.order.pk)
        row.is_ticked = key in ticked or key in refused
        row.refused = refused.pop(key, "")
        row.reason = request.POST.get(f"reason-{key}", "")
        row.reason_error = _("Say why.") if key == one else ""
    for order in PurchaseOrder.objects.filter(pk__in=[*refused]) if refused else ():
        messages.error(request, _named(order, refused[str(order.pk)]))
    context = {
        **admin.site.each_context(request),
        "title": _("Approve orders"),
        "asked": asked,
        "rows": rows,
        "shown": shown,
        "pages": shown.paginator.get_elided_page_range(shown.number),
        "count": found["count"],
        "amount": display.money(found["amount"] or Decimal(0), base),
        "limit": None if limit is None else display.money(limit, base),
        "base_currency": base,
        "query": _query(request),
        "can_tick": any(not row.obstacle for row in rows),
        "refused": sum(1 for row in rows if row.refused),
        "reason": request.POST.get("reason", ""),
        "error": error,
        "once_token": once.token_of(request) or once.new_token(),
    }
    return TemplateResponse(request, "admin/procurement/approving.html", context)


def _rows(
    request: HttpRequest, orders: Sequence[PurchaseOrder], *, limit: Decimal | None, base: str
) -> list[Row]:
    if unknown := [order for order in orders if order.total_base is None]:
        # A rate may have been entered since; where the total is none, the order stays as it is.
        with suppress(InvalidInput):
            exchange.estimate(unknown)
    lines = price_changes.compare(orders, most=_LINES)
    here = request.get_full_path()
    return [
        Row(
            order=order,
            lines=lines[order.pk],
            obstacle=_obstacle(order, request.user, limit=limit, base=base),
            is_own=order.created_by_id == request.user.pk,
            url=_opened(order, here),
        )
        for order in orders
    ]


def _obstacle(order: PurchaseOrder, user: Any, *, limit: Decimal | None, base: str) -> str:
    if order.created_by_id == user.pk:
        return _("You made it: somebody else has to decide.")
    if order.total_base is None:
        return _("No rate of %(currency)s is known: open it and enter one.") % {"currency": order.currency}
    if limit is not None and order.total_base > limit:
        words = {"limit": display.amount(limit, base), "currency": base}
        return _("Above your limit of %(limit)s %(currency)s.") % words
    return ""


def _opened(order: PurchaseOrder, here: str) -> str:
    url = reverse("admin:procurement_purchaseorder_change", args=[order.pk])
    return f"{url}?{urlencode({BACK: f'{here}#order-{order.pk}'})}"


def _query(request: HttpRequest) -> str:
    """Return the filters as they go before the number of a page."""
    kept = [(name, value) for name, value in request.GET.items() if name != "page" and value]
    return urlencode(kept)


def _url() -> str:
    return reverse(f"admin:{NAME}")


admin.site.register_page(
    Page(
        name=NAME,
        route="procurement/approve/",
        label=gettext_lazy("Approve orders"),
        section="purchasing",
        permission="procurement.approve_purchaseorder",
        view=page,
        order=5,
        beside=("procurement.purchaseorder",),
        button=gettext_lazy("Approve orders"),
    )
)
