"""Spreadsheets of the stores: items, categories, locations in and out; opening stock in; the ledger out."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import items, opening
from inventory.errors import InvalidPosting
from inventory.models import (
    Category,
    Item,
    Location,
    LocationKind,
    Tracking,
    UnitOfMeasure,
)
from ipms.columns import (
    KEPT,
    ChoiceColumn,
    Column,
    CurrencyColumn,
    DayColumn,
    FlagColumn,
    NumberColumn,
    RecordColumn,
    WholeColumn,
    by_key,
)
from ipms.errors import InvalidInput
from ipms.resources import NEW, UNCHANGED, RecordResource, Row, SheetResource, list_of


class ItemResource(RecordResource):
    """Items by SKU. What stands of an item is read only: stock comes by the file of opening balances."""

    title = gettext_lazy("Items")
    key = "sku"

    sku = Column(is_required=True)
    name = Column(is_required=True)
    description = Column()
    category = RecordColumn(among=Category.objects.all, key="slug", hint=gettext_lazy("slug"))
    location = RecordColumn(among=Location.objects.real, key="code", hint=gettext_lazy("code"))
    unit = RecordColumn(among=UnitOfMeasure.objects.all, key="code", empty=KEPT, hint=gettext_lazy("code"))
    barcode = Column()
    unit_price = NumberColumn(minimum=0)
    currency = CurrencyColumn(empty=KEPT, hint=gettext_lazy("ISO 4217 code; the base currency when empty"))
    reorder_level = NumberColumn(minimum=0)
    reorder_quantity = NumberColumn(minimum=0)
    safety_stock = NumberColumn(minimum=0)
    lead_time_days = WholeColumn(empty=None, minimum=0)
    tracking = ChoiceColumn(choices=Tracking.choices)
    is_active = FlagColumn()
    on_hand = Column("valuation__quantity", is_readonly=True)
    available = Column(is_readonly=True)
    average_cost = Column("valuation__average_cost", is_readonly=True)
    stock_value = Column("valuation__value", is_readonly=True)
    status = Column("status", is_readonly=True)

    def get_queryset(self) -> Any:
        return Item.objects.select_related("valuation", "category", "location", "unit")

    def create_many(self, rows: Sequence[Row], *, by: Any) -> None:
        try:
            items.create_many([row.values for row in rows])
        except InvalidInput as refusal:
            for row, problems in zip(rows, refusal.details["lines"], strict=True):
                row.refuse_all(problems)

    def change(self, record: Item, values: dict[str, Any], *, by: Any) -> None:
        items.update(record, **values)


class _TreeResource(RecordResource):
    """Records that name their parent by its key: one that stands in the file or is known already."""

    def take_each(self, rows: Sequence[Row], *, by: Any) -> None:
        """Take parents before their children, whatever the order of the file."""
        waiting = list(rows)
        while waiting:
            coming = {self.key_of(row) for row in waiting}
            ready = [row for row in waiting if self._parent_key(row) not in coming]
            # What is left in the end stands below itself, by one way or another.
            self._take_level(ready or waiting, by=by)
            waiting = [row for row in waiting if ready and row not in ready]

    def _take_level(self, rows: Sequence[Row], *, by: Any) -> None:
        parents = by_key(self.get_queryset(), self.key, map(self._parent_key, rows))
        for row in rows:
            if "parent" not in row.values:
                continue
            name = self._parent_key(row)
            row.values["parent"] = parents.get(name)
            if name and name not in parents:
                row.refuse("parent", _("There is no such parent, here or in the file."))
        super().take_each([row for row in rows if not row.problems], by=by)

    @staticmethod
    def _parent_key(row: Row) -> str:
        parent = row.values.get("parent") or ""
        return parent.lower() if isinstance(parent, str) else ""

    def create(self, values: dict[str, Any], *, by: Any) -> Any:
        record = self.get_queryset().model()
        self.change(record, values, by=by)
        return record

    def change(self, record: Any, values: dict[str, Any], *, by: Any) -> None:
        for name, value in values.items():
            setattr(record, name, value)
        record.full_clean()
        record.save()


class _ParentColumn(Column):
    def __init__(self, key: str, **options: Any) -> None:
        super().__init__(f"parent__{key}", **options)


class CategoryResource(_TreeResource):
    """Categories by slug; a row without one gets it from its name."""

    title = gettext_lazy("Categories")
    key = "slug"

    slug = Column(is_required=True)
    name = Column(is_required=True)
    parent = _ParentColumn("slug", hint=gettext_lazy("slug of the category above"))
    is_active = FlagColumn()

    def get_queryset(self) -> Any:
        return Category.objects.select_related("parent")

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
        for row in rows:
            row.values["slug"] = slugify(row.values["slug"]) or row.values["slug"]
        super().take(rows, by=by)


class LocationResource(_TreeResource):
    """Locations inside the gate by code."""

    title = gettext_lazy("Locations")
    key = "code"

    code = Column(is_required=True)
    name = Column(is_required=True)
    kind = ChoiceColumn(choices=[(kind, kind.label) for kind in LocationKind.real()])
    parent = _ParentColumn("code", hint=gettext_lazy("code of the location around it"))
    is_active = FlagColumn()

    def get_queryset(self) -> Any:
        return Location.objects.select_related("parent")

    def change(self, record: Location, values: dict[str, Any], *, by: Any) -> None:
        if not record.is_real:
            raise ValidationError({"code": _("This location is outside the gate: it cannot be changed.")})
        super().change(record, values, by=by)


class BalanceResource(SheetResource):
    """What stands where. As an import: the opening balances, posted to the ledger in one call."""

    title = gettext_lazy("Opening stock")

    sku = RecordColumn("item", among=lambda: Item.objects.select_related("unit"), key="sku", is_required=True)
    name = Column("item__name", is_readonly=True)
    location = RecordColumn(among=Location.objects.real, key="code", is_required=True)
    lot = Column("lot__number", hint=gettext_lazy("of a tracked item"))
    expires_on = DayColumn("lot__expires_on")
    quantity = NumberColumn("on_hand", is_required=True, hint=gettext_lazy("in the item's stock unit"))
    unit = Column("item__unit_id", is_readonly=True)
    unit_cost = NumberColumn(
        "item__valuation__average_cost",
        empty=None,
        hint=gettext_lazy("in base currency; the unit price when empty"),
    )
    reserved = Column(is_readonly=True)

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
        wanted = [
            opening.OpeningBalance(
                item=row.values["sku"],
                location=row.values["location"],
                quantity=row.values["quantity"],
                unit_cost=row.values.get("unit_cost"),
                lot=row.values.get("lot", ""),
                expires_on=row.values.get("expires_on"),
            )
            for row in rows
        ]
        try:
            movements = opening.post(wanted, by=by)
        except InvalidPosting as refusal:
            for place, problems in refusal.lines.items():
                rows[place].refuse_all(problems)
            return
        for row, movement in zip(rows, movements, strict=True):
            row.outcome = NEW if movement else UNCHANGED


LotResource = list_of(
    "LotResource",
    item="item__sku",
    number="number",
    expires_on="expires_on",
    status="status",
    on_hand="on_hand",
)
UnitResource = list_of("UnitResource", code="code", name="name", decimals="decimals")
ValuationResource = list_of(
    "ValuationResource",
    sku="item__sku",
    name="item__name",
    quantity="quantity",
    unit="item__unit_id",
    average_cost="average_cost",
    value="value",
)
MovementResource = list_of(
    "MovementResource",
    id="pk",
    kind="kind",
    sku="item__sku",
    name="item__name",
    lot="lot__number",
    quantity="quantity",
    unit="item__unit_id",
    from_location="from_location__code",
    to_location="to_location__code",
    unit_cost="unit_cost",
    value="value",
    on_hand_after="on_hand_after",
    reason="reason",
    reference="reference",
    document="document",
    actor="actor__email",
    occurred_at="occurred_at",
    posted_at="posted_at",
)
