"""Pages of the back office that no model stands behind: a report, the health of the system.

An app contributes its own, and the sidebar and the first page then lead to it:

    admin.site.register_page(
        Page(name="health", route="health/", label=_("Health"), section="system",
             permission="ipms.view_health", view=health)
    )
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

_REPORT = _("Report")


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page under /admin/, seen by those who have `permission` (a full name; None for all who may enter).

    Its address is `reverse("admin:<name>")`. `section` is the key of a section of the sidebar; a page without
    one is only linked to by others. In its section it stands above the models, the lowest `order` first.
    The lists of the models in `beside` (`app.model`) have a button that leads to it. One that `is_open` is
    there for strangers too, who see the login: it guards itself.
    """

    name: str
    route: str
    view: Callable[..., HttpResponseBase]
    label: Any = ""
    section: str = ""
    permission: str | None = None
    order: int = 100
    beside: tuple[str, ...] = ()
    button: Any = _REPORT
    is_open: bool = False

    @property
    def url(self) -> str:
        return reverse(f"admin:{self.name}")

    def is_visible(self, request: HttpRequest) -> bool:
        return self.permission is None or request.user.has_perm(self.permission)
