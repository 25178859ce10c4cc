"""Papers of orders, receipts and movements: their addresses, and the buttons that lead to them."""

from collections.abc import Callable
from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.models import CountStatus, StockCount, StockMovement
from ipms.admin import object_links
from ipms.admin.bulk_actions import action_of
from ipms.admin.object_links import ObjectLink
from ipms.admin.pages import Page
from ipms.errors import DomainError
from procurement.models import GoodsReceipt, PurchaseOrder
from reporting.papers import count_sheets, orders, receipts, vouchers
from reporting.papers.form import Form
from reporting.papers.sending import drawn


def _view(make: Callable[[int], Form]) -> Callable[..., HttpResponseBase]:
    def view(request: HttpRequest, pk: int) -> HttpResponseBase:
        try:
            return drawn(make(pk), is_download="download" in request.GET)
        except (PurchaseOrder.DoesNotExist, GoodsReceipt.DoesNotExist, StockMovement.DoesNotExist):
            raise Http404 from None
        except DomainError as refusal:
            raise Http404(str(refusal)) from None

    return view


def _voucher(pk: int) -> Form:
    return vouchers.form(vouchers.posting_of(StockMovement.objects.get(pk=pk)))


def _count_sheet(request: HttpRequest, pk: int, *, is_blind: bool) -> HttpResponseBase:
    people = ("location", "category", "made_by", "submitted_by", "approved_by")
    count = StockCount.objects.select_related(*people).filter(pk=pk).first()
    if count is None:
        raise Http404
    if not is_blind and count.hides_books_from(request.user):
        raise PermissionDenied
    return drawn(count_sheets.form(count, is_blind=is_blind), is_download="download" in request.GET)


_ORDER = Page(
    name="paper-order",
    route="papers/orders/<int:pk>/",
    permission="procurement.view_purchaseorder",
    view=_view(orders.form),
)
_RECEIPT = Page(
    name="paper-receipt",
    route="papers/receipts/<int:pk>/",
    permission="procurement.view_goodsreceipt",
    view=_view(receipts.form),
)
_VOUCHER = Page(
    name="paper-voucher",
    route="papers/movements/<int:pk>/",
    permission="inventory.view_stockmovement",
    view=_view(_voucher),
)
_COUNT_SHEET = Page(
    name="paper-count",
    route="papers/counts/<int:pk>/",
    permission="inventory.view_stockcount",
    view=partial(_count_sheet, is_blind=True),
)
_COUNT_SHEET_WITH_QUANTITIES = Page(
    name="paper-count-quantities",
    route="papers/counts/<int:pk>/quantities/",
    permission="inventory.view_stockcount",
    view=partial(_count_sheet, is_blind=False),
)

for _page in (_ORDER, _RECEIPT, _VOUCHER, _COUNT_SHEET, _COUNT_SHEET_WITH_QUANTITIES):
    admin.site.register_page(_page)


def _tells_books(count: StockCount, *, to_all: bool) -> bool:
    is_secret = count.is_blind and count.status != CountStatus.POSTED
    return not is_secret if to_all else is_secret


def _leads_to(page: Page) -> Callable[..., str]:
    return lambda record: reverse(f"admin:{page.name}", args=[record.pk])


object_links.register(PurchaseOrder, ObjectLink(label=_("Print"), url=_leads_to(_ORDER), opens_beside=True))
object_links.register(
    GoodsReceipt, ObjectLink(label=_("Print goods receipt"), url=_leads_to(_RECEIPT), opens_beside=True)
)
object_links.register(
    StockMovement,
    ObjectLink(label=_("Print"), url=_leads_to(_VOUCHER), allowed=vouchers.has_voucher, opens_beside=True),
)
object_links.register(
    StockCount, ObjectLink(label=_("Count sheet"), url=_leads_to(_COUNT_SHEET), opens_beside=True)
)
# Of a blind count only for who may see what the books say.
for _is_told_to_all in (True, False):
    object_links.register(
        StockCount,
        ObjectLink(
            label=_("Sheet with quantities"),
            url=_leads_to(_COUNT_SHEET_WITH_QUANTITIES),
            allowed=partial(_tells_books, to_all=_is_told_to_all),
            permission=None if _is_told_to_all else "inventory.approve_stockcount",
            opens_beside=True,
        ),
    )


@action_of(StockMovement, name="print_voucher", label=_("Print selected movements on one paper"))
def print_voucher(
    page: admin.ModelAdmin, request: HttpRequest, selected: "QuerySet[StockMovement]"
) -> HttpResponseBase | None:
    try:
        # In the place of the list: the way back leads to it.
        return drawn(vouchers.form(StockMovement.objects.filter(pk__in=selected.values("pk"))))
    except DomainError as refusal:
        page.message_user(request, str(refusal), messages.ERROR)
        return None
