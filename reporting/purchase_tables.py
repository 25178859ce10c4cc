"""The report on purchase orders as tables and charts."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django_countries import countries

from procurement.models import OrderStatus
from reporting import purchase_report
from reporting.references import Reference
from reporting.tables import Chart, Column, Document, Table

_RANKED = 10
_MONTHS = 24
_STATUS = dict(OrderStatus.choices)


def document(data: Mapping[str, Any], params: Mapping[str, Any]) -> Document:
    """Return what `purchase_report.build(**params)` gave, for a reader."""
    return Document(
        name="purchase-orders",
        title=_("Purchase order report"),
        tables=[
            _totals(data),
            _sums(
                "by-status",
                _("By status"),
                [Column("label", _("Status"))],
                map(_of_status, data["by_status"]),
            ),
            _sums(
                "by-month",
                _("By month of the order"),
                [Column("label", _("Month"), "code")],
                ({**row, "label": f"{row['month']:%Y-%m}"} for row in data["by_month"]),
            ),
            _sums(
                "by-supplier",
                _("By supplier"),
                [_code(), Column("label", _("Supplier"))],
                (_of_record(row, row["supplier"]) for row in data["by_supplier"]),
            ),
            _sums(
                "by-country",
                _("By country of the supplier"),
                [Column("country", _("Code"), "code", is_printed=False), Column("label", _("Country"))],
                ({**row, "label": _country(row["country"])} for row in data["by_country"]),
            ),
            _sums(
                "by-location",
                _("By destination"),
                [_code(), Column("label", _("Location"))],
                (_of_record(row, row["location"]) for row in data["by_location"]),
            ),
            _cycle_time(data),
            _overdue(data),
            *_without_rate(data),
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
            Column("orders", _("Orders"), "integer"),
            Column("amount", _("Amount of all orders"), "amount"),
            Column("spend", _("Spend"), "amount"),
            Column("overdue", _("Overdue"), "integer"),
        ],
        [data["totals"]],
        note=_(
            "Amounts are in base currency, with tax, of all orders whatever their status; spend is that of "
            "orders that are approved or delivered."
        ),
    )


def _code() -> Column:
    # For programs: a reader has the name beside it.
    return Column("code", _("Code"), "code", is_printed=False)


def _sums(name: str, title: str, keys: list[Column], rows: Any) -> Table:
    return Table(
        name,
        title,
        [
            *keys,
            Column("orders", _("Orders"), "integer", total=True),
            Column("amount", _("Amount"), "amount", total=True),
            Column("spend", _("Spend"), "amount", total=True),
        ],
        list(rows),
    )


def _overdue(data: Mapping[str, Any]) -> Table:
    shown, all_of_them = len(data["overdue"]), data["totals"]["overdue"]
    note = _("The %(shown)d that wait longest of %(all)d.") % {"shown": shown, "all": all_of_them}
    return Table(
        "overdue",
        _("Overdue"),
        [
            Column("po_number", _("Order"), "code"),
            Column("supplier_name", _("Supplier")),
            Column("expected_date", _("Expected"), "date"),
            Column("days_late", _("Days late"), "days"),
            Column("amount", _("Amount"), "amount"),
            Column("outstanding_amount", _("Still to come, without tax"), "amount", total=True),
        ],
        [
            {**row, "supplier_name": row["supplier"].name, "supplier_id": row["supplier"].id}
            for row in data["overdue"]
        ],
        note=note if shown < all_of_them else "",
    )


def _cycle_time(data: Mapping[str, Any]) -> Table:
    labels = {
        "ordered_to_approved": _("Ordered to approved"),
        "approved_to_first_receipt": _("Approved to first receipt"),
        "ordered_to_first_receipt": _("Ordered to first receipt"),
        "first_receipt_to_delivered": _("First receipt to delivered"),
        "ordered_to_delivered": _("Ordered to delivered"),
    }
    return Table(
        "cycle-time",
        _("Cycle time in days"),
        [
            Column("label", _("From … to …")),
            Column("orders", _("Orders"), "integer"),
            Column("median_days", _("Median"), "number"),
            Column("mean_days", _("Mean"), "number"),
        ],
        [{"label": labels[span], **data["cycle_time"][span]} for span in purchase_report.SPANS],
        note=_(
            "Orders that came by import have no approval of their own time and are left out of its spans."
        ),
    )


def _without_rate(data: Mapping[str, Any]) -> list[Table]:
    if not data["without_rate"]:
        return []
    return [
        Table(
            "without-rate",
            _("Not in the amounts: no exchange rate"),
            [
                Column("currency", _("Currency"), "code"),
                Column("orders", _("Orders"), "integer"),
                Column("amount", _("Amount"), "amount", currency="currency"),
            ],
            data["without_rate"],
        )
    ]


def _charts(data: Mapping[str, Any]) -> list[Chart]:
    currency, months = data["totals"]["currency"], data["by_month"][-_MONTHS:]
    title = _("Spend by month")
    if len(months) < len(data["by_month"]):
        title = _("Spend by month, the last %(count)d") % {"count": _MONTHS}
    suppliers = [row for row in data["by_supplier"] if row["spend"]][:_RANKED]
    return [
        Chart(
            title,
            "bars",
            [(date_format(row["month"], "M y"), row["spend"]) for row in months],
            currency,
        ),
        Chart(
            _("Spend by supplier"),
            "ranking",
            [(row["supplier"].name, row["spend"]) for row in suppliers],
            currency,
        ),
    ]


def _asked(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    asked = [
        (_("Supplier"), str(params.get("supplier") or "")),
        (_("Status"), ", ".join(str(_STATUS[status]) for status in params.get("status") or ())),
        (_("Ordered from"), _day(params.get("date_from"))),
        (_("Ordered to"), _day(params.get("date_to"))),
    ]
    return [(label, text) for label, text in asked if text]


def _day(day: Any) -> str:
    return day.isoformat() if day else ""


def _of_status(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "label": str(_STATUS[row["status"]])}


def _of_record(row: Mapping[str, Any], record: Reference | None) -> dict[str, Any]:
    named = (
        {"id": record.id, "code": record.code, "label": record.name} if record else {"label": _("None named")}
    )
    return {**row, **named}


def _country(code: str) -> str:
    return str(countries.name(code)) if code else _("Not known")
