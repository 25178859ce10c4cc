"""What the page of a lot shows: whether it may be used, where it stands, how it moved."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.admin import expiry, moves
from inventory.models import Lot, LotStatus, StockBalance
from ipms.admin.cards import ChangesCard, FiguresCard, TableCard, card_of
from ipms.admin.columns import stacked
from ipms.admin.display import choice_badge, link, quantity
from ipms.admin.panels import Figure

_ROWS = 20


@card_of(Lot)
class LotFigures(FiguresCard):
    order = 10

    def figures(self, request: Any, lot: Lot) -> list[Figure]:
        today = timezone.localdate()
        is_past = lot.expires_on is not None and lot.expires_on < today
        return [
            Figure(label=_("Item"), value=link(lot.item, lot.item.sku), hint=lot.item.name),
            Figure(
                label=_("Status"),
                value=choice_badge(lot),
                hint=_("it is not issued") if is_past or lot.status != LotStatus.AVAILABLE else "",
            ),
            Figure(label=_("Expires on"), value=expiry.expiry_badge(lot, on=today)),
            Figure(label=_("On hand"), value=quantity(lot.on_hand, lot.item.unit_id)),
        ]


@card_of(Lot)
class BalancesOfLot(TableCard):
    title = _("Where it stands")
    order = 20
    headings = [_("Location"), _("On hand"), _("Reserved"), ""]
    numeric = [1, 2, 3]
    empty = _("Nothing of it is in stock.")

    def more_url(self, lot: Lot) -> str:
        return reverse("admin:inventory_stockbalance_changelist", query={"lot__id__exact": lot.pk})

    def rows(self, request: Any, lot: Lot) -> list[list[Any]]:
        balances = StockBalance.objects.filter(lot=lot, on_hand__gt=0).select_related("location", "lot")
        may_move = request.user.has_perm("inventory.move_stock")
        return [
            [
                stacked(link(balance.location, balance.location.code), balance.location.name),
                quantity(balance.on_hand, lot.item.unit_id),
                quantity(balance.reserved),
                moves.button(balance, item=lot.item) if may_move else "",
            ]
            for balance in balances.order_by("location__code")[:_ROWS]
        ]


@card_of(Lot)
class MovementsOfLot(moves.MovementsCard):
    field = "lot"
    most = _ROWS


@card_of(Lot)
class WhoChangedTheLot(ChangesCard):
    pass
