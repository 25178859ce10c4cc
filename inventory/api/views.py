"""Items with the verbs of stock, and the ledger."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action

from inventory import items, ledger, stock
from inventory.api import examples, movements
from inventory.api.batch import Batch, BatchDoneSerializer, BatchSerializer
from inventory.api.items import ChangeItemSerializer, ItemFilter, ItemSerializer, NewItemSerializer
from inventory.api.movements import MovementFilter, MovementSerializer
from inventory.api.stock import (
    BALANCE_ORDERING_FIELDS,
    BALANCE_SEARCH_FIELDS,
    AddStockSerializer,
    AdjustStockSerializer,
    BalanceFilter,
    BalanceSerializer,
    DoneSerializer,
    RemoveStockSerializer,
    ReverseSerializer,
    TransferStockSerializer,
    posted,
)
from inventory.models import Item, StockBalance, StockMovement
from ipms.api.pagination import FeedPagination
from ipms.api.views import Changes, Creates, Deletes, DomainViewSet

#: What an item shows of other tables. A list fetches these, and those of movements, by themselves: a page is
#: cut out before anything is joined to it, so that twenty rows are joined and not all that come before them.
_SHOWN_WITH = ("valuation", "category", "location")


@extend_schema_view(
    create=extend_schema(examples=examples.NEW_ITEM),
    update=extend_schema(examples=examples.CHANGED_ITEM),
)
class ItemViewSet(Creates, Changes, Deletes):
    queryset = Item.objects.select_related(*_SHOWN_WITH)
    serializer_class = ItemSerializer
    create_serializer_class = NewItemSerializer
    change_serializer_class = ChangeItemSerializer
    filterset_class = ItemFilter
    ordering_fields = {
        **{
            name: name
            for name in (
                "id",
                "sku",
                "name",
                "barcode",
                "unit_price",
                "reorder_level",
                "is_active",
                "created_at",
                "updated_at",
            )
        },
        "category": "category__name",
        "location": "location__code",
        "quantity": "valuation__quantity",
        "reserved": "valuation__reserved",
        "stock_value": "valuation__value",
    }
    verb_permissions = {
        "add_stock": "inventory.move_stock",
        "remove_stock": "inventory.move_stock",
        "transfer_stock": "inventory.move_stock",
        "adjust_stock": "inventory.adjust_stock",
        "balances": "inventory.view_stockbalance",
        "movements": "inventory.view_stockmovement",
    }
    created_message = _("Item created.")
    changed_message = _("Item changed.")
    deleted_message = _("Item deleted.")

    def get_queryset(self):
        if self.action == "list":
            return Item.objects.prefetch_related(*_SHOWN_WITH)
        return super().get_queryset()

    def make(self, **fields):
        if fields.get("quantity") and not self.request.user.has_perm("inventory.move_stock"):
            raise PermissionDenied
        return items.create(by=self.request.user, **fields)

    def change(self, record, **changes):
        items.update(record, **changes)

    def remove(self, record):
        items.delete(record)

    @extend_schema(request=AddStockSerializer, responses=DoneSerializer, examples=examples.ADD)
    @action(detail=True, methods=["post"], url_path="add-stock")
    def add_stock(self, request, pk):
        """Bring stock in. A receipt without an order, valued at `unit_cost`."""
        item = self.get_object()
        moved = stock.add(item, by=request.user, **self.command(AddStockSerializer))
        return self._posted(_("Stock added."), item, moved)

    @extend_schema(request=RemoveStockSerializer, responses=DoneSerializer, examples=examples.REMOVE)
    @action(detail=True, methods=["post"], url_path="remove-stock")
    def remove_stock(self, request, pk):
        """Issue stock. Without a lot, what expires first goes out first."""
        item = self.get_object()
        moved = stock.remove(item, by=request.user, **self.command(RemoveStockSerializer))
        return self._posted(_("Stock removed."), item, moved)

    @extend_schema(request=TransferStockSerializer, responses=DoneSerializer, examples=examples.TRANSFER)
    @action(detail=True, methods=["post"], url_path="transfer-stock")
    def transfer_stock(self, request, pk):
        """Move stock from one location to another. Its value does not change."""
        item = self.get_object()
        moved = stock.transfer(item, by=request.user, **self.command(TransferStockSerializer))
        return self._posted(_("Stock transferred."), item, moved)

    @extend_schema(request=AdjustStockSerializer, responses=DoneSerializer, examples=examples.ADJUST)
    @action(detail=True, methods=["post"], url_path="adjust-stock")
    def adjust_stock(self, request, pk):
        """Set stock to what was counted. Posts the difference; nothing where the books agree."""
        item = self.get_object()
        moved = stock.adjust(item, by=request.user, **self.command(AdjustStockSerializer))
        return self._posted(_("Stock adjusted."), item, moved)

    @extend_schema(responses=BalanceSerializer(many=True))
    @action(
        detail=True,
        filterset_class=BalanceFilter,
        search_fields=BALANCE_SEARCH_FIELDS,
        ordering_fields=BALANCE_ORDERING_FIELDS,
    )
    def balances(self, request, pk):
        """List what stands where, by location and lot."""
        balances = StockBalance.objects.filter(item=self.get_object()).select_related("location", "lot")
        return self.page_of(balances.order_by("location__code", "lot"), BalanceSerializer)

    @extend_schema(responses=MovementSerializer(many=True))
    @action(
        detail=True,
        pagination_class=FeedPagination,
        filterset_class=MovementFilter,
        ordering_fields=movements.ORDERING_FIELDS,
    )
    def movements(self, request, pk):
        """List an item's lines of the ledger, newest first."""
        moved = StockMovement.objects.filter(item=self.get_object()).prefetch_related(*movements.RELATED)
        return self.page_of(moved, MovementSerializer)

    def _posted(self, message: str, item: Item, moved: Sequence[StockMovement]):
        context = self.get_serializer_context()
        shown = ItemSerializer(self.get_queryset().get(pk=item.pk), context=context).data
        return self.done(message, {**posted(moved, context), "item": shown})


