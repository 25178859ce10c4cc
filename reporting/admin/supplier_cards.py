"""What the reports know of one supplier, on its page."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from ipms.admin.cards import FiguresCard, card_of
from ipms.admin.display import EMPTY, amount, number
from ipms.admin.panels import Figure
from reporting import cache, supplier_report
from suppliers.models import Supplier

_YEAR = timedelta(days=365)
#: From here on a share is good; below the second it asks for attention.
_GOOD, _POOR = Decimal("0.9"), Decimal("0.7")


@card_of(Supplier)
class Standing(FiguresCard):
    """How the supplier did with what was ordered in the last year, by the rules of the report."""

    title = _("Standing of the last twelve months")
    permission = "reporting.view_reports"
    order = 20

    def is_shown(self, context: dict[str, Any]) -> bool:
        return bool(context["figures"])

    def more_url(self, supplier: Supplier) -> str:
        return reverse("admin:report-suppliers")

    def figures(self, request: Any, supplier: Supplier) -> list[Figure]:
        today = timezone.localdate()
        params = {"supplier": supplier, "date_from": today - _YEAR, "date_to": today}
        report = cache.remember(
            "supplier-standing", params, lambda: supplier_report.build(at=timezone.now(), **params)
        )
        if not report["suppliers"]:
            return []
        (row,) = report["suppliers"]
        days = row["average_lead_time_days"]
        return [
            Figure(
                label=_("Score"),
                value=EMPTY if row["score"] is None else number(row["score"]),
                hint=_("of 100"),
            ),
            Figure(label=_("On time"), value=_share(row["on_time_rate"]), tone=_tone(row["on_time_rate"])),
            Figure(label=_("Filled"), value=_share(row["fill_rate"]), tone=_tone(row["fill_rate"])),
            Figure(label=_("Lead time in days"), value=EMPTY if days is None else number(round(days, 1))),
            Figure(label=_("Lead time kept"), value=_share(row["lead_time_reliability"])),
            Figure(label=_("Price against usual"), value=_share(row["price_variance"], signed=True)),
            Figure(label=_("Orders"), value=number(row["orders"])),
            Figure(
                label=_("Spend, %(currency)s") % {"currency": report["currency"]},
                value=amount(row["spend"], report["currency"]),
            ),
        ]


def _share(value: Decimal | None, *, signed: bool = False) -> str:
    if value is None:
        return EMPTY
    sign = "+" if signed and value > 0 else ""
    return f"{sign}{number_format(value * 100, decimal_pos=1)} %"


def _tone(value: Decimal | None) -> str:
    if value is None:
        return ""
    return "good" if value >= _GOOD else "bad" if value < _POOR else "warn"
