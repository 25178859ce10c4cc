"""Links on the page of one object that lead to what another app makes of it: its paper, its labels.

As with cards, the page does not know who contributes.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_permission_codename
from django.db import models
from django.http import HttpRequest

_registered: dict[type[models.Model], list["ObjectLink"]] = defaultdict(list)


@dataclass(frozen=True, kw_only=True)
class ObjectLink:
    """A link beside the buttons. Who sees the object sees it, unless it names a `permission` of its own.

    `url` is a function of the object, `allowed` a cheap rule of its state.
    """

    label: Any
    url: Callable[[Any], str]
    icon: str = "print"
    permission: str | None = None
    allowed: Callable[[Any], bool] = lambda obj: True
    #: What a browser shows on a page of its own, such as a PDF.
    opens_beside: bool = False

    def is_offered(self, request: HttpRequest, obj: models.Model) -> bool:
        meta = obj._meta
        view = f"{meta.app_label}.{get_permission_codename('view', meta)}"
        return request.user.has_perm(self.permission or view) and self.allowed(obj)


def register(model: type[models.Model], link: ObjectLink) -> None:
    """Put a link on the page of each object of `model`."""
    _registered[model].append(link)


def of(request: HttpRequest, obj: models.Model) -> list[dict[str, Any]]:
    """Return what the page needs to draw the links that this person may follow."""
    return [
        {"link": link, "url": link.url(obj)}
        for link in _registered[type(obj)]
        if link.is_offered(request, obj)
    ]
