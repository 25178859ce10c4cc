"""Panels of the first page: an app contributes its own by `admin.site.register_panel(LowStock)`.

A panel belongs to a group; what has nothing to show is said in one line below its group, and a group of which
a person may see nothing is not there. So each person's page follows from what that person may do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_permission_codename
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ipms.admin import display


@dataclass(frozen=True)
class Group:
    """A part of the page under a heading of its own."""

    key: str
    label: Any


#: In their order. The site's owner sees first how the site is; nobody else sees that group.
GROUPS = (
    Group("start", _("Begin here")),
    Group("site", _("The site")),
    Group("waiting", _("Waiting for you")),
    Group("standing", _("How things stand")),
    Group("course", _("How things went")),
    Group("done", _("What was done")),
)
_KEYS = [group.key for group in GROUPS]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number with its name. `tone` (good, warn, bad) colours it where it asks for attention."""

    label: Any
    value: Any
    hint: Any = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Note:
    """A few words below a panel's title, such as “3 late”, with the list that shows these three."""

    text: Any
    url: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell of a table; its heading stands beside it where the screen is too narrow for columns."""

    text: Any
    heading: Any = ""
    is_numeric: bool = False


class Panel:
    """A card on the first page, seen by those who have `permission`.

    `context()` runs on each view of the first page: a fixed number of cheap queries, never a loop of them.
    What it gives under `notes` stands below the title.
    """

    title: Any = ""
    template: str
    group = "standing"
    #: Lower comes first within the group.
    order = 100
    #: Full names of the permissions that it takes, all of them; none for everybody.
    permission: str | Sequence[str] | None = None
    #: `full` or `half` of the page's width.
    width = "half"
    #: The sentence in the place of a panel that has nothing to show.
    empty: Any = ""
    more_url: str = ""

    def is_visible(self, request: HttpRequest) -> bool:
        wanted = [self.permission] if isinstance(self.permission, str) else self.permission or ()
        return request.user.has_perms(wanted)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def is_empty(self, context: dict[str, Any]) -> bool:
        return False


class FiguresPanel(Panel):
    """A row of figures."""

    template = "admin/panels/figures.html"
    width = "full"

    def figures(self, request: HttpRequest) -> Sequence[Figure]:
        raise NotImplementedError

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"figures": self.figures(request)}


class TablePanel(Panel):
    """A short table. `rows()` answers rows of as many cells as there are headings."""

    template = "admin/panels/table.html"
    headings: Sequence[Any] = ()
    #: Indexes of the columns with figures.
    numeric: Sequence[int] = ()

    def rows(self, request: HttpRequest) -> Sequence[Sequence[Any]]:
        raise NotImplementedError

    def columns(self, request: HttpRequest) -> Sequence[Any]:
        """Return the headings, where they depend on what this person may do."""
        return self.headings

    def notes(self, request: HttpRequest) -> Sequence[Note]:
        return ()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        headings = self.columns(request)
        rows = cells(self.rows(request), headings, self.numeric)
        return {"headings": headings, "rows": rows, "notes": self.notes(request)}

    def is_empty(self, context: dict[str, Any]) -> bool:
        return not context["rows"]


class ChartPanel(Panel):
    """A chart, with the figures behind it one click away.

    `chart()` answers the drawing of a function of `ipms.admin.charts` together with its points; each point
    leads to the report or list that gives this very figure. `axis` names what the points are.
    """

    template = "admin/panels/chart.html"
    axis: Any = ""

    def chart(self, request: HttpRequest) -> Any:
        raise NotImplementedError

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"chart": self.chart(request)}

    def is_empty(self, context: dict[str, Any]) -> bool:
        return not context["chart"].points


def cells(rows: Iterable[Sequence[Any]], headings: Sequence[Any], numeric: Sequence[int]) -> list[list[Cell]]:
    """Return the cells of a table; `numeric` are the indexes of the columns with figures."""
    return [[Cell(text, headings[index], index in numeric) for index, text in enumerate(row)] for row in rows]


def link_for(request: HttpRequest, obj: models.Model, label: Any = None) -> Any:
    """Return a link to the object's page for who may see it, for others its name."""
    meta = obj._meta
    if request.user.has_perm(f"{meta.app_label}.{get_permission_codename('view', meta)}"):
        return display.link(obj, label)
    return str(label or obj)


def first_page(panels: Iterable[Panel], request: HttpRequest) -> list[dict[str, Any]]:
    """Return what stands on the first page of this person, group by group, by their orders.

    Each group has its `entries`, panels with their contexts and widths, and `clear`: those without anything
    to show.
    """
    shown: dict[str, list[dict[str, Any]]] = {key: [] for key in _KEYS}
    clear: dict[str, list[dict[str, Any]]] = {key: [] for key in _KEYS}
    for panel in sorted(panels, key=lambda panel: panel.order):
        if not panel.is_visible(request):
            continue
        context = panel.context(request)
        if panel.empty and panel.is_empty(context):
            clear[panel.group].append({"panel": panel, "context": context})
        else:
            shown[panel.group].append({"panel": panel, "context": context, "width": panel.width})
    for entries in shown.values():
        _fill_rows(entries)
    return [
        {"group": group, "entries": shown[group.key], "clear": clear[group.key]}
        for group in GROUPS
        if shown[group.key] or clear[group.key]
    ]


def _fill_rows(entries: list[dict[str, Any]]) -> None:
    """Widen a panel of half the width that has no neighbour."""
    alone: dict[str, Any] | None = None
    for entry in entries:
        if entry["width"] == "half":
            alone = None if alone else entry
        elif alone:
            alone["width"], alone = "full", None
    if alone:
        alone["width"] = "full"
