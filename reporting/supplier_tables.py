"""The report on suppliers as a table and charts."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django_countries import countries

from reporting.tables import Chart, Column, Document, Table

_RANKED = 10


def document(data: Mapping[str, Any], params: Mapping[str, Any]) -> Document:
    """Return what `supplier_report.build(**params)` gave, for a reader."""
    return Document(
        name="suppliers",
        title=_("Supplier report"),
        tables=[
            Table(
                "suppliers",
                _("Suppliers"),
                [
                    Column("code", _("Code"), "code", is_printed=False),
                    Column("name", _("Supplier")),
                    Column("orders", _("Orders"), "integer", total=True),
                    Column("spend", _("Spend"), "amount", total=True),
                    Column("on_time_rate", _("On time"), "share"),
                    Column("fill_rate", _("Filled"), "share"),
                    Column("average_lead_time_days", _("Lead time, days"), "number"),
                    Column("lead_time_reliability", _("Lead time kept"), "share"),
                    Column("price_variance", _("Price against usual"), "share"),
                    Column("score", _("Score"), "number"),
                ],
                [
                    {
                        **row,
                        "id": row["supplier"].id,
                        "code": row["supplier"].code,
                        "name": row["supplier"].name,
                    }
                    for row in data["suppliers"]
                ],
                note=_(
                    "The score, 0 to 100: %(on_time)d %% on time, %(fill)d %% filled, %(price)d %% price, "
                    "%(lead_time)d %% lead time kept; what is not known is left out of it."
                )
                % data["weights"],
            )
        ],
        parameters=_asked(params),
        charts=_charts(data),
        as_of=data["as_of"],
    )


def _charts(data: Mapping[str, Any]) -> list[Chart]:
    largest = sorted(data["suppliers"], key=lambda row: -row["spend"])[:_RANKED]
    scored = sorted(
        (row for row in largest if row["score"] is not None), key=lambda row: row["score"], reverse=True
    )
    return [
        Chart(_("Spend by supplier"), "ranking", _points(largest, "spend"), data["currency"]),
        Chart(_("Scores of the largest suppliers"), "ranking", _points(scored, "score")),
    ]


def _points(rows: list[dict[str, Any]], figure: str) -> list[tuple[str, Any]]:
    return [(row["supplier"].name, row[figure]) for row in rows]


def _asked(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    country = params.get("country")
    asked = [
        (_("Supplier"), str(params.get("supplier") or "")),
        (_("Country"), str(countries.name(country)) if country else ""),
        (_("Ordered from"), params["date_from"].isoformat() if params.get("date_from") else ""),
        (_("Ordered to"), params["date_to"].isoformat() if params.get("date_to") else ""),
    ]
    return [(label, text) for label, text in asked if text]
