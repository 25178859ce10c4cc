"""The report on use, demand and reordering as tables and charts."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from inventory.abc_xyz import Importance
from inventory.forecasting import Regularity
from reporting.tables import Chart, Column, Document, Table

_RANKED = 10


def document(data: Mapping[str, Any], params: Mapping[str, Any]) -> Document:
    """Return what `analytics_report.build(**params)` gave, for a reader."""
    return Document(
        name="analytics",
        title=_("Use, demand and reordering"),
        tables=[
            _turnover_in_all(data),
            _suggestions(data),
            _forecasts(data),
            _matrix(data),
            _classes(data),
            _turnover("turnover-by-category", _("Turnover by category"), data["turnover"]["by_category"]),
            _turnover("turnover-by-item", _("Turnover of the largest stocks"), data["turnover"]["items"]),
            _trends(data),
        ],
        parameters=_asked(params),
        charts=_charts(data),
        as_of=data["as_of"],
    )


def _turnover_in_all(data: Mapping[str, Any]) -> Table:
    return Table("totals", _("Turnover"), _turning_columns(is_summed=False), [data["turnover"]["totals"]])


def _suggestions(data: Mapping[str, Any]) -> Table:
    return Table(
        "reorder-suggestions",
        _("Reorder suggestions"),
        [
            *_item_columns(),
            Column("available", _("Available"), "quantity"),
            Column("on_order", _("On order"), "quantity"),
            Column("requested", _("Asked for"), "quantity", is_printed=False),
            Column("reorder_point", _("Reorder point"), "quantity"),
            Column("safety_stock", _("Safety stock"), "quantity", is_printed=False),
            Column("lead_time_days", _("Lead time, days"), "number", is_printed=False),
            Column("days_left", _("Lasts, days"), "number"),
            Column("quantity", _("To order"), "quantity"),
            Column("supplier_name", _("Supplier")),
            Column("unit_price", _("Last price"), "price", currency="currency"),
            Column("currency", _("Currency"), "code", is_printed=False),
            Column("why", _("Why"), is_printed=False),
        ],
        [
            {
                **_named(row),
                "supplier_name": row["supplier"].name if row["supplier"] else "",
                "supplier_id": row["supplier"].id if row["supplier"] else None,
            }
            for row in data["reorder_suggestions"]
        ],
        note=_("The most urgent first."),
    )


def _forecasts(data: Mapping[str, Any]) -> Table:
    return Table(
        "forecast",
        _("Expected demand"),
        [
            *_item_columns(),
            Column("kind_label", _("Demand")),
            Column("method_label", _("Method")),
            Column("per_week", _("A week"), "quantity"),
            Column("deviation", _("Deviation"), "quantity"),
            Column("weeks", _("Weeks known"), "integer", is_printed=False),
            Column("rmsse", _("Error"), "number"),
            Column("naive_rmsse", _("Naive error"), "number"),
            Column("bias", _("Bias"), "number", is_printed=False),
        ],
        [
            {
                **_named(row),
                "kind_label": row["kind"].label,
                "method_label": row["method"].label,
                "per_week": round(row["per_week"], 2),
                "deviation": round(row["deviation"], 2),
                "rmsse": _of(row["accuracy"], "rmsse"),
                "naive_rmsse": _of(row["naive"], "rmsse"),
                "bias": _of(row["accuracy"], "bias"),
            }
            for row in data["forecast"]
        ],
        note=_(
            "The items of most value used. Errors (RMSSE) are those of forecasts for the next week over the "
            "item's own history; the naive forecast is the last week again."
        ),
    )


def _matrix(data: Mapping[str, Any]) -> Table:
    cells = {(cell["abc"], cell["xyz"]): cell for cell in data["abc_xyz"]["matrix"]}
    return Table(
        "abc-xyz",
        _("ABC and XYZ"),
        [
            Column("label", _("Class")),
            *(
                column
                for regularity in Regularity
                for column in (
                    Column(f"items_{regularity}", _items_of(regularity), "integer", total=True),
                    Column(f"value_{regularity}", _value_of(regularity), "amount", total=True),
                )
            ),
        ],
        [
            {
                "label": f"{importance} – {importance.label}",
                **{f"items_{kind}": cells[importance, kind]["items"] for kind in Regularity},
                **{f"value_{kind}": cells[importance, kind]["value"] for kind in Regularity},
            }
            for importance in Importance
        ],
        note=_(
            "ABC by the value used in %(days)d days, with borders at 80 %% and 95 %% of it; XYZ by the "
            "variation of monthly demand: X up to 0.5, Y up to 1.0, Z above."
        )
        % {"days": data["abc_xyz"]["days"]},
    )


def _classes(data: Mapping[str, Any]) -> Table:
    return Table(
        "items",
        _("Items of most value used"),
        [
            *_item_columns(),
            Column("abc", _("ABC"), "code"),
            Column("xyz", _("XYZ"), "code"),
            Column("value", _("Used"), "amount"),
            Column("share", _("Share"), "share"),
            Column("cumulative_share", _("Added up"), "share"),
            Column("variation", _("Variation"), "number"),
        ],
        [_named(row) for row in data["abc_xyz"]["items"]],
    )


def _turnover(name: str, title: str, rows: Iterable[Mapping[str, Any]]) -> Table:
    is_by_item = name.endswith("item")
    keys = _item_columns() if is_by_item else [Column("label", _("Category"))]
    return Table(
        name,
        title,
        [*keys, *_turning_columns(is_summed=not is_by_item)],
        [_named(row) if is_by_item else {**row, "label": _category(row["category"])} for row in rows],
    )


def _turning_columns(*, is_summed: bool) -> list[Column]:
    return [
        Column("consumption", _("Used"), "amount", total=is_summed),
        Column("average_stock_value", _("Average stock"), "amount", total=is_summed),
        Column("turnover", _("Turnover"), "number"),
        Column("days_of_inventory", _("Days of inventory"), "number"),
    ]


def _trends(data: Mapping[str, Any]) -> Table:
    spend = {row["month"]: row for row in data["spend_trend"]}
    return Table(
        "trends",
        _("Use and spend by month"),
        [
            Column("label", _("Month"), "code"),
            Column("value", _("Used"), "amount", total=True),
            Column("issues", _("Issues"), "integer", total=True),
            Column("amount", _("Spend"), "amount", total=True),
            Column("orders", _("Orders"), "integer", total=True),
        ],
        [
            {**row, **spend[row["month"]], "label": f"{row['month']:%Y-%m}"}
            for row in data["consumption_trend"]
        ],
    )


def _charts(data: Mapping[str, Any]) -> list[Chart]:
    currency = data["currency"]
    return [
        Chart(
            _("Used by month"),
            "bars",
            [(date_format(row["month"], "M y"), row["value"]) for row in data["consumption_trend"]],
            currency,
        ),
        Chart(
            _("Spend by month"),
            "bars",
            [(date_format(row["month"], "M y"), row["amount"]) for row in data["spend_trend"]],
            currency,
        ),
        Chart(
            _("Items of most value used"),
            "ranking",
            [(row["item"].name, row["value"]) for row in data["abc_xyz"]["items"][:_RANKED]],
            currency,
        ),
    ]


def _item_columns() -> list[Column]:
    return [
        Column("sku", _("SKU"), "code"),
        Column("name", _("Item")),
        Column("unit", _("Unit"), "code", is_printed=False),
    ]


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    item = row["item"]
    return {**row, "id": item.id, "sku": item.sku, "name": item.name, "unit": item.unit}


def _items_of(regularity: Regularity) -> str:
    return _("%(class)s, items") % {"class": f"{regularity} {regularity.label.lower()}"}


def _value_of(regularity: Regularity) -> str:
    return _("%(class)s, used") % {"class": f"{regularity}"}


def _category(category: Any) -> str:
    return category.name if category else _("Without category")


def _of(accuracy: Mapping[str, Any] | None, name: str) -> Any:
    figure = accuracy[name] if accuracy else None
    return None if figure is None else round(figure, 2)


def _asked(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    asked = [
        (_("Category"), str(params.get("category") or "")),
        (_("Location"), str(params.get("location") or "")),
        (_("Supplier"), str(params.get("supplier") or "")),
        (_("Months"), str(params.get("months") or "")),
        (_("Items in each list"), str(params.get("top") or "")),
    ]
    return [(label, text) for label, text in asked if text]
