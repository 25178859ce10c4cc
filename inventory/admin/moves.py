"""How movements look on the pages of items, lots and locations, and the way to the page that makes them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inventory.admin.ledger import kind_badge, short_name
from inventory.models import Item, Location, StockBalance, StockMovement
from ipms.admin.cards import TableCard
from ipms.admin.columns import stacked
from ipms.admin.display import EMPTY, apart, link, moment, quantity, way


def ledger_url(**which: Any) -> str:
    """Return the address of the list of movements, filtered."""
    return reverse("admin:inventory_stockmovement_changelist", query=which)


def button(balance: StockBalance, *, item: Item) -> Any:
    """Return a link to the page of issues and transfers, with what stands there filled in already."""
    query = {"location": balance.location.code, "item": item.sku, "lot": balance.lot and balance.lot.number}
    url = reverse("admin:inventory_handling", query={name: value for name, value in query.items() if value})
    return format_html(
        '<a class="button button--small" href="{}">{}<span class="visually-hidden"> {}</span></a>',
        url,
        _("Move"),
        f"{item.sku} {balance.location.code}",
    )


def row(movement: StockMovement, *, unit: str, item: Item | None = None) -> list[Any]:
    """Return the cells of one movement. With `item` it is named, in the place of what is on hand of it."""
    moved = quantity(movement.quantity, unit)
    return [
        stacked(link(movement, moment(movement.occurred_at)), movement.actor),
        stacked(
            kind_badge(movement), way(short_name(movement.from_location), short_name(movement.to_location))
        ),
        stacked(moved, movement.lot) if movement.lot else moved,
        stacked(link(item, item.sku), item.name) if item else quantity(movement.on_hand_after),
        why(movement),
    ]


def why(movement: StockMovement) -> Any:
    """Return reason and papers; the number of a document leads to it."""
    parts: list[Any] = []
    if movement.reason:
        parts.append(movement.reason)
    if movement.document:
        url = reverse("admin:search", query={"q": movement.document})
        parts.append(format_html('<a href="{}">{}</a>', url, movement.document))
    if movement.reference:
        parts.append(movement.reference)
    return apart(*parts) or EMPTY


class MovementsCard(TableCard):
    """The last movements of a record.

    Who stands below when, the way below the kind, the lot below the quantity.
    """

    title = _("Last movements")
    permission = "inventory.view_stockmovement"
    order = 50
    headings = [_("Occurred"), _("Kind"), _("Quantity"), _("On hand after"), _("Why")]
    numeric = [2, 3]
    empty = _("Nothing has moved yet.")
    #: What a movement calls the record.
    field: str
    most = 10

    def more_url(self, obj: Any) -> str:
        return ledger_url(**{f"{self.field}__id__exact": obj.pk})

    def rows(self, request: Any, obj: Any) -> list[list[Any]]:
        last = StockMovement.objects.filter(**{self.field: obj}).select_related(
            "item", "from_location", "to_location", "actor", "lot"
        )
        return [row(movement, unit=movement.item.unit_id) for movement in last.order_by("-pk")[: self.most]]


def at(places: Iterable[Location], *, most: int) -> list[StockMovement]:
    """Return the newest movements out of some places or into them; each side is found by its own index."""
    keys = [place.pk for place in places]
    found: dict[int, StockMovement] = {}
    for side in ("from_location", "to_location"):
        movements: QuerySet[StockMovement] = StockMovement.objects.filter(Q((f"{side}__in", keys)))
        movements = movements.select_related("item", "lot", "from_location", "to_location", "actor")
        found |= {movement.pk: movement for movement in movements.order_by("-pk")[:most]}
    return [found[key] for key in sorted(found, reverse=True)[:most]]
