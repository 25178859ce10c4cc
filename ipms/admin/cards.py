"""Cards on the page of one object: what belongs to it but is kept elsewhere.

An app may put a card on the page of another app's object, to its right in the order of imports: open orders
on an item. As with the panels of the first page, the page does not know who contributes.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from auditlog import get_logentry_model
from django.contrib.admin.utils import quote
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ipms.admin import history
from ipms.admin.panels import Figure, cells

#: Where the form of a page stands whose form is behind.
EDIT = "edit"

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
    #: `full` or `half` of the page's width.
    width = "full"

    def is_visible(self, request: HttpRequest, obj: Any) -> bool:
        return self.permission is None or request.user.has_perm(self.permission)

    def more_url(self, obj: Any) -> str:
        """Where all of it is listed; empty for nowhere."""
        return ""

    def context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        return {}

    def is_shown(self, context: dict[str, Any]) -> bool:
        """Tell whether the card is worth its place: one that is as a rule empty may stay away then."""
        return True


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
        return {"rows": cells(self.rows(request, obj), self.headings, self.numeric)}


def card_of(model: type[models.Model]) -> Callable[[type[Card]], type[Card]]:
    """Put the decorated card on the page of each object of `model`."""

    def decorate(card: type[Card]) -> type[Card]:
        _registered[model].append(card())
        _registered[model].sort(key=lambda card: card.order)
        return card

    return decorate


class ChangesCard(Card):
    """Who changed what, the newest first, from the audit trail; the rest is under the page's history."""

    title = _("Who changed what")
    template = "admin/cards/changes.html"
    order = 90
    width = "half"
    #: So many entries.
    most = 5

    def more_url(self, obj: Any) -> str:
        return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_history", args=[quote(obj.pk)])

    def context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        entries = get_logentry_model().objects.get_for_object(obj).select_related("actor", "content_type")
        return {"entries": history.in_words(entries.order_by("-id")[: self.most])}


class CardsMixin:
    """Shows the cards of an object on its page."""

    change_form_template = "admin/change_form_with_cards.html"
    #: Where people come to read: all cards first, then the form, opened by who wants to change something.
    form_is_behind = False

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and change and not context.get("is_popup"):
            entries = [
                {"card": card, "context": card_context, "more_url": card.more_url(obj)}
                for card in _registered[self.model]
                if card.is_visible(request, obj) and card.is_shown(card_context := card.context(request, obj))
            ]
            context["cards_above"] = [
                entry for entry in entries if entry["card"].is_above or self.form_is_behind
            ]
            context["cards_below"] = [entry for entry in entries if entry not in context["cards_above"]]
            context["form_is_behind"] = self.form_is_behind
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_change(self, request, obj):
        answer = super().response_change(request, obj)
        if self.form_is_behind and "_continue" in request.POST and "Location" in answer:
            answer["Location"] += f"#{EDIT}"  # opens the form again
        return answer
