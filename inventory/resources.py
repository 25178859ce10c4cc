"""Spreadsheets of the stores: what is kept where, in and out; opening stock and counts in; the ledger out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import categories, count_entry, items, ledger, locations, opening
from inventory.errors import CountStateForbids, InvalidPosting
from inventory.models import (
    Category,
    CountStatus,
    Item,
    Location,
    LocationKind,
    StockCount,
    StockMovement,
    Tracking,
    UnitOfMeasure,
)
from inventory.opening import OpeningBalance
from ipms import validation
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
from ipms.importing.registry import importable
from ipms.resources import (
    CHANGED,
    NEW,
    UNCHANGED,
    Kept,
    RecordResource,
    Row,
    SheetResource,
    change_records,
    lines_of,
    list_of,
    take_lines,
)


@importable("inventory.item", permissions=["inventory.add_item", "inventory.change_item"])
class ItemResource(RecordResource):
    """Items by SKU, with what stands of them already. Other stock comes by the file of opening balances."""

    title = gettext_lazy("Items")
    model = Item
    related = ("valuation", "category", "location", "unit")
    key = "sku"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._movements: dict[Row, StockMovement] = {}

    sku = Column(is_required=True, is_code=True, example="BOLT-M8-40")
    name = Column(is_required=True, example="Hexagon bolt M8 × 40")
    description = Column(example="Galvanised")
    category = RecordColumn(among=Category.objects.all, key="slug", hint=gettext_lazy("slug or name"))
    location = RecordColumn(among=Location.objects.real, key="code", hint=gettext_lazy("code or name"))
    unit = RecordColumn(
        among=UnitOfMeasure.objects.all,
        key="code",
        empty=KEPT,
        hint=gettext_lazy("code or name"),
        example="EA",
    )
    barcode = Column(is_code=True, example="0012345678905")
    unit_price = NumberColumn(minimum=0, example=Decimal("1250.50"))
    currency = CurrencyColumn(empty=KEPT, hint=gettext_lazy("ISO 4217 code; the base currency when empty"))
    reorder_level = NumberColumn(minimum=0, example=50)
    reorder_quantity = NumberColumn(minimum=0, example=200)
    safety_stock = NumberColumn(minimum=0, example=20)
    lead_time_days = WholeColumn(empty=None, minimum=0, example=14)
    tracking = ChoiceColumn(choices=Tracking.choices, example="none")
    is_active = FlagColumn(example="yes")
    opening_quantity = NumberColumn(
        is_import_only=True,
        minimum=0,
        label=gettext_lazy("opening balance"),
        hint=gettext_lazy("what stands at the default location already, in the stock unit"),
    )
    opening_unit_cost = NumberColumn(
        is_import_only=True,
        empty=None,
        minimum=0,
        label=gettext_lazy("unit cost of the opening balance"),
        hint=gettext_lazy("in base currency; the unit price when empty"),
    )
    on_hand = Column("valuation__quantity", is_readonly=True)
    available = Column(is_readonly=True)
    average_cost = Column("valuation__average_cost", is_readonly=True)
    stock_value = Column("valuation__value", is_readonly=True)
    status = Column("status", is_readonly=True)

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
        figures = {
            row: [row.values.pop(name, None) for name in ("opening_quantity", "opening_unit_cost")]
            for row in rows
        }
        sound = list(rows)
        while sound:
            try:
                with transaction.atomic():
                    super().take(sound, by=by)
                    taken = [row for row in sound if not row.problems]
                    self._open({row: figures[row] for row in taken if figures[row][0]}, by=by)
                return
            except _OpeningRefused:
                # Nothing of these rows was kept: the others are taken anew, without those that were refused.
                sound = [row for row in sound if not row.problems]
                for row in sound:
                    row.outcome, row.before = NEW, {}
                self.locate(sound)

    def _open(self, figures: Mapping[Row, Sequence[Any]], *, by: Any) -> None:
        """Post the opening balances of items that have just been made or found."""
        for row in figures:
            if row.record.location is None:
                row.refuse("location", _("Name the location where the opening balance stands."))
        if any(row.problems for row in figures):
            raise _OpeningRefused
        opened = _post_openings(
            list(figures),
            [
                OpeningBalance(
                    item=row.record, location=row.record.location, quantity=quantity, unit_cost=cost
                )
                for row, (quantity, cost) in figures.items()
            ],
            by=by,
            names={"quantity": "opening_quantity", "unit_cost": "opening_unit_cost"},
        )
        if any(row.problems for row in figures):
            raise _OpeningRefused
        for row, movement in zip(figures, opened, strict=True):
            if movement is not None:
                self._movements[row] = movement
                row.outcome = NEW if row.outcome == NEW else CHANGED

    def trace(self, row: Row) -> dict[str, Any] | None:
        told = super().trace(row)
        if told and (movement := self._movements.pop(row, None)):
            told["movement"] = movement.pk
        return told

    def undo(self, traces: Sequence[dict[str, Any]], *, by: Any) -> list[Kept]:
        kept = _reverse([trace for trace in traces if "movement" in trace], by=by)
        kept += super().undo([trace for trace in traces if "movement" not in trace], by=by)
        stays = _("Its opening balance was taken back; an item with movements is not deleted.")
        reversed_rows = {trace["row"] for trace in traces if "movement" in trace} - {one.row for one in kept}
        return kept + [
            Kept(row=trace["row"], label=trace["label"], reason=stays)
            for trace in traces
            if trace["row"] in reversed_rows and trace["outcome"] == NEW
        ]

    def create_many(self, rows: Sequence[Row], *, by: Any) -> None:
        def create(sound: Sequence[Row]) -> list[Item]:
            return items.create_many([row.values for row in sound])

        made = take_lines(rows, create, refusal=InvalidInput, lines=lines_of)
        for row, item in zip((row for row in rows if not row.problems), made, strict=True):
            row.record = item

    def change_many(self, rows: Sequence[Row], *, by: Any) -> None:
        def change(sound: Sequence[Row]) -> list[Item]:
            return change_records(sound, items.update_many)

        take_lines(rows, change, refusal=InvalidInput, lines=lines_of)

    def change(self, record: Item, values: dict[str, Any], *, by: Any) -> None:
        items.update(record, **values)

    def remove(self, record: Item) -> None:
        items.delete(record)


class _OpeningRefused(Exception):
    """An opening balance cannot be posted: what its chunk did is rolled back."""


class _TreeResource(RecordResource):
    """Records that name their parent by its key: one that stands in the file or is known already."""

    is_whole = True

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
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
        super().take([row for row in rows if not row.problems], by=by)

    @staticmethod
    def _parent_key(row: Row) -> str:
        parent = row.values.get("parent") or ""
        return parent.lower() if isinstance(parent, str) else ""


class _ParentColumn(Column):
    def __init__(self, key: str, **options: Any) -> None:
        super().__init__(f"parent__{key}", **options)


@importable("inventory.category", permissions=["inventory.add_category", "inventory.change_category"])
class CategoryResource(_TreeResource):
    """Categories by slug; one that is written as a name becomes a slug."""

    title = gettext_lazy("Categories")
    model = Category
    related = ("parent",)
    key = "slug"

    slug = Column(is_required=True, example="fasteners")
    name = Column(is_required=True, example="Fasteners")
    parent = _ParentColumn("slug", hint=gettext_lazy("slug of the category above"), example="hardware")
    is_active = FlagColumn(example="yes")

    def locate(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if written := row.values.get("slug"):
                row.values["slug"] = slugify(written) or written
        super().locate(rows)

    def create(self, values: dict[str, Any], *, by: Any) -> Category:
        return categories.create(**values)

    def change(self, record: Category, values: dict[str, Any], *, by: Any) -> None:
        categories.update(record, **values)

    def remove(self, record: Category) -> None:
        categories.delete(record)


@importable("inventory.location", permissions=["inventory.add_location", "inventory.change_location"])
class LocationResource(_TreeResource):
    """Locations inside the gate by code."""

    title = gettext_lazy("Locations")
    model = Location
    related = ("parent",)
    key = "code"

    code = Column(is_required=True, is_code=True, example="MAIN-A-01")
    name = Column(is_required=True, example="Shelf 1 of aisle A")
    kind = ChoiceColumn(choices=[(kind, kind.label) for kind in LocationKind.real()], example="bin")
    parent = _ParentColumn("code", hint=gettext_lazy("code of the location around it"), example="MAIN")
    is_active = FlagColumn(example="yes")

    def create(self, values: dict[str, Any], *, by: Any) -> Location:
        return locations.create(**values)

    def change(self, record: Location, values: dict[str, Any], *, by: Any) -> None:
        if not record.is_real:
            raise InvalidInput({"code": [_("This location is outside the gate: it cannot be changed.")]})
        locations.update(record, **values)

    def remove(self, record: Location) -> None:
        locations.delete(record)


@importable(
    "inventory.unitofmeasure", permissions=["inventory.add_unitofmeasure", "inventory.change_unitofmeasure"]
)
class UnitResource(RecordResource):
    """Units of measure by code."""

    title = gettext_lazy("Units of measure")
    model = UnitOfMeasure
    key = "code"

    code = Column(is_required=True, example="BX")
    name = Column(is_required=True, example="box")
    decimals = WholeColumn(minimum=0, example=0)

    def create(self, values: dict[str, Any], *, by: Any) -> UnitOfMeasure:
        unit = UnitOfMeasure(**values)
        validation.check(unit, key="code")
        unit.save()
        return unit

    def change(self, record: UnitOfMeasure, values: dict[str, Any], *, by: Any) -> None:
        for name, value in values.items():
            setattr(record, name, value)
        validation.check(record, key="code")
        record.save()


@importable("inventory.stockbalance", permissions=["inventory.adjust_stock"])
class BalanceResource(SheetResource):
    """What stands where. As an import: the opening balances, posted to the ledger."""

    title = gettext_lazy("Opening stock")
    advice = gettext_lazy(
        "What stood there before the books began: it is posted once for each item, place and lot."
    )

    sku = RecordColumn(
        "item",
        among=lambda: Item.objects.select_related("unit"),
        key="sku",
        is_required=True,
        label=gettext_lazy("SKU"),
        example="BOLT-M8-40",
    )
    name = Column("item__name", is_readonly=True)
    location = RecordColumn(
        among=Location.objects.real,
        key="code",
        is_required=True,
        label=gettext_lazy("location"),
        example="MAIN",
    )
    lot = Column(
        "lot__number", is_code=True, label=gettext_lazy("lot"), hint=gettext_lazy("of a tracked item")
    )
    expires_on = DayColumn("lot__expires_on", label=gettext_lazy("expires on"))
    quantity = NumberColumn(
        "on_hand",
        is_required=True,
        label=gettext_lazy("quantity"),
        hint=gettext_lazy("in the item's stock unit"),
        example=Decimal("1250.5"),
    )
    unit = Column("item__unit_id", is_readonly=True)
    unit_cost = NumberColumn(
        "item__valuation__average_cost",
        empty=None,
        label=gettext_lazy("unit cost"),
        hint=gettext_lazy("in base currency; the unit price when empty"),
        example=Decimal("12.75"),
    )
    reserved = Column(is_readonly=True)

    def key_of(self, row: Row) -> Any:
        item, location = row.values.get("sku"), row.values.get("location")
        return (item.pk, location.pk, row.values.get("lot", "").lower()) if item and location else None

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
        wanted = [
            OpeningBalance(
                item=row.values["sku"],
                location=row.values["location"],
                quantity=row.values["quantity"],
                unit_cost=row.values.get("unit_cost"),
                lot=row.values.get("lot", ""),
                expires_on=row.values.get("expires_on"),
            )
            for row in rows
        ]
        movements = _post_openings(rows, wanted, by=by)
        for row, movement in zip((row for row in rows if not row.problems), movements, strict=True):
            row.outcome = NEW if movement else UNCHANGED
            row.record = movement

    def trace(self, row: Row) -> dict[str, Any] | None:
        if row.record is None:
            return None
        label = f"{row.values['sku'].sku} · {row.values['location'].code}"
        return {"row": row.number, "outcome": row.outcome, "label": label, "movement": row.record.pk}

    def undo(self, traces: Sequence[dict[str, Any]], *, by: Any) -> list[Kept]:
        return _reverse(traces, by=by)


def _post_openings(
    rows: Sequence[Row],
    wanted: Sequence[OpeningBalance],
    *,
    by: Any,
    names: Mapping[str, str] | None = None,
) -> list[StockMovement | None]:
    """Post the balances of rows; those that are refused are told, and the others posted."""
    balances = dict(zip(rows, wanted, strict=True))

    def lines(refusal: Any) -> Iterable[tuple[int, dict[str, Any]]]:
        for place, problems in refusal.lines.items():
            yield place, {(names or {}).get(name, name): why for name, why in problems.items()}

    def post(sound: Sequence[Row]) -> list[StockMovement | None]:
        return opening.post([balances[row] for row in sound], by=by)

    return take_lines(rows, post, refusal=InvalidPosting, lines=lines)


def _reverse(traces: Sequence[dict[str, Any]], *, by: Any) -> list[Kept]:
    """Undo movements by their reversal, the last first; return those whose stock has been used since."""
    movements = StockMovement.objects.select_related("item", "from_location", "to_location", "lot").in_bulk(
        [trace["movement"] for trace in traces]
    )
    ledger.lock({movement.item_id for movement in movements.values()})
    kept: list[Kept] = []
    for trace in reversed(traces):
        attempt = Row(trace["row"], {})
        with attempt.told():
            ledger.reverse(movements[trace["movement"]], by=by, reason=_("Import taken back"))
        kept += Kept.by(trace, attempt)
    return kept


@importable("inventory.stockcount", permissions=["inventory.change_stockcount"])
class CountResource(SheetResource):
    """What was counted, into counts that are at work. A figure is corrected in its count."""

    title = gettext_lazy("Counted quantities")
    advice = gettext_lazy(
        "The figures go into counts that have been started; nothing is posted before approval."
    )

    count = RecordColumn(
        among=lambda: StockCount.objects.filter(status__in=[CountStatus.OPEN, CountStatus.COUNTING]),
        key="number",
        is_required=True,
        label=gettext_lazy("stock count"),
        hint=gettext_lazy("number of the count"),
    )
    sku = RecordColumn(
        among=lambda: Item.objects.select_related("unit", "location"),
        key="sku",
        is_required=True,
        label=gettext_lazy("SKU"),
        example="BOLT-M8-40",
    )
    location = RecordColumn(
        among=Location.objects.real,
        key="code",
        label=gettext_lazy("location"),
        hint=gettext_lazy("where the item stands at several"),
        example="MAIN-A-01",
    )
    lot = Column(is_code=True, label=gettext_lazy("lot"), hint=gettext_lazy("of a tracked item"))
    expires_on = DayColumn(label=gettext_lazy("expires on"), hint=gettext_lazy("of a lot that is new"))
    counted = NumberColumn(
        is_required=True,
        minimum=0,
        label=gettext_lazy("counted"),
        hint=gettext_lazy("in the item's stock unit"),
    )
    reason = Column(label=gettext_lazy("remark"), max_length=200)

    def key_of(self, row: Row) -> Any:
        values = row.values
        if not (values.get("count") and values.get("sku")):
            return None
        return values["count"].pk, values["sku"].pk, values.get("location"), values.get("lot", "").lower()

    def take(self, rows: Sequence[Row], *, by: Any) -> None:
        by_count: dict[StockCount, list[Row]] = defaultdict(list)
        for row in rows:
            by_count[row.values["count"]].append(row)
        for count, of_count in by_count.items():
            self._enter(count, of_count, by=by)

    def _enter(self, count: StockCount, rows: Sequence[Row], *, by: Any) -> None:
        def enter(sound: Sequence[Row]) -> list[Any]:
            return count_entry.enter(count, [_figure(row) for row in sound], by=by)

        try:
            lines = take_lines(rows, enter, refusal=InvalidInput, lines=lines_of)
        except CountStateForbids as refusal:
            for row in rows:
                row.refuse("count", refusal)
            return
        for row, line in zip((row for row in rows if not row.problems), lines, strict=True):
            row.record = line
            row.outcome = CHANGED


def _figure(row: Row) -> count_entry.Figure:
    values = row.values
    return count_entry.Figure(
        item=values["sku"],
        counted=values["counted"],
        location=values.get("location"),
        lot=values.get("lot", ""),
        expires_on=values.get("expires_on"),
        reason=values.get("reason") or None,
    )


LotResource = list_of(
    "LotResource",
    item="item__sku",
    number="number",
    expires_on="expires_on",
    status="status",
    on_hand="on_hand",
)
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
