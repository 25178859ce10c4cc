"""What many lists show alike."""

from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ipms import site
from ipms.models import SiteSettings

_Rows = TypeVar("_Rows", bound=models.QuerySet)


def with_base_currency(queryset: _Rows) -> _Rows:
    """Annotate each row with `base_currency`, so that a page of values asks for it once and not by row."""
    stored = SiteSettings.objects.filter(pk=1).values("base_currency")
    return queryset.annotate(base_currency=Coalesce(Subquery(stored), Value(settings.BASE_CURRENCY)))


def stacked(first: Any, second: Any) -> SafeString:
    """Return a cell of two lines, the second one in small print."""
    return format_html('{}<br><span class="quiet">{}</span>', first, second)


def _with_currency(label: Any) -> str:
    return _("%(label)s, %(currency)s") % {"label": label, "currency": site.base_currency()}


#: A heading that names the base currency, so that the cells need not: `in_base_currency(_("value"))`.
in_base_currency = lazy(_with_currency, str)
