"""The large buttons on the first page: an app contributes its own by `admin.site.register_shortcut(…)`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """A piece of daily work that one click begins, for those who have all of `permissions`.

    `label` is a verb; `hint` says in few words with what. `icon` is one of static/ipms/icons.svg.
    """

    label: Any
    hint: Any
    icon: str
    url: Any
    permissions: Sequence[str]
    #: Lower comes first.
    order: int = 100

    def is_visible(self, request: HttpRequest) -> bool:
        return request.user.has_perms(self.permissions)