class MovementViewSet(DomainViewSet):
    """The ledger. Nothing in it is ever changed: a mistake is corrected by a reversal."""

    queryset = StockMovement.objects.select_related(*movements.RELATED)
    serializer_class = MovementSerializer
    pagination_class = FeedPagination
    filterset_class = MovementFilter
    ordering_fields = movements.ORDERING_FIELDS
    #: Each operation of a batch asks for the permission it needs.
    verb_permissions = {"batch": None, "reverse": "inventory.reverse_movement"}

    def get_queryset(self):
        if self.action == "list":
            return StockMovement.objects.prefetch_related(*movements.RELATED)
        return super().get_queryset()

    @extend_schema(request=BatchSerializer, responses=BatchDoneSerializer, examples=examples.BATCH)
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def batch(self, request):
        """Post what a client did while it was offline. Up to 500 operations, each for itself, in order."""
        operations = self.command(BatchSerializer)["operations"]
        batch = Batch(operations, request=request, context=self.get_serializer_context())
        return self.done(_("Batch posted."), {"results": batch.run()})

    @extend_schema(request=ReverseSerializer, responses=DoneSerializer, examples=examples.REVERSE)
    @action(detail=True, methods=["post"])
    def reverse(self, request, pk):
        """Undo a movement by its opposite. Once, at the value it had."""
        movement = self.get_object()
        reversal = ledger.reverse(movement, by=request.user, **self.command(ReverseSerializer))
        context = self.get_serializer_context()
        item = Item.objects.select_related(*_SHOWN_WITH).get(pk=movement.item_id)
        shown = ItemSerializer(item, context=context).data
        return self.done(_("Movement reversed."), {**posted([reversal], context), "item": shown})
