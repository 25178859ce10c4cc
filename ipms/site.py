"""The site's own settings record: name, base currency, time zone."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ipms.models import SiteSettings


def current() -> SiteSettings:
    """Return the settings record; it is made with its defaults when it is first asked for."""
    record = SiteSettings.objects.filter(pk=1).first()
    return record or SiteSettings.objects.get_or_create(pk=1)[0]


def base_currency() -> str:
    """Return the ISO 4217 code in which stock is valued and approval limits are kept."""
    return current().base_currency


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context: the record under the name `site_settings`, fetched only where a page uses it."""
    return {"site_settings": SimpleLazyObject(current)}
