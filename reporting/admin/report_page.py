"""The page of a report: what is asked at the top, then figures, charts, tables, and files to take away.

One page draws any report of the API, by its parameters and its document.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from ipms import site
from ipms.admin.display import moment
from ipms.admin.pages import Page
from reporting import cache, files
from reporting.admin.drawing import Drawing
from reporting.admin.inputs import Choices, inputs
from reporting.admin.links import Link
from reporting.api.reports import MEDIA_TYPES, ReportView
from reporting.tables import Document

_DOWNLOADS = [name for name in MEDIA_TYPES if name != "json"]


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """A report of the API as a page under /admin/reports/.

    `links` says by `table.column` which cells lead to a record. `choices` gives a list to pick from to a
    parameter that the API takes as text. The lists of the models in `beside` (`app.model`) lead to the page.
    """

    view: type[ReportView]
    label: Any
    order: int
    links: Mapping[str, Link] = field(default_factory=dict)
    choices: Mapping[str, Callable[[], Choices]] = field(default_factory=dict)
    beside: tuple[str, ...] = ()

    def register(self) -> None:
        admin.site.register_page(
            Page(
                name=f"report-{self.view.name}",
                route=f"reports/{self.view.name}/",
                label=self.label,
                section="reports",
                permission=self.view.method_permissions["GET"],
                order=self.order,
                beside=self.beside,
                view=self.show,
            )
        )

    def show(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the page, or with the file that is asked for."""
        sent = {name: value for name, value in request.GET.items() if value.strip()}
        parameters = self.view.parameters_class(data=sent, context={"request": request})
        context = {
            **admin.site.each_context(request),
            "title": self.label,
            "asked": bool(sent),
            "downloads": _DOWNLOADS,
        }
        if parameters.is_valid():
            params = dict(parameters.validated_data)
            wanted = params.pop("format")
            view = self.view()
            data = cache.remember(view.name, params, lambda: view.build(**params))
            document = view.document(data, params)
            if wanted in _DOWNLOADS:
                return files.respond(document, wanted)
            context["drawn"] = self._drawn(request, document)
        context["refusals"] = parameters.errors.get("non_field_errors", [])
        context["inputs"] = inputs(parameters, sent, self.choices)
        return TemplateResponse(request, "admin/reports/report.html", context)

    def _drawn(self, request: HttpRequest, document: Document) -> dict[str, Any]:
        drawing = Drawing(request, base_currency=site.base_currency(), links=self.links)
        query = request.GET.copy()
        query.pop("format", None)
        return {
            "as_of": moment(document.as_of),
            "figures": drawing.figures(document),
            "charts": drawing.charts(document),
            "tables": drawing.tables(document),
            "query": query.urlencode(),
        }
