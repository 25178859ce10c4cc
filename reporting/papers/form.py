"""What a paper says, before it is drawn: whom it is for, its facts, its lines, and who signs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reporting.tables import Table

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")


@dataclass(frozen=True)
class Signature:
    """A place to sign: what for, and, where the system knows it, who did so and when."""

    label: "StrOrPromise"
    name: str = ""
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Form:
    """A paper about one record. All of it is text in `language`, empty for the one that is active.

    `url` is the full address of the record, for its QR code. `notice` says what a reader must not overlook,
    such as that an order is not approved. `address` is that of the other side, under `addressee`. `sums`
    stand below the lines, the last one largest.
    """

    name: str
    title: str
    number: str
    url: str
    notice: str = ""
    addressee: "StrOrPromise" = ""
    address: Sequence[str] = ()
    facts: Sequence[tuple["StrOrPromise", str]] = ()
    lines: Table
    sums: Sequence[tuple[str, str]] = ()
    notes: str = ""
    language: str = ""
    signatures: Sequence[Signature] = field(default=())

    @property
    def file_name(self) -> str:
        """Return a name that every system takes: `purchase-order-PO-2031-00042.pdf`."""
        return f"{self.name}-{_UNSAFE.sub('-', self.number).strip('-.')}.pdf"
