"""The lists of the API as files: the same rows, filters, search and order as the list itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ValidationError

from accounts.models import User
from inventory.api.views import ItemViewSet
from ipms.errors import InvalidInput
from procurement.api.serializers import OrderLineSerializer
from procurement.api.views import PurchaseOrderViewSet
from reporting import exportables
from reporting.api import list_columns
from reporting.api.asked import asked
from reporting.api.list_columns import Cell
from reporting.exportables import Exportable, Filters, Watch
from reporting.files import as_json
from reporting.tables import Document, Row, Table
from suppliers.api.views import SupplierViewSet

#: Rows that are in memory at a time.
_ROWS_AT_ONCE = 1000


class ListExport(Exportable):
    """A list of the API, read as its view reads it, by a cursor of the server."""

    view_class: ClassVar[Any]
    columns: ClassVar[Sequence[Cell]]

    def filter_names(self) -> frozenset[str]:
        return frozenset({"q", "ordering", *self.view_class.filterset_class.base_filters})

    def check(self, filters: Filters, *, by: User) -> None:
        if unknown := set(filters) - self.filter_names():
            raise InvalidInput({name: [_("There is no such filter.")] for name in sorted(unknown)})
        try:
            self._rows(self._view(filters, by))
        except ValidationError as error:
            raise InvalidInput(error.detail) from error

    def count(self, filters: Filters, *, by: User) -> int:
        return self._rows(self._view(filters, by)).order_by().count()

    def document(self, filters: Filters, *, by: User, at: datetime) -> Document:
        return Document(
            name=exportables.stem_of(self.name),
            title=self.title,
            tables=self.tables(self._view(filters, by)),
            parameters=list(exportables.in_words(filters)),
            as_of=at,
        )

    def json(self, filters: Filters, *, by: User, at: datetime, watch: Watch = iter) -> Iterator[bytes]:
        return as_json.chunks(watch(self._shown(self._view(filters, by))), exported_at=at)

    def tables(self, view: Any) -> list[Table]:
        """Return the tables of the document: the rows of the list, and what stands below them."""
        return [_table(self.name, self.title, self.columns, self._shown(view))]

    def _view(self, filters: Filters, by: User) -> Any:
        """Return the list's view as if it had been asked with these filters."""
        return self.view_class(
            request=asked(filters, by), action="list", args=(), kwargs={}, format_kwarg=None
        )

    def _rows(self, view: Any) -> Any:
        # What a page fetches for its rows by queries of their own, a cursor joins.
        return view.filter_queryset(view.queryset.all())

    def _shown(self, view: Any) -> Iterator[Mapping[str, Any]]:
        """Yield the rows as the API shows them."""
        show = view.get_serializer_class()(context=view.get_serializer_context()).to_representation
        return map(show, self._rows(view).iterator(chunk_size=_ROWS_AT_ONCE))


def _table(name: str, title: Any, cells: Sequence[Cell], rows: Iterable[Row], **more: Any) -> Table:
    readers = [(cell.column.key, cell.reader()) for cell in cells]
    flat = ({key: read(row) for key, read in readers} for row in rows)
    return Table(name, title, [cell.column for cell in cells], flat, headings="keys", **more)


class ItemsExport(ListExport):
    name = "inventory"
    title = gettext_lazy("Items")
    permissions = ("reporting.export_data", "inventory.view_item")
    view_class = ItemViewSet
    columns = list_columns.ITEMS


class SuppliersExport(ListExport):
    name = "suppliers"
    title = gettext_lazy("Suppliers")
    permissions = ("reporting.export_data", "suppliers.view_supplier")
    view_class = SupplierViewSet
    columns = list_columns.SUPPLIERS


class PurchaseOrdersExport(ListExport):
    """Orders, one in each row; in a workbook their lines stand on a sheet of their own."""

    name = "purchase-orders"
    title = gettext_lazy("Purchase orders")
    permissions = ("reporting.export_data", "procurement.view_purchaseorder")
    view_class = PurchaseOrderViewSet
    columns = list_columns.ORDERS

    def tables(self, view: Any) -> list[Table]:
        lines = _table("lines", _("Lines"), list_columns.ORDER_LINES, self._lines(view), is_printed=False)
        return [*super().tables(view), lines]

    def _lines(self, view: Any) -> Iterator[Mapping[str, Any]]:
        show = OrderLineSerializer(context=view.get_serializer_context()).to_representation
        for order in self._rows(view).iterator(chunk_size=_ROWS_AT_ONCE):
            for line in order.lines.all():
                yield {**show(line), "po_number": order.po_number, "currency": order.currency}


for _exportable in (ItemsExport(), PurchaseOrdersExport(), SuppliersExport()):
    exportables.register(_exportable)
