"""The health of the site, for its owner: a page, and a panel that speaks up when something is wrong."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
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


@admin.site.register_panel
class HealthPanel(Panel):
    """What is wrong, above everything else; nothing where all is well."""

    title = gettext_lazy("Needs attention")
    template = "admin/panels/health.html"
    permission = PERMISSION
    width = "full"
    order = 5

    @property
    def more_url(self) -> str:
        return reverse("admin:health")

    def is_visible(self, request: HttpRequest) -> bool:
        return super().is_visible(request) and any(each.state == "bad" for each in findings.troubles())

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"findings": [each for each in findings.troubles() if each.state == "bad"]}
