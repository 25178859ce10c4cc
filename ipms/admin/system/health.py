"""The health of the site, for its owner: a page, and a panel that speaks up when something is wrong."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from ipms.admin.pages import Page
from ipms.admin.panels import Panel
from ipms.health import findings

PERMISSION = "ipms.view_health"


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show every part with its state."""
    found = findings.all_findings()
    context = {
        **admin.site.each_context(request),
        "title": _("Health"),
        "findings": found,
        "worst": min((each.state for each in found), key=findings.WORST_FIRST.index),
        "troubles": sum(each.state != "good" for each in found),
        "moment": timezone.now(),
    }
    return TemplateResponse(request, "admin/ipms/health.html", context)


admin.site.register_page(
    Page(
        name="health",
        route="health/",
        label=gettext_lazy("Health"),
        section="system",
        permission=PERMISSION,
        view=page,
        order=10,
    )
)


#: Who sees the work of the site itself is told how all of it is; who does not, only what is wrong.
_RUNS_THE_SITE = "ipms.view_jobrun"


@admin.site.register_panel
class Alarm(Panel):
    """What is wrong, above everything else; nothing where all is well."""

    title = gettext_lazy("Needs attention")
    template = "admin/panels/health.html"
    permission = PERMISSION
    group = "start"
    width = "full"
    order = 5
    more_url = reverse_lazy("admin:health")

    def is_visible(self, request: HttpRequest) -> bool:
        if not super().is_visible(request) or request.user.has_perm(_RUNS_THE_SITE):
            return False
        return any(each.state == "bad" for each in findings.troubles())

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"troubles": [each for each in findings.troubles() if each.state == "bad"]}


@admin.site.register_panel
class SiteHealth(Panel):
    """Every part of the site in words: what is wrong in full, what is well in a line."""

    title = gettext_lazy("Health")
    template = "admin/panels/health.html"
    permission = (PERMISSION, _RUNS_THE_SITE)
    group = "site"
    width = "full"
    order = 10
    more_url = reverse_lazy("admin:health")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        found = findings.summary()
        return {
            "troubles": [each for each in found if each.state != "good"],
            "well": [each for each in found if each.state == "good"],
        }
