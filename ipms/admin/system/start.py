"""What everybody begins with: one field that finds everything, and a button for each daily work."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from ipms.admin.panels import Panel


@admin.site.register_panel
class Start(Panel):
    """Type, or scan, and be on the record; or press a button and do the work."""

    template = "admin/panels/start.html"
    group = "start"
    order = 10
    width = "full"

    def is_visible(self, request: HttpRequest) -> bool:
        return any(source.is_visible(request) for source in admin.site.sources)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"url": reverse("admin:search"), "shortcuts": admin.site.shortcuts_of(request)}
