"""Papers as PDF: the order as its supplier gets it, and the goods receipt note."""

from collections.abc import Callable
from typing import ClassVar

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from ipms.api.views import ApiView
from reporting.api.export import AnyMediaType
from reporting.files import FORMATS
from reporting.papers import orders, receipts
from reporting.papers.form import Form
from reporting.papers.sending import drawn

_RESPONSES = {(200, FORMATS["pdf"].content_type): OpenApiTypes.BINARY}


class PaperView(ApiView):
    """A paper of one record, for those who may see the record."""

    form: ClassVar[Callable[[int], Form]]
    is_enveloped = False
    content_negotiation_class = AnyMediaType
    documented_errors = {"404": "NotFound"}

    def paper(self, pk: int):
        try:
            return drawn(type(self).form(pk), is_download=True)
        except ObjectDoesNotExist:
            raise Http404 from None


class PurchaseOrderPaper(PaperView):
    form = staticmethod(orders.form)
    method_permissions = {"GET": "procurement.view_purchaseorder"}

    @extend_schema(responses=_RESPONSES)
    def get(self, request, pk):
        """Download a purchase order as PDF, for its supplier: in the order's currency."""
        return self.paper(pk)


class GoodsReceiptPaper(PaperView):
    form = staticmethod(receipts.form)
    method_permissions = {"GET": "procurement.view_goodsreceipt"}

    @extend_schema(responses=_RESPONSES)
    def get(self, request, pk):
        """Download a goods receipt note (GRN) as PDF."""
        return self.paper(pk)
