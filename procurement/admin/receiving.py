"""Receive: the page on which a storekeeper says what came of an order.

All that is outstanding stands there already, at its place; a scan leads to its line and brings lot and
expiry. The script only makes it quicker: without it each button sends the form, which comes back with what
was asked. The form itself is `procurement.admin.arrivals`.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory import scanning
from inventory.admin import qr_codes
from inventory.models import Location
from ipms.admin import once
from ipms.errors import DomainError
from ipms.money import plain
from procurement import receiving
from procurement.admin.arrivals import MOST_PARTS, Sheet
from procurement.models import GoodsReceipt, OrderStatus, PurchaseOrder

RECEIVABLE = (OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED)
_PERMISSION = "procurement.deliver_purchaseorder"
#: More places than this are typed or scanned, not chosen from a list.
_OFFERED_PLACES = 100
#: So many open lines are named after a receipt.
_NAMED = 3


class ReceivingMixin:
    """Gives the page of an order the one on which it is received."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.receive_view)
        own = path("<int:pk>/do/receive/", view, name="procurement_purchaseorder_receive")
        return [own, *super().get_urls()]

    def receive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what is outstanding; POST receives it, or only looks at it again."""
        order = PurchaseOrder.objects.select_related("supplier", "deliver_to", "created_by").filter(pk=pk)
        order = order.first()
        if order is None:
            raise Http404
        if not self.has_view_permission(request, order) or not request.user.has_perm(_PERMISSION):
            raise PermissionDenied
        if request.method == "POST":
            return self._receive(request, order) if "post" in request.POST else self._again(request, order)
        if "find" in request.GET:
            return JsonResponse(_tell(order, request.GET["find"]))
        if order.status not in RECEIVABLE:
            self.message_user(request, _nothing_to_receive(order), messages.WARNING)
            return HttpResponseRedirect(_url("purchaseorder_change", order.pk))
        return self._show(request, order, Sheet(order), last_seen=_last_receipt(order))

    def _receive(self, request: HttpRequest, order: PurchaseOrder) -> HttpResponse:
        sheet = Sheet(order, request.POST, is_posted=True)
        sent = request.POST.get("last_seen", "")
        last_seen = int(sent) if sent.isdecimal() and len(sent) < 19 else None

        def act() -> dict[str, Any]:
            if not sheet.is_valid():
                raise _Incomplete
            receipt = receiving.receive(
                order,
                by=request.user,
                arrivals=sheet.arrivals(),
                reference=sheet.head.cleaned_data["reference"],
                occurred_at=sheet.head.occurred_at,
                last_seen=last_seen,
            )
            return {"message": received(order, receipt), "url": receipt_url(receipt)}

        try:
            answer, is_repeat = once.once(request, f"procurement.purchaseorder:{order.pk}:receive", act)
        except _Incomplete:
            return self._show(request, order, sheet, last_seen=last_seen)
        except once.AlreadySent as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(_url("purchaseorder_change", order.pk))
        except DomainError as refusal:
            # What is outstanding may have changed: it is read again, under what was typed.
            order.refresh_from_db()
            sheet = Sheet(order, request.POST, is_posted=True)
            sheet.is_valid()
            sheet.refuse(refusal)
            return self._show(request, order, sheet, last_seen=_last_receipt(order))
        self.message_user(request, answer["message"], messages.SUCCESS)
        if is_repeat:
            self.message_user(request, _("The form came twice; it was carried out once."), messages.INFO)
        return HttpResponseRedirect(answer["url"])

    def _again(self, request: HttpRequest, order: PurchaseOrder) -> HttpResponse:
        """Do what a button asks that posts nothing: a scan, one more lot, all or nothing."""
        sheet = Sheet(order, request.POST)
        focus = None
        if request.POST.get("fill") in ("all", "none"):
            sheet.fill(request.POST["fill"])
        elif more := request.POST.get("more"):
            focus = sheet.add_part(more)
        elif typed := request.POST.get("scan", "").strip()[:200]:
            (scan,) = scanning.read(qr_codes.opened([typed]))
            focus = sheet.take(_within(order, typed, scan))
            if focus is None:
                self.message_user(request, _not_on(order, typed, scan), messages.ERROR)
        if focus is not None:
            name = "serials" if "serials" in focus.fields else "quantity"
            focus.fields[name].widget.attrs["autofocus"] = True
        return self._show(request, order, sheet, last_seen=request.POST.get("last_seen", ""))

    def _show(
        self, request: HttpRequest, order: PurchaseOrder, sheet: Sheet, *, last_seen: Any
    ) -> HttpResponse:
        places = Location.objects.real().filter(is_active=True)[: _OFFERED_PLACES + 1]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Receive"),
            "opts": self.opts,
            "order": order,
            "sheet": sheet,
            "head": sheet.head,
            "last_seen": last_seen,
            "is_receivable": order.status in RECEIVABLE,
            "places": places if len(places) <= _OFFERED_PLACES else (),
            "most_parts": MOST_PARTS,
            "change_url": _url("purchaseorder_change", order.pk),
            "once_token": once.token_of(request) or once.new_token(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/procurement/receive.html", context)


def received(order: PurchaseOrder, receipt: GoodsReceipt) -> str:
    """Say what a receipt did to its order, and what stays open."""
    words = {"order": str(order), "receipt": str(receipt)}
    open_lines = order.lines.filter(received_quantity__lt=F("quantity")).select_related("item")
    lines = list(open_lines.order_by("number"))
    if not lines:
        return _("%(order)s: received as %(receipt)s. Nothing stays open.") % words
    named = ", ".join(
        f"{plain(line.outstanding_quantity)} {line.item.unit_id} {Truncator(line.item.name).chars(40)}"
        for line in lines[:_NAMED]
    )
    sentence = _("%(order)s: received as %(receipt)s. Still to come: %(lines)s.")
    others = len(lines) - _NAMED
    if others > 0:
        sentence = ngettext(
            "%(order)s: received as %(receipt)s. Still to come: %(lines)s and %(count)d more line.",
            "%(order)s: received as %(receipt)s. Still to come: %(lines)s and %(count)d more lines.",
            others,
        )
    return sentence % {**words, "lines": named, "count": others}


def receipt_url(receipt: GoodsReceipt) -> str:
    """Return where a receipt is shown that was just made."""
    return f"{_url('goodsreceipt_change', receipt.pk)}?posted=1"


def page_of(order: PurchaseOrder) -> str:
    """Return where an order is received."""
    return _url("purchaseorder_receive", order.pk)


def _tell(order: PurchaseOrder, typed: str) -> dict[str, Any]:
    """Tell the script which line a scan belongs to, and what it says of lot and expiry."""
    (scan,) = scanning.read(qr_codes.opened([typed[:200]]))
    scan = _within(order, typed[:200], scan)
    lines = order.lines.filter(item=scan.item) if scan.item else order.lines.none()
    keys = list(lines.order_by("number").values_list("pk", flat=True))
    if not keys:
        return {"error": _not_on(order, typed[:200], scan)}
    expires_on = scan.expires_on.isoformat() if scan.expires_on else ""
    return {"lines": keys, "lot": scan.lot, "expires_on": expires_on}


def _within(order: PurchaseOrder, typed: str, scan: scanning.Scan) -> scanning.Scan:
    """Return the scan with the item of the order that it means, where several or none bear the text."""
    items = [line.item for line in order.lines.select_related("item")]
    if scan.item and scan.item.pk in {item.pk for item in items}:
        return scan
    word = typed.strip().lower()
    alike = {item.pk: item for item in items if word in item.name.lower() or word in item.sku.lower()}
    if len(alike) != 1:
        return scan
    (item,) = alike.values()
    return scanning.Scan(item=item, lot=scan.lot if scan.item is None else "", expires_on=scan.expires_on)


def _not_on(order: PurchaseOrder, typed: str, scan: scanning.Scan) -> str:
    if scan.item is None:
        return _("No item of %(order)s is known as “%(typed)s”.") % {"order": order, "typed": typed}
    return _("%(item)s is not on %(order)s.") % {"item": scan.item, "order": order}


def _nothing_to_receive(order: PurchaseOrder) -> str:
    status = order.get_status_display().lower()
    return _("%(order)s is %(status)s: there is nothing to receive.") % {"order": order, "status": status}


def _last_receipt(order: PurchaseOrder) -> int:
    """Return the key of the newest receipt of an order, 0 for none."""
    return order.receipts.order_by("-pk").values_list("pk", flat=True).first() or 0


def _url(name: str, pk: int) -> str:
    return reverse(f"admin:procurement_{name}", args=[pk])


class _Incomplete(Exception):
    """The form is not valid: nothing is kept, the page is shown again."""
