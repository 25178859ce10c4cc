"""Why something should be ordered, in sentences that a buyer can check."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.forecasting import DemandKind, Method
from ipms.money import plain
from procurement.lead_times import LeadTimeSource
from procurement.replenishment import Basis, Suggestion


def why(suggestion: Suggestion) -> str:
    """Return why an item should be ordered and how its quantity came about, in the reader's language."""
    return " ".join(sentences(suggestion))


def sentences(suggestion: Suggestion) -> Iterator[str]:
    """Yield the reasons one by one: stock, reorder point, demand, lead time, quantity."""
    yield _stock(suggestion)
    yield from _point(suggestion)
    yield _demand(suggestion)
    yield _lead_time(suggestion)
    yield from _quantity(suggestion)


def _stock(suggestion: Suggestion) -> str:
    words = {
        "available": plain(suggestion.available),
        "on_order": plain(suggestion.on_order),
        "requested": plain(suggestion.requested),
        "unit": suggestion.item.unit_id,
        "point": plain(suggestion.reorder_point),
    }
    if suggestion.position > suggestion.reorder_point:
        sentence = _(
            "Available %(available)s %(unit)s, on order %(on_order)s, asked for %(requested)s: above the "
            "reorder point of %(point)s."
        )
    elif suggestion.requested:
        sentence = _(
            "Available %(available)s %(unit)s, on order %(on_order)s, asked for %(requested)s: no more than "
            "the reorder point of %(point)s."
        )
    else:
        sentence = _(
            "Available %(available)s %(unit)s, on order %(on_order)s: no more than the reorder point of "
            "%(point)s."
        )
    return sentence % words


def _point(suggestion: Suggestion) -> Iterator[str]:
    item = suggestion.item
    words = {
        "per_day": plain(round(suggestion.demand_per_day, 2)),
        "days": plain(round(suggestion.lead_time.days.mean, 1)),
        "safety": plain(suggestion.safety_stock),
        "level": plain(suggestion.service_level),
        "needed": plain(suggestion.needed_point),
        "set": plain(item.reorder_level),
        "computed": plain(suggestion.computed_safety_stock),
    }
    by_hand = suggestion.safety_stock > suggestion.computed_safety_stock
    if suggestion.demand_per_day and by_hand:
        yield (
            _(
                "Demand of %(per_day)s a day over %(days)s days and the safety stock of %(safety)s set by "
                "hand (%(computed)s would do for a service level of %(level)s %%) call for %(needed)s."
            )
            % words
        )
    elif suggestion.demand_per_day:
        yield (
            _(
                "Demand of %(per_day)s a day over %(days)s days and a safety stock of %(safety)s for a "
                "service level of %(level)s %% call for %(needed)s."
            )
            % words
        )
    elif by_hand:
        yield _("Without expected demand, the safety stock of %(safety)s set by hand is kept.") % words
    if item.reorder_level > suggestion.needed_point:
        yield _("The reorder level of %(set)s set by hand is higher and holds.") % words


def _demand(suggestion: Suggestion) -> str:
    forecast = suggestion.forecast
    words = {
        "weeks": forecast.periods,
        "kind": forecast.kind.label.lower(),
        "method": forecast.method.label,
    }
    if forecast.kind is DemandKind.NONE:
        return _("Nothing was issued in the last two years.")
    if forecast.accuracy is None:
        sentence = ngettext(
            "Only one full week is known: it is the forecast.",
            "Only %(weeks)s full weeks are known: their mean is the forecast.",
            forecast.periods,
        )
        return sentence % words
    gain = _gain(suggestion)
    if forecast.method is Method.NAIVE or gain is None:
        return _("Demand of %(weeks)s weeks is %(kind)s; forecast by “%(method)s”.") % words
    return _(
        "Demand of %(weeks)s weeks is %(kind)s; forecast by “%(method)s”, whose errors were %(gain)s %% of "
        "those of repeating the last week."
    ) % {**words, "gain": gain}


def _gain(suggestion: Suggestion) -> int | None:
    accuracy, naive = suggestion.forecast.accuracy, suggestion.forecast.naive
    if accuracy is None or naive is None or not naive.rmse:
        return None
    return round(100 * accuracy.rmse / naive.rmse)


def _lead_time(suggestion: Suggestion) -> str:
    found = suggestion.lead_time
    words = {
        "receipts": found.receipts,
        "days": plain(round(found.days.mean, 1)),
        "deviation": plain(round(found.days.deviation, 1)),
        "supplier": suggestion.supplier.name if suggestion.supplier else "",
    }
    if found.source is LeadTimeSource.ITEM_RECEIPTS:
        sentence = _("Its last %(receipts)s receipts took %(days)s ± %(deviation)s days.")
    elif found.source is LeadTimeSource.SUPPLIER_RECEIPTS:
        sentence = _("The last %(receipts)s receipts from %(supplier)s took %(days)s ± %(deviation)s days.")
    elif found.source is LeadTimeSource.ITEM:
        sentence = _("The lead time of %(days)s days is the one set for the item.")
    elif found.source is LeadTimeSource.SUPPLIER:
        sentence = _("The lead time of %(days)s days is the one set for %(supplier)s.")
    else:
        sentence = _("The lead time of %(days)s days is the usual one of the site.")
    return sentence % words


def _quantity(suggestion: Suggestion) -> Iterator[str]:
    if not suggestion.quantity:
        return
    words: dict[str, str | Decimal | int] = {
        "lot": plain(suggestion.item.reorder_quantity),
        "economic": plain(round(suggestion.economic_quantity or Decimal(0), 1)),
        "days": suggestion.cover_days,
    }
    if suggestion.basis is Basis.ECONOMIC:
        yield _("Ordered is what is missing and the economic quantity of %(economic)s.") % words
    elif suggestion.basis is Basis.COVER:
        yield _("Ordered is what is missing and the demand of %(days)s days.") % words
    else:
        yield _("Ordered is by the item's reorder quantity of %(lot)s.") % words
        return
    if suggestion.item.reorder_quantity:
        yield _("Rounded up to full reorder quantities of %(lot)s.") % words
