"""ABC by value and XYZ by regularity: which items deserve attention, and which can be planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

Key = TypeVar("Key")

#: Cumulative share of the value, in percent, up to which items are A, and B.
A_UP_TO, B_UP_TO = Decimal(80), Decimal(95)


class Importance(models.TextChoices):
    """The class of an item by its part of the value."""

    A = "A", _("Most of the value")
    B = "B", _("Some of the value")
    C = "C", _("Little of the value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked(Generic[Key]):
    """One of many by value: its share and that of all up to it, both of one."""

    key: Key
    value: Decimal
    share: Decimal
    cumulative_share: Decimal
    importance: Importance


def ranked(values: Mapping[Key, Decimal]) -> list[Ranked[Key]]:
    """Return all by value, the largest first, with their class.

    A are those that reach the first 80 % of the value, B the next 15 %, C the rest and all without value. The
    item that crosses a border still belongs above it: so there is an A wherever there is value. Values below
    zero count as none. Of equal values the one that was named first comes first.

    Source: Dickie, "ABC inventory analysis shoots for dollars, not pennies", *Factory Management and
    Maintenance* 109 (1951), 92-94; cut-offs as in Silver, Pyke & Thomas, *Inventory and Production Management
    in Supply Chains*, 4th ed., ch. 2.
    """
    worth = {key: max(value, Decimal(0)) for key, value in values.items()}
    total = sum(worth.values(), Decimal(0))
    found: list[Ranked[Key]] = []
    running = Decimal(0)
    for key in sorted(worth, key=lambda key: -worth[key]):
        value = worth[key]
        before, running = running, running + value
        found.append(
            Ranked(
                key=key,
                value=value,
                share=_part(value, total),
                cumulative_share=_part(running, total),
                importance=_importance(before, value, total),
            )
        )
    return found


def _importance(before: Decimal, value: Decimal, total: Decimal) -> Importance:
    if not value:
        return Importance.C
    if before * 100 < A_UP_TO * total:
        return Importance.A
    return Importance.B if before * 100 < B_UP_TO * total else Importance.C


def _part(value: Decimal, total: Decimal) -> Decimal:
    return round(value / total, 6) if total else Decimal(0)
