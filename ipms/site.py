"""The site's own settings record: name, base currency, time zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ipms.models import SiteSettings

_asked: ContextVar[list[SiteSettings] | None] = ContextVar("asked", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Let what is read in the block read the settings once: a page of many parts, each asking for them.

    Whoever changes the settings does so outside.
    """
    token = _asked.set([])
    try:
        yield
    finally:
        _asked.reset(token)


def current() -> SiteSettings:
    """Return the settings record; it is made with its defaults when it is first asked for."""
    asked = _asked.get()
    if asked is None:
        return _read()
    if not asked:
        asked.append(_read())
    return asked[0]


def _read() -> SiteSettings:
    record = SiteSettings.objects.filter(pk=1).first()
    return record or SiteSettings.objects.get_or_create(pk=1)[0]


def base_currency() -> str:
    """Return the ISO 4217 code in which stock is valued and approval limits are kept."""
    return current().base_currency


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context: the record under the name `site_settings`, fetched only where a page uses it."""
    return {"site_settings": SimpleLazyObject(current)}
