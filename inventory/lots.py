"""Lots and serial numbers: found or made by their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from inventory.errors import InvalidPosting
from inventory.models import Item, Lot, Tracking
from ipms import audit
from ipms.errors import InvalidInput

_MAX_LENGTH = 80


@dataclass(frozen=True, kw_only=True)
class LotName:
    """How a paper names a lot: its number, and its expiry where the paper says so."""

    item: Item
    number: str
    expires_on: date | None = None


def find(item: Item, *, number: str) -> Lot | None:
    """Return the lot of this number (without regard to case), None for an empty number.

    Raises `InvalidInput` on `lot` where the item has no such lot.
    """
    if not number:
        return None
    lot = Lot.objects.filter(item=item, number__iexact=number).first()
    if lot is None:
        raise InvalidInput(_unknown(LotName(item=item, number=number)))
    return lot


def find_many(names: Sequence[LotName]) -> list[Lot]:
    """Return the lot of each name, with one query; an expiry that is named does not count.

    Raises `InvalidPosting` with the errors of all names that no lot has, by their place in `names`.
    """
    lots = _known(names) if names else {}
    errors = {place: _unknown(name) for place, name in enumerate(names) if place not in lots}
    if errors:
        raise InvalidPosting(errors)
    return [lots[place] for place in range(len(names))]


def ensure(item: Item, *, number: str, expires_on: date | None = None) -> Lot | None:
    """Return the lot of this number, made where it is new; None for an empty number.

    Raises `InvalidInput` where the item is not tracked, the lot is known with another expiry, or an expiry
    comes without a lot.
    """
    if not number:
        if expires_on:
            raise InvalidInput({"lot": [_("Name the lot that expires.")]})
        return None
    return ensure_many([LotName(item=item, number=number, expires_on=expires_on)])[0]


def ensure_many(names: Sequence[LotName]) -> list[Lot]:
    """Return the lot of each name, made where it is new, with a constant number of queries.

    A lot that has no expiry yet takes the one that is named. Raises `InvalidPosting` with the errors of all
    faulty names, by their place in `names`.
    """
    if not names:
        return []
    errors = {place: error for place, name in enumerate(names) if (error := _error(name))}
    if errors:
        raise InvalidPosting(errors)
    lots = _known(names)
    missing = [place for place in range(len(names)) if place not in lots]
    if missing:
        # Somebody else may make the same lot at this moment: theirs is then ours too.
        Lot.objects.bulk_create(
            [
                Lot(item=name.item, number=name.number, expires_on=name.expires_on)
                for name in (names[place] for place in missing)
            ],
            ignore_conflicts=True,
        )
        lots = _known(names)
        audit.created(list({lots[place].pk: lots[place] for place in missing}.values()))
    for place, name in enumerate(names):
        lot = lots[place]
        if name.expires_on and lot.expires_on is None:
            lot.expires_on = name.expires_on
            lot.save(update_fields=["expires_on"])
        elif name.expires_on and lot.expires_on != name.expires_on:
            sentence = _("Lot %(number)s expires on %(date)s.")
            errors[place] = {"expires_on": [sentence % {"number": lot.number, "date": lot.expires_on}]}
    if errors:
        raise InvalidPosting(errors)
    return [lots[place] for place in range(len(names))]


def expiring(*, on: date, within_days: int) -> QuerySet[Lot]:
    """Return the lots that stand somewhere and expire within so many days of a day, or have expired.

    `stands` is how much of each there is, in the item's stock unit, over all locations.
    """
    near = Lot.objects.filter(expires_on__lte=on + timedelta(days=within_days))
    return near.annotate(stands=Sum("balances__on_hand")).filter(stands__gt=0)


def _unknown(name: LotName) -> dict[str, list[str]]:
    sentence = _("%(sku)s has no lot “%(number)s”.")
    return {"lot": [sentence % {"sku": name.item.sku, "number": name.number}]}


def _error(name: LotName) -> dict[str, list[str]] | None:
    if name.item.tracking == Tracking.NONE:
        return {"lot": [_("This item is not tracked by lot.")]}
    if len(name.number) > _MAX_LENGTH:
        return {"lot": [_("A lot number has at most %(count)s characters.") % {"count": _MAX_LENGTH}]}
    return None


def _known(names: Sequence[LotName]) -> dict[int, Lot]:
    """Return the lots that exist, by their place in `names`; one that is named twice is one object.

    The database compares the numbers, as it does to keep them unique: its idea of case is not Python's.
    """
    lots: dict[int, Lot] = {}
    by_key: dict[int, Lot] = {}
    for lot in Lot.objects.raw(_KNOWN, [[name.item.pk for name in names], [name.number for name in names]]):
        place = lot.place - 1  # type: ignore[attr-defined]  # a column that the query adds
        lots[place] = by_key.setdefault(lot.pk, lot)
    return lots


_KNOWN = """
    SELECT lot.*, named.place
    FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS named(item_id, number, place)
    JOIN inventory_lot lot ON lot.item_id = named.item_id AND lower(lot.number) = lower(named.number)
"""
