"""What the page of an item shows: figures, where it stands, how it moved, who counts and changes it."""

from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from inventory import monthly_flow
from inventory.admin import expiry, moves
from inventory.admin.counts import status_badge
from inventory.models import Item, StockBalance, StockCount
from inventory.models.counts import UNFINISHED
from ipms.admin import flow_chart
from ipms.admin.cards import Card, ChangesCard, FactsCard, FiguresCard, TableCard, card_of
from ipms.admin.columns import stacked
from ipms.admin.display import amount, badge, link, number, quantity, unit_price
from ipms.admin.panels import Figure

#: More than this is looked up in the list of balances.
_BALANCES = 50


@card_of(Item)
class StockFigures(FiguresCard):
    is_above = True
    order = 10

    def figures(self, request: Any, item: Item) -> list[Figure]:
        valuation, currency = item.valuation, item.base_currency
        return [
            Figure(label=_("Status"), value=badge(item.status, item.status.label)),
            Figure(
                label=_("On hand"),
                value=quantity(valuation.quantity, item.unit_id),
                hint=_("%(quantity)s reserved") % {"quantity": number(valuation.reserved)}
                if valuation.reserved
                else "",
            ),
            Figure(
                label=_("Available"),
                value=quantity(item.available, item.unit_id),
                hint=_("reorder at %(quantity)s") % {"quantity": number(item.reorder_level)}
                if item.reorder_level
                else "",
            ),
            Figure(
                label=_("Average cost, %(currency)s") % {"currency": currency},
                value=number(round(valuation.average_cost, 4)),
            ),
            Figure(
                label=_("Stock value, %(currency)s") % {"currency": currency},
                value=amount(valuation.value, currency),
            ),
        ]


@card_of(Item)
class About(FactsCard):
    """What a storekeeper asks of the item itself; the form has the rest."""

    is_above = True
    order = 15

    def facts(self, request: Any, item: Item) -> list[tuple[Any, Any]]:
        facts = [
            (_("Category"), item.category),
            (_("Default location"), link(item.location) if item.location else ""),
            (_("Barcode"), item.barcode),
            (_("Tracking"), item.get_tracking_display()),
            (_("Unit price"), unit_price(item.unit_price, item.currency) if item.unit_price else ""),
            (_("Description"), item.description),
        ]
        return [(label, value) for label, value in facts if value]


@card_of(Item)
class Balances(TableCard):
    """What stands where, what expires first on top; each place leads to the page that moves it."""

    title = _("Where it stands")
    is_above = True
    order = 20
    empty = _("Nothing is in stock.")
    numeric = [2, 3]
    headings = [_("Location"), _("Lot"), _("On hand"), ""]

    def more_url(self, item: Item) -> str:
        return reverse("admin:inventory_stockbalance_changelist", query={"item__id__exact": item.pk})

    def rows(self, request: Any, item: Item) -> list[list[Any]]:
        balances = StockBalance.objects.filter(item=item, on_hand__gt=0).select_related("location", "lot")
        may_move = request.user.has_perm("inventory.move_stock") and item.is_active
        today = timezone.localdate()
        return [
            [
                stacked(link(balance.location, balance.location.code), balance.location.name),
                expiry.lot_cell(balance.lot, on=today) if balance.lot else "",
                _on_hand(balance, item.unit_id),
                moves.button(balance, item=item) if may_move else "",
            ]
            for balance in balances.order_by(F("lot__expires_on").asc(nulls_last=True), "location__code")[
                :_BALANCES
            ]
        ]


@card_of(Item)
class Flows(Card):
    """What came in, went out and stood, month by month; each month leads to its movements."""

    title = _("The last twelve months")
    template = "admin/cards/flow.html"
    permission = "inventory.view_stockmovement"
    order = 40
    width = "half"
    empty = _("Nothing has moved yet.")

    def more_url(self, item: Item) -> str:
        return moves.ledger_url(item__id__exact=item.pk)

    def context(self, request: Any, item: Item) -> dict[str, Any]:
        flows = monthly_flow.of(item, on=timezone.localdate())
        if not any(flow.came_in or flow.went_out or flow.at_end for flow in flows):
            return {"chart": None}
        months = [
            flow_chart.Flow(
                label=date_format(flow.first, "M"),
                name=date_format(flow.first, "YEAR_MONTH_FORMAT"),
                came_in=flow.came_in,
                went_out=flow.went_out,
                at_end=flow.at_end,
                url=moves.ledger_url(
                    item__id__exact=item.pk,
                    occurred_at__year=flow.first.year,
                    occurred_at__month=flow.first.month,
                )
                if flow.came_in or flow.went_out
                else "",
            )
            for flow in flows
        ]
        words = flow_chart.Words(
            label=_("Stock on hand at the end of each month, and what came in and went out of %(item)s")
            % {"item": item},
            at_end=_("On hand"),
            came_in=_("In"),
            went_out=_("Out"),
        )
        return {"chart": flow_chart.draw(months, words=words, unit=item.unit_id)}


@card_of(Item)
class LastMovements(moves.MovementsCard):
    field = "item"


@card_of(Item)
class OpenCountsOfItem(TableCard):
    title = _("Being counted")
    permission = "inventory.view_stockcount"
    order = 22
    headings = [_("Count"), _("Status"), _("Counted")]
    numeric = [2]

    def is_shown(self, context: dict[str, Any]) -> bool:
        return bool(context["rows"])

    def rows(self, request: Any, item: Item) -> list[list[Any]]:
        of_item = Q(lines__item=item)
        counts = StockCount.objects.filter(of_item, status__in=UNFINISHED).annotate(
            lines_of_item=Count("lines"),
            counted_of_item=Count("lines", filter=Q(lines__counted_quantity__isnull=False)),
        )
        return [
            [
                link(count),
                status_badge(count),
                f"{number(count.counted_of_item)} / {number(count.lines_of_item)}",
            ]
            for count in counts.order_by("-pk")[:5]
        ]


@card_of(Item)
class WhoChangedTheItem(ChangesCard):
    pass


def _on_hand(balance: StockBalance, unit: str) -> Any:
    stands = quantity(balance.on_hand, unit)
    if not balance.reserved:
        return stands
    return stacked(stands, _("%(quantity)s reserved") % {"quantity": number(balance.reserved)})
