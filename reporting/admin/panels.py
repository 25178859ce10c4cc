"""The first page, as far as it takes a look at all apps: how things stand, how they went, how to begin.

Figures that take work to compute are kept as those of the reports are, and each leads to the list or report
that gives this very figure.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import LocationKind, StockMovement
from ipms import site
from ipms.admin import charts
from ipms.admin.columns import stacked
from ipms.admin.display import EMPTY, badge, number
from ipms.admin.panels import ChartPanel, Figure, FiguresPanel, Note, Panel, TablePanel
from reporting import cache, dashboard, stock_value
from reporting.api.suppliers import SupplierReport

_ITEMS = reverse_lazy("admin:inventory_item_changelist")
_ORDERS = reverse_lazy("admin:procurement_purchaseorder_changelist")
_REPORTS = "reporting.view_reports"
_SUPPLIERS_SHOWN = 6
#: Below the first share on time a supplier is named in red, below the second in yellow.
_UNRELIABLE, _UNSTEADY = Decimal("0.70"), Decimal("0.90")


@dataclass(frozen=True)
class Step:
    """What somebody does on a new site; `is_done` is the name of a column of `_BEGUN`."""

    label: Any
    why: Any
    permission: str
    is_done: str
    #: Names of pages: how one is made by hand, and how many are taken from a sheet.
    add: str = ""
    sheet: str = ""


_STEPS = (
    Step(
        gettext_lazy("Say where stock stands"),
        gettext_lazy("sites, warehouses, shelves"),
        "inventory.add_location",
        "has_locations",
        "admin:inventory_location_add",
        "admin:inventory_location_import",
    ),
    Step(
        gettext_lazy("Enter your items"),
        gettext_lazy("with unit, barcode and reorder level"),
        "inventory.add_item",
        "has_items",
        "admin:inventory_item_add",
        "admin:inventory_item_import",
    ),
    Step(
        gettext_lazy("Take in what stands there already"),
        gettext_lazy("quantities and costs on the first day"),
        "inventory.adjust_stock",
        "has_stock",
        sheet="admin:inventory_stockbalance_import",
    ),
    Step(
        gettext_lazy("Enter your suppliers"),
        gettext_lazy("whom you order from"),
        "suppliers.add_supplier",
        "has_suppliers",
        "admin:suppliers_supplier_add",
        "admin:suppliers_supplier_import",
    ),
    Step(
        gettext_lazy("Let others in"),
        gettext_lazy("each person with a role"),
        "accounts.add_user",
        "has_people",
        "admin:accounts_user_add",
    ),
)
_BEGUN = """
    SELECT EXISTS (SELECT FROM inventory_location WHERE kind = ANY(%(real)s)) AS has_locations,
        EXISTS (SELECT FROM inventory_item) AS has_items,
        EXISTS (SELECT FROM inventory_stockmovement) AS has_stock,
        EXISTS (SELECT FROM suppliers_supplier) AS has_suppliers,
        (SELECT count(*) FROM (SELECT FROM accounts_user LIMIT 2) AS people) > 1 AS has_people
