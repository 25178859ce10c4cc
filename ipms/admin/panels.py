"""Panels of the first page: an app contributes its own by `admin.site.register_panel(LowStock)`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number with its name. `tone` (good, warn, bad) colours it where it asks for attention."""

    label: Any
    value: Any
    hint: Any = ""
    url: str = ""
    tone: str = ""


class Panel:
    """A card on the first page, seen by those who have `permission`.

    `context()` runs on each view of the first page: one or two cheap queries, never a loop of them.
    """

    title: Any = ""
    template: str
    #: Lower comes first.
    order = 100
    #: Full name of a permission, None for everybody.
    permission: str | None = None
    #: `full`, `half` or `third` of the page's width.
    width = "half"

    def is_visible(self, request: HttpRequest) -> bool:
        return self.permission is None or request.user.has_perm(self.permission)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {}


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
    empty: Any = ""
    more_url: str = ""

    def rows(self, request: HttpRequest) -> Sequence[Sequence[Any]]:
        raise NotImplementedError

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "rows": [
                [(cell, index in self.numeric) for index, cell in enumerate(row)]
                for row in self.rows(request)
            ]
        }


class ChartPanel(Panel):
    """A chart, with the figures behind it one click away.

    `chart()` answers the drawing of a function of `ipms.admin.charts` together with its points.
    """

    template = "admin/panels/chart.html"
    more_url: str = ""

    def chart(self, request: HttpRequest) -> Any:
        raise NotImplementedError

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"chart": self.chart(request)}
