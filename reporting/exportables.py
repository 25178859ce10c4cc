"""What can be exported: lists and reports, each under a name, at once or in the background."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, ClassVar

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from ipms import audit, site
from ipms.errors import NotAllowed
from reporting import files
from reporting.errors import NotExportable
from reporting.tables import Document

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: What a request of the list or the report would have in its address, without the format.
Filters = Mapping[str, str]
#: Rows pass through it on their way, so that somebody can count them.
Watch = Callable[[Iterable[Any]], Iterator[Any]]


class Exportable(ABC):
    """A list or a report that can be made into a file, for a person and by filters."""

    #: Stable: `inventory`, or `report:inventory`. It begins the names of files too.
    name: ClassVar[str]
    title: "ClassVar[StrOrPromise]"
    #: All of these are needed.
    permissions: ClassVar[tuple[str, ...]]

    def require(self, by: User) -> None:
        """Raise `NotAllowed` unless `by` may have it."""
        if not by.has_perms(self.permissions):
            raise NotAllowed(_("You do not have permission to do this."))

    @abstractmethod
    def filter_names(self) -> frozenset[str]:
        """Return the names of the filters it knows."""

    @abstractmethod
    def check(self, filters: Filters, *, by: User) -> None:
        """Raise `InvalidInput` for a filter that does not exist or cannot be meant."""

    @abstractmethod
    def count(self, filters: Filters, *, by: User) -> int | None:
        """Return how many rows there will be, where that can be known beforehand."""

    @abstractmethod
    def document(self, filters: Filters, *, by: User, at: datetime) -> Document:
        """Return what a CSV, XLSX or PDF file says."""

    @abstractmethod
    def json(self, filters: Filters, *, by: User, at: datetime, watch: Watch = iter) -> Iterator[bytes]:
        """Yield the JSON file in pieces; its rows pass through `watch`."""


_exportables: dict[str, Exportable] = {}


def register(exportable: Exportable) -> Exportable:
    """Let something be exported under its name."""
    if exportable.name in _exportables:
        raise ValueError(f"There is an export named {exportable.name!r} already.")
    _exportables[exportable.name] = exportable
    return exportable


def find(name: str) -> Exportable:
    """Return what is exported under a name. Raises `NotExportable`."""
    try:
        return _exportables[name]
    except KeyError:
        raise NotExportable(name) from None


def title_of(name: str) -> "StrOrPromise":
    """Return what is called so; the name itself where it is exported no more."""
    return _exportables[name].title if name in _exportables else name


def stem_of(name: str) -> str:
    """Return what the names of its files begin with."""
    return name.replace(":", "-")


def names() -> list[str]:
    """Return the names of all that can be exported."""
    return sorted(_exportables)


def open_to(user: User) -> list[Exportable]:
    """Return what a person may export: lists, then reports."""
    found = sorted(_exportables.values(), key=lambda one: (":" in one.name, one.name))
    return [exportable for exportable in found if user.has_perms(exportable.permissions)]


def write(
    exportable: Exportable,
    format: str,
    filters: Filters,
    file: IO[bytes],
    *,
    by: User,
    at: datetime,
    watch: Watch = iter,
) -> None:
    """Write an export into a file; the rows of the list, or of the first table, pass through `watch`."""
    if format == "json":
        file.writelines(exportable.json(filters, by=by, at=at, watch=watch))
        return
    document = exportable.document(filters, by=by, at=at)
    first, *others = document.tables
    watched = replace(document, tables=[replace(first, rows=watch(first.rows)), *others])
    files.write(watched, format, file)


def taken_away(exportable: Exportable, format: str, filters: Filters, *, by: User) -> None:
    """Record in the audit trail that somebody takes a list away."""
    asked = {"what": exportable.name, "format": format, **filters}
    changes = {name: ["", value] for name, value in asked.items()}
    audit.accessed(by, event="exported", actor=by, changes=changes)


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all statements of the block see the books as they stood at its first one."""
    if connection.in_atomic_block:
        yield
        return
    site.current()  # made on first use: inside, one that another session made would not be seen
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def in_words(filters: Filters) -> Iterable[tuple[str, str]]:
    """Return what was asked for as label and text, for the head of a file."""
    named = {
        "q": _("Search"),
        "ordering": _("Sorted by"),
        "category": _("Category"),
        "location": _("Location"),
        "supplier": _("Supplier"),
        "status": _("Status"),
        "country": _("Country"),
        "created_by": _("Made by"),
    }
    return [
        (named.get(name) or name.replace("_", " ").capitalize(), value)
        for name, value in filters.items()
        if value
    ]