"""


@admin.site.register_panel
class FirstSteps(Panel):
    """What to do first, until something has moved."""

    title = gettext_lazy("First steps")
    template = "admin/panels/first_steps.html"
    group = "start"
    order = 3
    width = "full"

    def is_visible(self, request: HttpRequest) -> bool:
        return bool(self._steps(request)) and not StockMovement.objects.exists()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        begun = _begun()
        steps = [
            {
                "step": step,
                "is_done": begun[step.is_done],
                "add": reverse(step.add) if step.add else "",
                "sheet": reverse(step.sheet) if step.sheet else "",
            }
            for step in self._steps(request)
        ]
        return {"steps": steps}

    def _steps(self, request: HttpRequest) -> list[Step]:
        return [step for step in _STEPS if request.user.has_perm(step.permission)]


@admin.site.register_panel
class Standing(FiguresPanel):
    """The business in a line."""

    permission = "reporting.view_dashboard"
    group = "standing"
    order = 10

    def figures(self, request: HttpRequest) -> list[Figure]:
        found = cache.remember("dashboard.summary", {}, lambda: dashboard.summary(now=timezone.now()))
        items, orders = found["items"], found["purchase_orders"]
        sees_items = request.user.has_perm("inventory.view_item")
        sees_orders = request.user.has_perm("procurement.view_purchaseorder")
        return [
            Figure(
                label=_("Stock value, %(currency)s") % {"currency": found["currency"]},
                value=number(round(found["stock_value"])),
                url=reverse("admin:report-inventory") if request.user.has_perm(_REPORTS) else "",
            ),
            Figure(
                label=_("Low stock"),
                value=number(items["low_stock"]),
                url=f"{_ITEMS}?status=low-stock" if sees_items else "",
                tone="warn" if items["low_stock"] else "good",
            ),
            Figure(
                label=_("Out of stock"),
                value=number(items["out_of_stock"]),
                url=f"{_ITEMS}?status=out-of-stock" if sees_items else "",
                tone="bad" if items["out_of_stock"] else "good",
            ),
            Figure(
                label=_("Waiting for approval"),
                value=number(orders["pending"]),
                url=f"{_ORDERS}?status__exact=pending" if sees_orders else "",
                tone="warn" if orders["pending"] else "",
            ),
            Figure(
                label=_("To receive"),
                value=number(orders["approved"] + orders["partially_delivered"]),
                url=f"{_ORDERS}?due=open" if sees_orders else "",
            ),
            Figure(
                label=_("Overdue"),
                value=number(orders["overdue"]),
                url=f"{_ORDERS}?due=overdue" if sees_orders else "",
                tone="bad" if orders["overdue"] else "good",
            ),
        ]


@admin.site.register_panel
class SpendByMonth(ChartPanel):
    """What the company committed itself to, by the month of the order; each month leads to its report."""

    title = gettext_lazy("Spend by month")
    permission = _REPORTS
    group = "course"
    order = 10
    axis = gettext_lazy("Month")
    empty = gettext_lazy("No order was approved in the last twelve months: spend begins with the first.")

    @property
    def more_url(self) -> str:
        return _report("purchase-orders", date_from=dashboard.last_months(_today())[0])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        found = _course(request)
        months = found["spend_by_month"]
        points = [
            charts.Point(
                date_format(row["month"], "M"),
                row["amount"],
                _report(
                    "purchase-orders",
                    date_from=row["month"],
                    date_to=dashboard.last_day_of(row["month"]),
                ),
                name=date_format(row["month"], "YEAR_MONTH_FORMAT"),
                is_open=row["month"] == months[-1]["month"],
            )
            for row in months
        ]
        if not any(row["amount"] for row in months):
            points = []
        label = _("Spend by month, in %(base)s") % {"base": found["currency"]}
        return {
            "chart": charts.bars(points, label=label, unit=found["currency"]),
            "notes": [Note(_("Approved orders with tax")), *_unit_and_moment(found)],
        }


@admin.site.register_panel
class StockValueByMonth(ChartPanel):
    """What the stock was worth at the end of each month; each leads to the report of that day."""

    title = gettext_lazy("Stock value")
    permission = _REPORTS
    group = "course"
    order = 20
    axis = gettext_lazy("At the end of")
    empty = gettext_lazy("Nothing has stood in the stores yet: the value begins with the first receipt.")
    more_url = reverse_lazy("admin:report-inventory")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        found = _course(request)
        values = found["values"]
        points = [
            charts.Point(
                date_format(end.day, "M"),
                end.value,
                _report("inventory", **({} if end is values[-1] else {"as_of": end.day})),
                name=_("now") if end is values[-1] else date_format(end.day),
                is_open=end is values[-1],
            )
            for end in values
        ]
        label = _("Stock value at the end of each month, in %(base)s") % {"base": found["currency"]}
        return {
            "chart": charts.line(points, label=label, unit=found["currency"]),
            "notes": [Note(_("At average cost")), *_unit_and_moment(found)],
        }


@admin.site.register_panel
class SupplierStanding(TablePanel):
    """How the largest suppliers of a year do, by the report on suppliers."""

    title = gettext_lazy("Largest suppliers")
    permission = _REPORTS
    group = "course"
    order = 30
    headings = [
        gettext_lazy("Supplier"),
        gettext_lazy("On time"),
        gettext_lazy("Lead time"),
        gettext_lazy("Score of 100"),
    ]
    numeric = [1, 2, 3]
    empty = gettext_lazy("No order was placed in a year: suppliers are judged by what they deliver.")

    @property
    def more_url(self) -> str:
        return _report("suppliers", **_last_year())

    def notes(self, request: HttpRequest) -> list[Note]:
        return [Note(_("By spend in the last 365 days"))]

    def rows(self, request: HttpRequest) -> list[list[Any]]:
        # With the parameters of the page that the panel leads to, the answer is kept with that page's.
        parameters = SupplierReport.parameters_class(data=_last_year(), context={"request": request})
        parameters.is_valid(raise_exception=True)
        params = {name: value for name, value in parameters.validated_data.items() if name != "format"}
        view = SupplierReport()
        found = cache.remember(view.name, params, lambda: view.build(**params))
        may_open = request.user.has_perm("suppliers.view_supplier")
        return [
            [
                stacked(
                    _supplier(row["supplier"], may_open=may_open),
                    f"{number(round(row['spend']))} {found['currency']}",
                ),
                _on_time(row["on_time_rate"]),
                _days(row["average_lead_time_days"]),
                number(row["score"]),
            ]
            for row in found["suppliers"][:_SUPPLIERS_SHOWN]
        ]


def _begun() -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(_BEGUN, {"real": [str(kind) for kind in LocationKind.real()]})
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def _course(request: HttpRequest) -> dict[str, Any]:
    """Return the figures of the charts, worked out together and asked for once for a page."""
    found: dict[str, Any] | None = getattr(request, "_course", None)
    if found is None:
        found = cache.remember("first-page.course", {"on": _today()}, _work_out_course)
        request._course = found  # type: ignore[attr-defined]
    return found


def _work_out_course() -> dict[str, Any]:
    """Spend by month, and stock values from the first month on at whose end anything stood."""
    now, today, base = timezone.now(), _today(), site.base_currency()
    values = stock_value.at_ends_of(dashboard.last_months(today), now=now)
    while values and not values[0].value:
        del values[0]
    return {**dashboard.spend(today, base), "values": values, "currency": base, "as_of": now}


def _today() -> date:
    """The day it is where the site is: reports go by it."""
    return timezone.now().astimezone(ZoneInfo(site.current().timezone)).date()


def _report(name: str, **asked: date | str) -> str:
    query = {key: str(value) for key, value in asked.items()}
    return reverse(f"admin:report-{name}", query=query or None)


def _last_year() -> dict[str, str]:
    return {
        "date_from": (_today() - timedelta(days=dashboard.YEAR)).isoformat(),
        "ordering": "-spend",
    }


def _unit_and_moment(found: dict[str, Any]) -> list[Note]:
    as_of = _("as of %(moment)s") % {
        "moment": date_format(timezone.localtime(found["as_of"]), "SHORT_DATETIME_FORMAT")
    }
    return [Note(found["currency"]), Note(as_of)]


def _supplier(reference: Any, *, may_open: bool) -> Any:
    name = Truncator(reference.name).chars(34)
    if not may_open:
        return name
    url = reverse("admin:suppliers_supplier_change", args=[reference.id])
    return format_html('<a href="{}">{}</a>', url, name)


def _on_time(share: Decimal | None) -> Any:
    if share is None:
        return EMPTY
    tone = "bad" if share < _UNRELIABLE else "warn" if share < _UNSTEADY else "good"
    return badge("on-time", f"{number(round(share * 100))} %", tone=tone)


def _days(days: Decimal | None) -> Any:
    return EMPTY if days is None else _("%(days)s days") % {"days": number(round(days))}
