"""The reports of the API as exports in the background, under `report:<name>`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer

from accounts.models import User
from ipms.api import envelope
from ipms.errors import InvalidInput
from reporting import exportables
from reporting.api import urls
from reporting.api.asked import asked
from reporting.api.reports import ReportView
from reporting.exportables import Exportable, Filters, Watch
from reporting.tables import Document

_TITLES = {
    "inventory": gettext_lazy("Inventory report"),
    "purchase-orders": gettext_lazy("Purchase order report"),
    "suppliers": gettext_lazy("Supplier report"),
    "analytics": gettext_lazy("Analytics report"),
}


class ReportExport(Exportable):
    """A report, made as its view makes it, whatever is in the cache."""

    permissions = ("reporting.export_data", "reporting.view_reports")

    def __init__(self, view_class: type[ReportView]) -> None:
        self.view_class = view_class
        self.name = f"report:{view_class.name}"
        self.title = _TITLES.get(view_class.name) or capfirst(view_class.name)

    def filter_names(self) -> frozenset[str]:
        return frozenset(self.view_class.parameters_class().fields) - {"format"}

    def check(self, filters: Filters, *, by: User) -> None:
        if unknown := set(filters) - self.filter_names():
            raise InvalidInput({name: [_("There is no such filter.")] for name in sorted(unknown)})
        try:
            self._view(filters, by).parameters()
        except ValidationError as error:
            raise InvalidInput(error.detail) from error

    def count(self, filters: Filters, *, by: User) -> None:
        return None

    def document(self, filters: Filters, *, by: User, at: datetime) -> Document:
        view, parameters, data = self._built(filters, by)
        return view.document(data, parameters)

    def json(self, filters: Filters, *, by: User, at: datetime, watch: Watch = iter) -> Iterator[bytes]:
        view, _parameters, data = self._built(filters, by)
        shown = view.data_class(data, context={"request": view.request}).data
        yield JSONRenderer().render(envelope.success(_("OK"), shown))

    def _built(self, filters: Filters, by: User) -> tuple[ReportView, dict[str, Any], dict[str, Any]]:
        view = self._view(filters, by)
        parameters = view.parameters()
        del parameters["format"]
        return view, parameters, view.build(**parameters)

    def _view(self, filters: Filters, by: User) -> ReportView:
        """Return the report's view as if it had been asked with these parameters."""
        return self.view_class(request=asked(filters, by), args=(), kwargs={})


def reports() -> Iterator[type[ReportView]]:
    """Yield the reports that have an address."""
    for pattern in urls.urlpatterns:
        view = getattr(pattern.callback, "view_class", None)
        if view is not None and issubclass(view, ReportView):
            yield view


for _view in reports():
    exportables.register(ReportExport(_view))
