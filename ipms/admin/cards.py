"""Cards on the page of one object: what belongs to it but is kept elsewhere.

An app may put a card on the page of another app's object, to its right in the order of imports: open orders
on an item. As with the panels of the first page, the page does not know who contributes.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db import models
from django.http import HttpRequest

from ipms.admin.panels import Figure

_registered: dict[type[models.Model], list["Card"]] = defaultdict(list)


class Card:
    """A card, seen by those who have `permission`. Its context costs one or two queries."""

    title: Any = ""
    template: str
    #: Lower comes first.
    order = 100
    #: Full name of a permission, None for everybody who sees the object.
    permission: str | None = None
    #: Above the form, for what people open the page for; else below it.
    is_above = False

    def is_visible(self, request: HttpRequest, obj: Any) -> bool:
        return self.permission is None or request.user.has_perm(self.permission)

    def more_url(self, obj: Any) -> str:
        """Where all of it is listed; empty for nowhere."""
        return ""

    def context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        return {}


class FiguresCard(Card):
    """A row of figures."""

    template = "admin/panels/figures.html"

    def figures(self, request: HttpRequest, obj: Any) -> Sequence[Figure]:
        raise NotImplementedError

    def context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        return {"figures": self.figures(request, obj)}


class FactsCard(Card):
    """Names and values in small print, side by side."""

    template = "admin/cards/facts.html"

    def facts(self, request: HttpRequest, obj: Any) -> Sequence[tuple[Any, Any]]:
        raise NotImplementedError

    def context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        return {"facts": self.facts(request, obj)}


class TableCard(Card):
    """A short table. `rows()` answers rows of as many cells as there are headings."""

    template = "admin/panels/table.html"
    headings: Sequence[Any] = ()
    #: Indexes of the columns with figures.
    numeric: Sequence[int] = ()
    empty: Any = ""

    def rows(self, request: HttpRequest, obj: Any) -> Sequence[Sequence[Any]]:
        raise NotImplementedError

    def context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        return {
            "rows": [
                [(cell, index in self.numeric) for index, cell in enumerate(row)]
                for row in self.rows(request, obj)
            ]
        }


def card_of(model: type[models.Model]) -> Callable[[type[Card]], type[Card]]:
    """Put the decorated card on the page of each object of `model`."""

    def decorate(card: type[Card]) -> type[Card]:
        _registered[model].append(card())
        _registered[model].sort(key=lambda card: card.order)
        return card

    return decorate


class CardsMixin:
    """Shows the cards of an object on its page."""

    change_form_template = "admin/change_form_with_cards.html"

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and change and not context.get("is_popup"):
            entries = [
                {"card": card, "context": card.context(request, obj), "more_url": card.more_url(obj)}
                for card in _registered[self.model]
                if card.is_visible(request, obj)
            ]
            context["cards_above"] = [entry for entry in entries if entry["card"].is_above]
            context["cards_below"] = [entry for entry in entries if not entry["card"].is_above]
        return super().render_change_form(request, context, add, change, form_url, obj)
