"""What the page of a location shows: what stands there and inside it, what moved, what is being counted."""

from typing import Any

from django.db.models import Count, ExpressionWrapper, F, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory import count_scope
from inventory.admin import expiry, moves
from inventory.admin.counts import status_badge
from inventory.models import Location, StockBalance, StockCount
from inventory.models.counts import UNFINISHED
from ipms import site
from ipms.admin.cards import ChangesCard, FiguresCard, TableCard, card_of
from ipms.admin.columns import stacked
from ipms.admin.display import amount, link, number, quantity
from ipms.admin.panels import Figure
from ipms.fields import AmountField

_ROWS = 20


class _OfRealLocation:
    """Nothing stands outside the gate."""

    def is_visible(self, request: Any, location: Location) -> bool:
        return location.is_real and super().is_visible(request, location)  # type: ignore[misc]


@card_of(Location)
class LocationFigures(_OfRealLocation, FiguresCard):
    order = 10

    def figures(self, request: Any, location: Location) -> list[Figure]:
        today, base = timezone.localdate(), site.base_currency()
        worth = ExpressionWrapper(
            F("on_hand") * F("item__valuation__value") / F("item__valuation__quantity"), AmountField()
        )
        found = _standing(location).aggregate(
            items=Count("item", distinct=True),
            lots=Count("lot", distinct=True),
            expired=Count("lot", distinct=True, filter=Q(lot__expires_on__lt=today)),
            value=Sum(worth),
        )
        return [
            Figure(label=_("Items that stand here"), value=number(found["items"]), url=_balances(location)),
            Figure(label=_("Lots"), value=number(found["lots"])),
            Figure(
                label=_("Expired lots"),
                value=number(found["expired"]),
                tone="bad" if found["expired"] else "good",
            ),
            Figure(
                label=_("Stock value, %(currency)s") % {"currency": base},
                value=amount(found["value"] or 0, base),
            ),
        ]


@card_of(Location)
class StandsAtLocation(_OfRealLocation, TableCard):
    """What stands there and inside it, by item, what expires first on top."""

    title = _("What stands here")
    order = 20
    headings = [_("Item"), _("Lot"), _("Place"), _("On hand"), ""]
    numeric = [3, 4]
    empty = _("Nothing stands here.")

    def more_url(self, location: Location) -> str:
        return _balances(location)

    def rows(self, request: Any, location: Location) -> list[list[Any]]:
        balances = _standing(location).select_related("item", "location", "lot")
        may_move, today = request.user.has_perm("inventory.move_stock"), timezone.localdate()
        in_order = balances.order_by("item__name", "item_id", F("lot__expires_on").asc(nulls_last=True))
        return [
            [
                stacked(link(balance.item, balance.item.sku), balance.item.name),
                expiry.lot_cell(balance.lot, on=today),
                balance.location.code,
                quantity(balance.on_hand, balance.item.unit_id),
                moves.button(balance, item=balance.item) if may_move and balance.item.is_active else "",
            ]
            for balance in in_order[:_ROWS]
        ]


@card_of(Location)
class CountsAtLocation(TableCard):
    title = _("Being counted")
    permission = "inventory.view_stockcount"
    order = 30
    headings = [_("Count"), _("Status")]

    def is_shown(self, context: dict[str, Any]) -> bool:
        return bool(context["rows"])

    def rows(self, request: Any, location: Location) -> list[list[Any]]:
        places = [place.pk for place in Location.objects.within(location.pk)]
        counts = StockCount.objects.filter(status__in=UNFINISHED, lines__location__in=places).distinct()
        return [
            [stacked(link(count), count_scope.in_words(count)), status_badge(count)]
            for count in counts.select_related("location", "category").order_by("-pk")[:5]
        ]


@card_of(Location)
class MovementsAtLocation(moves.MovementsCard):
    """The newest, out of the place or into it, with what is inside it."""

    headings = [_("Occurred"), _("Kind"), _("Quantity"), _("Item"), _("Why")]
    numeric = [2]
    most = 15

    def more_url(self, location: Location) -> str:
        return moves.ledger_url(location=location.pk)

    def rows(self, request: Any, location: Location) -> list[list[Any]]:
        found = moves.at(Location.objects.within(location.pk), most=self.most)
        return [moves.row(movement, unit=movement.item.unit_id, item=movement.item) for movement in found]


@card_of(Location)
class WhoChangedTheLocation(ChangesCard):
    pass


def _standing(location: Location) -> Any:
    return StockBalance.objects.filter(location__in=Location.objects.within(location.pk), on_hand__gt=0)


def _balances(location: Location) -> str:
    return reverse("admin:inventory_stockbalance_changelist", query={"location": location.pk})
