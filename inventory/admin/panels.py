"""Panels of the first page: find an item, what is low, what the stock is worth."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Q, Sum
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from inventory import count_scope
from inventory.admin.counts import status_badge
from inventory.models import Item, StockCount
from inventory.models.counts import UNFINISHED
from ipms import site
from ipms.admin.columns import stacked
from ipms.admin.display import badge, link, number, quantity
from ipms.admin.panels import Figure, FiguresPanel, Panel, TablePanel

_LIST = reverse_lazy("admin:inventory_item_changelist")


@admin.site.register_panel
class FindItem(Panel):
    """The storekeeper's first question: type, or scan, and be on the item."""

    template = "admin/panels/find_item.html"
    permission = "inventory.view_item"
    order = 5
    width = "full"

    def context(self, request: Any) -> dict[str, Any]:
        return {"url": reverse("admin:inventory_item_find")}


@admin.site.register_panel
class StockFigures(FiguresPanel):
    permission = "inventory.view_item"
    order = 10
    width = "full"

    def figures(self, request: Any) -> list[Figure]:
        free = F("valuation__quantity") - F("valuation__reserved")
        found = (
            Item.objects.filter(is_active=True)
            .annotate(free=free)
            .aggregate(
                items=Count("pk"),
                out=Count("pk", filter=Q(free__lte=0)),
                low=Count("pk", filter=Q(free__gt=0, free__lte=F("reorder_level"))),
                value=Sum("valuation__value"),
            )
        )
        base = site.base_currency()
        return [
            Figure(label=_("Active items"), value=number(found["items"]), url=str(_LIST)),
            Figure(
                label=_("Low stock"),
                value=number(found["low"]),
                url=f"{_LIST}?status=low-stock",
                tone="warn" if found["low"] else "good",
            ),
            Figure(
                label=_("Out of stock"),
                value=number(found["out"]),
                url=f"{_LIST}?status=out-of-stock",
                tone="bad" if found["out"] else "good",
            ),
            Figure(
                label=_("Stock value, %(currency)s") % {"currency": base},
                value=number(round(found["value"] or 0)),
                url=reverse("admin:inventory_itemvaluation_changelist"),
            ),
        ]


@admin.site.register_panel
class LowStock(TablePanel):
    """What fell to its reorder level, the most urgent first."""

    title = _("Low stock")
    permission = "inventory.view_item"
    order = 40
    headings = [_("Item"), _("Available"), _("Reorder at")]
    numeric = [1, 2]
    empty = _("Nothing is at its reorder level.")
    more_url = reverse_lazy("admin:inventory_item_changelist", query={"status": "low-stock"})

    def rows(self, request: Any) -> list[list[Any]]:
        low = (
            Item.objects.active()
            .available()
            .filter(reorder_level__gt=0, available_value__lte=F("reorder_level"))
            .select_related("valuation")
            .order_by(F("available_value") / F("reorder_level"), "name")
        )
        return [
            [
                stacked(link(item, item.sku), Truncator(item.name).chars(34)),
                badge(item.status, f"{number(item.available)} {item.unit_id}"),
                quantity(item.reorder_level, item.unit_id),
            ]
            for item in low[:8]
        ]


@admin.site.register_panel
class OpenCounts(TablePanel):
    """Counts that wait for somebody: to be counted, or to be reviewed."""

    title = _("Stock counts")
    permission = "inventory.view_stockcount"
    order = 42
    headings = [_("Count"), _("Status"), _("Counted")]
    numeric = [2]
    empty = _("Nothing is being counted.")
    more_url = reverse_lazy("admin:inventory_stockcount_changelist")

    def rows(self, request: Any) -> list[list[Any]]:
        reviews = request.user.has_perm("inventory.approve_stockcount")
        waiting = StockCount.objects.with_progress().filter(status__in=UNFINISHED)
        # What waits for a review comes first to who reviews, last to who counts.
        status = F("status").desc() if reviews else F("status").asc()
        return [
            [
                stacked(
                    format_html('<a href="{}">{}</a>', _where_to_go(count, reviews=reviews), count),
                    Truncator(count_scope.in_words(count)).chars(34),
                ),
                status_badge(count),
                f"{number(count.counted_total)} / {number(count.line_total)}",
            ]
            for count in waiting.select_related("location", "category").order_by(status, "-pk")[:8]
        ]


def _where_to_go(count: StockCount, *, reviews: bool) -> str:
    after = "review" if reviews else "change"
    name = "enter" if count.is_countable else after
    return reverse(f"admin:inventory_stockcount_{name}", args=[count.pk])
