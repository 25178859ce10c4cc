"""The report on stock as tables and charts."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from inventory.models import ItemStatus
from reporting.references import Reference
from reporting.stock_history import NOW, Moment
from reporting.tables import Chart, Column, Document, Table

_RANKED = 10
_STATUS = dict(ItemStatus.choices)


def document(data: Mapping[str, Any], params: Mapping[str, Any]) -> Document:
    """Return what `stock_report.build(**params)` gave, for a reader."""
    return Document(
        name="inventory",
        title=_("Stock"),
        tables=[
            _totals(data),
            _sums("by-category", _("By category"), _("Category"), data["by_category"], "category"),
            _sums("by-location", _("By location"), _("Location"), data["by_location"], "location"),
            _ageing(data),
            _abc(data),
            _low_stock(data),
            _dead_stock(data),
        ],
        parameters=_asked(params),
        charts=_charts(data),
        as_of=data["as_of"],
    )


def _totals(data: Mapping[str, Any]) -> Table:
    return Table(
        "totals",
        _("Totals"),
        [
            Column("items", _("Items in stock"), "integer"),
            Column("quantity", _("Quantity"), "quantity", is_printed=False),
            Column("stock_value", _("Stock value"), "amount"),
            Column("low_stock", _("Low on stock"), "integer"),
            Column("dead_stock", _("Dead stock"), "integer"),
            Column("dead_stock_value", _("Value of dead stock"), "amount", is_printed=False),
        ],
        [data["totals"]],
        note=_("Values are in base currency, at moving average cost."),
    )


def _sums(name: str, title: str, heading: str, rows: Iterable[Mapping[str, Any]], key: str) -> Table:
    return Table(
        name,
        title,
        [
            Column("code", _("Code"), "code", is_printed=False),
            Column("label", heading),
            Column("items", _("Items"), "integer"),
            Column("quantity", _("Quantity"), "quantity", total=True),
            Column("stock_value", _("Stock value"), "amount", total=True),
        ],
        [_of_record(row, row[key]) for row in rows],
    )


def _ageing(data: Mapping[str, Any]) -> Table:
    return Table(
        "ageing",
        _("Age of the stock"),
        [
            Column("bucket", _("Days since it came"), "code"),
            Column("items", _("Items"), "integer"),
            Column("quantity", _("Quantity"), "quantity", total=True),
            Column("stock_value", _("Stock value"), "amount", total=True),
        ],
        data["ageing"],
        note=_("First in, first out: what is on hand is taken to be what came last."),
    )


def _abc(data: Mapping[str, Any]) -> Table:
    return Table(
        "abc",
        _("Importance by use"),
        [
            Column("class", _("Class"), "code"),
            Column("items", _("Items"), "integer", total=True),
            Column("consumption_value", _("Used in 365 days"), "amount", total=True),
            Column("share", _("Share"), "share"),
            Column("stock_value", _("Stock value"), "amount", total=True),
        ],
        data["abc"],
        note=_("A: the items that make up the first 80 % of the value used; B: the next 15 %; C: the rest."),
    )


def _low_stock(data: Mapping[str, Any]) -> Table:
    return Table(
        "low-stock",
        _("Low on stock"),
        [
            *_item(),
            Column("label", _("Status")),
            Column("available", _("Available"), "quantity"),
            Column("reorder_level", _("Reorder level"), "quantity"),
            Column("reorder_quantity", _("Reorder quantity"), "quantity"),
            Column("unit", _("Unit"), "code"),
        ],
        [{**_of_item(row), "label": str(_STATUS[row["status"]])} for row in data["low_stock"]],
        note=_cut(
            _("The %(shown)d least covered of %(all)d items."),
            shown=len(data["low_stock"]),
            all_of_them=data["totals"]["low_stock"],
        ),
    )


def _dead_stock(data: Mapping[str, Any]) -> Table:
    return Table(
        "dead-stock",
        _("Dead stock"),
        [
            *_item(),
            Column("quantity", _("Quantity"), "quantity"),
            Column("unit", _("Unit"), "code"),
            Column("stock_value", _("Stock value"), "amount"),
            Column("last_issued_on", _("Last issued"), "date"),
            Column("days_idle", _("Days idle"), "days"),
        ],
        [_of_item(row) for row in data["dead_stock"]],
        totals={"sku": _("Total"), "stock_value": data["totals"]["dead_stock_value"]},
        note=_cut(
            _("The %(shown)d of most value, of %(all)d items; the total is of all."),
            shown=len(data["dead_stock"]),
            all_of_them=data["totals"]["dead_stock"],
        ),
    )


def _charts(data: Mapping[str, Any]) -> list[Chart]:
    currency = data["totals"]["currency"]
    categories = [row for row in data["by_category"] if row["stock_value"] > 0][:_RANKED]
    return [
        Chart(
            _("Value by category"),
            "ranking",
            [(_name(row["category"]), row["stock_value"]) for row in categories],
            currency,
        ),
        Chart(
            _("Value by days since it came"),
            "bars",
            [(row["bucket"], row["stock_value"]) for row in data["ageing"]],
            currency,
        ),
    ]


def _asked(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    at: Moment = params.get("at") or NOW
    asked = [
        (_("Category"), str(params.get("category") or "")),
        (_("Location"), str(params.get("location") or "")),
        (_("As of"), _moment(at.as_of)),
        (_("Known at"), _moment(at.known_at)),
        (_("Dead after days"), str(params.get("days") or "")),
    ]
    return [(label, text) for label, text in asked if text]


def _moment(moment: Any) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else ""


def _item() -> list[Column]:
    return [Column("sku", _("SKU"), "code"), Column("name", _("Item"))]


def _of_item(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "id": row["item"].id, "sku": row["item"].code, "name": row["item"].name}


def _of_record(row: Mapping[str, Any], record: Reference | None) -> dict[str, Any]:
    named = {"id": record.id, "code": record.code} if record else {}
    return {**row, **named, "label": _name(record)}


def _name(record: Reference | None) -> str:
    return record.name if record else _("Without category")


def _cut(sentence: str, *, shown: int, all_of_them: int) -> str:
    """Say that a list was cut, where it was."""
    return sentence % {"shown": shown, "all": all_of_them} if shown < all_of_them else ""
