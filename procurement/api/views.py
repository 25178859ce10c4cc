from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action

from ipms.api import etag
from ipms.api.views import Changes, Creates
from procurement import ordering, receiving, replenishment
from procurement.api import examples, goods_receipts, suggestions
from procurement.api.filters import OrderFilter
from procurement.api.serializers import (
    ApproveSerializer,
    ChangeOrderSerializer,
    CommentSerializer,
    NewOrderSerializer,
    OrderSerializer,
    ReasonSerializer,
)
from procurement.drafts import LineDraft, OrderDraft
from procurement.models import OrderHistory, PurchaseOrder, PurchaseOrderLine
from procurement.receiving import Arrival
from procurement.replenishment import Wanted


def _with_lines_and_history() -> QuerySet[PurchaseOrder]:
    lines = PurchaseOrderLine.objects.select_related("item").order_by("number")
    history = OrderHistory.objects.select_related("by").order_by("id")
    return PurchaseOrder.objects.select_related(
        "supplier", "deliver_to", "created_by", "approved_by", "rejected_by"
    ).prefetch_related(Prefetch("lines", lines), Prefetch("history", history))


@extend_schema_view(create=extend_schema(examples=examples.PLACE))
class PurchaseOrderViewSet(Creates, Changes):
    queryset = _with_lines_and_history()
    serializer_class = OrderSerializer
    create_serializer_class = NewOrderSerializer
    change_serializer_class = ChangeOrderSerializer
    filterset_class = OrderFilter
    ordering_fields = {
        **{
            name: name
            for name in (
                "id",
                "po_number",
                "status",
                "currency",
                "total_amount",
                "total_base",
                "expected_date",
                "reference",
                "approved_at",
                "delivered_at",
                "created_at",
                "updated_at",
            )
        },
        "supplier": "supplier__name",
        "created_by": "created_by__email",
    }
    verb_permissions = {
        "submit": "procurement.change_purchaseorder",
        "approve": "procurement.approve_purchaseorder",
        "reject": "procurement.approve_purchaseorder",
        "deliver": "procurement.deliver_purchaseorder",
        "cancel": "procurement.change_purchaseorder",
        "receipts": "procurement.view_goodsreceipt",
        "from_suggestions": "procurement.add_purchaseorder",
    }
    created_message = _("Purchase order created.")
    changed_message = _("Purchase order changed.")

    def make(self, *, lines, submit=True, **fields):
        draft = OrderDraft(lines=[LineDraft(**line) for line in lines], **fields)
        return ordering.place(draft, by=self.request.user, submit=submit)

    def change(self, record, *, lines=None, **changes):
        drafts = None if lines is None else [LineDraft(**line) for line in lines]
        ordering.revise(record, by=self.request.user, lines=drafts, **changes)

    @extend_schema(
        request=suggestions.TakeUpSerializer,
        responses=suggestions.DraftsSerializer,
        examples=suggestions.EXAMPLES,
    )
    @action(detail=False, methods=["post"], url_path="from-suggestions")
    def from_suggestions(self, request):
        """Make draft orders of reorder suggestions, one for each supplier.

        The suggestions are those of `reorder_suggestions` in `/api/reports/analytics`, worked out again at
        the moment of the call: what somebody has asked for meanwhile is refused. All or nothing.
        """
        sent = self.command(suggestions.TakeUpSerializer)
        wanted = [Wanted(**line) for line in sent["items"]]
        made = replenishment.place_draft(wanted, on=timezone.localdate(), by=request.user)
        orders = self.get_queryset().filter(pk__in=[order.pk for order in made]).order_by("pk")
        shown = suggestions.DraftsSerializer({"orders": orders}, context=self.get_serializer_context()).data
        return self.done(_("Draft orders made."), shown)

    @extend_schema(request=CommentSerializer, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request, pk):
        """Ask for a decision. A draft or a rejected order becomes pending."""
        order = self.get_object()
        ordering.submit(order, by=request.user, **self.command(CommentSerializer))
        return self.done(_("Purchase order submitted."), order)

    @extend_schema(request=ApproveSerializer, responses=OrderSerializer, examples=examples.APPROVE)
    @action(detail=True, methods=["post"])
    def approve(self, request, pk):
        """Approve an order that somebody else made. Freezes its exchange rate."""
        order = self.get_object()
        ordering.approve(order, by=request.user, **self.command(ApproveSerializer))
        return self.done(_("Purchase order approved."), order)

    @extend_schema(request=ReasonSerializer, responses=OrderSerializer, examples=examples.REJECT)
    @action(detail=True, methods=["post"])
    def reject(self, request, pk):
        """Send an order back to its maker, with the reason."""
        order = self.get_object()
        ordering.reject(order, by=request.user, **self.command(ReasonSerializer))
        return self.done(_("Purchase order rejected."), order)

    @extend_schema(
        request=goods_receipts.DeliverSerializer,
        responses=goods_receipts.DeliveredOrderSerializer,
        examples=examples.DELIVER,
    )
    @action(detail=True, methods=["post"])
    def deliver(self, request, pk):
        """Receive goods into stock. What `lines` name, or without them all that is outstanding.

        All or nothing. The answer is the order, and under `receipt` the goods receipt that was made.
        """
        order = self.get_object()
        sent = self.command(goods_receipts.DeliverSerializer)
        if (lines := sent.pop("lines", None)) is not None:
            sent["arrivals"] = [Arrival(line_id=line.pop("line").pk, **line) for line in lines]
        receipt = receiving.receive(order, by=request.user, **sent)
        shown = self.show(self.get_queryset().get(pk=order.pk))
        return self.done(
            _("Goods received."),
            {**shown, "receipt": goods_receipts.show(receipt, self.get_serializer_context())},
            headers={"ETag": etag.etag_of(shown)},
        )

    @extend_schema(request=ReasonSerializer, responses=OrderSerializer, examples=examples.CANCEL)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """Give an order up before anything was received."""
        order = self.get_object()
        ordering.cancel(order, by=request.user, **self.command(ReasonSerializer))
        return self.done(_("Purchase order cancelled."), order)

    @extend_schema(responses=goods_receipts.ReceiptSerializer(many=True))
    @action(
        detail=True,
        filterset_class=goods_receipts.ReceiptFilter,
        search_fields=goods_receipts.SEARCH_FIELDS,
        ordering_fields=goods_receipts.ORDERING_FIELDS,
    )
    def receipts(self, request, pk):
        """List what came against an order."""
        return self.page_of(
            goods_receipts.with_lines().filter(order=self.get_object()), goods_receipts.ReceiptSerializer
        )
