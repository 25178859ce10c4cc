"""How values look in lists and on pages: badges, money, quantities, links. All escape what they are given."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import get_language_bidi

from ipms.money import MINOR_UNITS, plain

EMPTY = "–"
_LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"


def badge(value: Any, label: Any = None, *, tone: str | None = None) -> SafeString | str:
    """Return a status as a coloured label.

    The colour follows from the value (`approved`, `low-stock`: see the badges in static/admin/css/base.css);
    for one that the theme does not know give `tone`: `good`, `warn`, `bad`, `info` or `quiet`.
    """
    if value in (None, ""):
        return EMPTY
    name = tone or str(value).lower().replace("_", "-").replace(" ", "-")
    return format_html('<span class="badge badge--{}">{}</span>', name, capfirst(label or value))


def choice_badge(obj: models.Model, field: str = "status") -> SafeString | str:
    """Return the badge of a field with choices, under its translated label."""
    return badge(getattr(obj, field), getattr(obj, f"get_{field}_display")())


def amount(value: Decimal | None, currency: str) -> str:
    """Return an amount with thousands separators and the decimals of its currency, without the code."""
    if value is None:
        return EMPTY
    return _figure(value, MINOR_UNITS.get(currency, 2))


def money(value: Decimal | None, currency: str) -> SafeString | str:
    """Return an amount with its currency: `1,627,584.29 USD`."""
    if value is None:
        return EMPTY
    return format_html(
        '<span class="num">{}&nbsp;<span class="unit">{}</span></span>', amount(value, currency), currency
    )


def unit_price(value: Decimal | None, currency: str) -> SafeString | str:
    """Return a price of one unit with all the decimals it has, at least those of its currency."""
    if value is None:
        return EMPTY
    decimals = max(MINOR_UNITS.get(currency, 2), _decimals(value))
    return format_html(
        '<span class="num">{}&nbsp;<span class="unit">{}</span></span>',
        _figure(value, decimals),
        currency,
    )


def number(value: Decimal | int | None) -> str:
    """Return a number with thousands separators and no trailing zeros."""
    if value is None:
        return EMPTY
    value = Decimal(value)
    return _figure(value, _decimals(value))


def quantity(value: Decimal | None, unit: Any = "") -> SafeString | str:
    """Return a quantity with its unit: `1,250 KGM`."""
    if value is None:
        return EMPTY
    if not unit:
        return format_html('<span class="num">{}</span>', number(value))
    return format_html('<span class="num">{}&nbsp;<span class="unit">{}</span></span>', number(value), unit)


def moment(value: datetime | None) -> SafeString | str:
    """Return a moment in the viewer's time zone, short, with the full form for who points at it."""
    if value is None:
        return EMPTY
    local = localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        date_format(local, "DATETIME_FORMAT"),
        date_format(local, "SHORT_DATETIME_FORMAT"),
    )


def apart(*parts: Any) -> SafeString:
    """Return parts with a dot between them, each of which keeps its own order of letters."""
    return format_html_join(" · ", "<bdi>{}</bdi>", ((part,) for part in parts))


def way(start: Any, end: Any) -> SafeString:
    """Return `start → end`, with an arrow that points as the page runs."""
    arrow = "←" if get_language_bidi() else "→"
    return format_html("<bdi>{}</bdi> {} <bdi>{}</bdi>", start, arrow, end)


def link(obj: models.Model | None, label: Any = None) -> SafeString | str:
    """Return a link to the object's page; only its name where it has none."""
    if obj is None:
        return EMPTY
    url = change_url(obj)
    return format_html('<a href="{}">{}</a>', url, label or obj) if url else str(label or obj)


def change_url(obj: models.Model) -> str | None:
    """Return the address of the object's page in the back office."""
    meta = obj._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[quote(obj.pk)])
    except NoReverseMatch:
        return None


def numeric(
    function: Callable[..., Any] | None = None, *, description: Any = None, ordering: Any = None
) -> Callable[..., Any]:
    """Decorate a column of figures as `admin.display` does; its cells are set to the right."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        function.is_numeric = True
        return admin.display(function, description=description, ordering=ordering)

    return decorate if function is None else decorate(function)


def _figure(value: Decimal, decimals: int) -> str:
    text = number_format(value, decimal_pos=decimals, force_grouping=True)
    # Among letters that run from right to left a sign would go to the other end of its figure.
    return _LEFT_TO_RIGHT + text if text.startswith("-") and get_language_bidi() else text


def _decimals(value: Decimal) -> int:
    text = plain(value)
    return len(text.partition(".")[2])
