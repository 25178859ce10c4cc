"""How a lot and the day it expires on look: what is past or near is marked."""

from datetime import date
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.models import Lot, LotStatus
from ipms.admin.columns import stacked
from ipms.admin.display import EMPTY, badge, choice_badge, link


def expiry_badge(lot: Lot, *, on: date) -> Any:
    """Return the day on which a lot expires, marked where it is past, or so near that people are told."""
    if lot.expires_on is None:
        return EMPTY
    day, left = date_format(lot.expires_on), (lot.expires_on - on).days
    if left < 0:
        return badge("expired", _("expired %(day)s") % {"day": day}, tone="bad")
    if left <= max(settings.EXPIRY_WARNING_DAYS, default=0):
        words = ngettext("expires %(day)s, in %(left)s day", "expires %(day)s, in %(left)s days", left)
        return badge("expiring", words % {"day": day, "left": left}, tone="warn")
    return day


def days_left(lot: Lot, *, on: date) -> Any:
    """Return how many days a lot that expires can still be used, with the day below: for a narrow column."""
    assert lot.expires_on is not None
    left = (lot.expires_on - on).days
    if left < 0:
        mark = badge("expired", _("expired"), tone="bad")
    elif left == 0:
        mark = badge("expiring", _("expires today"), tone="bad")
    else:
        words = ngettext("in %(days)s day", "in %(days)s days", left)
        mark = badge("expiring", words % {"days": left}, tone="warn")
    return stacked(mark, date_format(lot.expires_on))


def lot_cell(lot: Lot | None, *, on: date) -> Any:
    """Return a lot with its expiry below it, and its status where it may not be used."""
    if lot is None:
        return EMPTY
    below = expiry_badge(lot, on=on)
    if lot.status in (LotStatus.QUARANTINE, LotStatus.RECALLED):
        below = choice_badge(lot)
    return stacked(link(lot), below)
