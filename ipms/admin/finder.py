"""Search over everything: what the field in the bar above every page finds.

An app contributes the kinds of record that it has:

    @admin.site.register_source
    class Items(Source):
        model = Item

        def named(self, text): ...      # the one whose very number was typed or scanned
        def search(self, text): ...     # what is like it
        def hit(self, item): ...        # how one reads
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst

from ipms.admin.display import change_url

#: More than this is not what people search for.
MAX_TEXT = 200


@dataclass(frozen=True, kw_only=True)
class Hit:
    """How a record reads among others: its number, what it is, and a word about its state."""

    code: str
    title: Any = ""
    note: Any = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found of one kind. `has_exact`: the first is the very record whose number was typed."""

    name: str
    label: str
    hits: list[Hit]
    has_exact: bool = False
    #: The list with all of them, where there are more.
    more_url: str = ""


class Source(ABC):
    """Records of one kind, found by those who may see them.

    Both questions are answered by an index, and asked once, for a few rows: the relations that `hit()` reads
    come with them.
    """

    model: type[Model]
    #: Lower comes first.
    order = 100

    @property
    def name(self) -> str:
        return self.model._meta.label_lower.replace(".", "-")

    @property
    def label(self) -> str:
        return str(capfirst(self.model._meta.verbose_name_plural))

    @property
    def permission(self) -> str:
        meta = self.model._meta
        return f"{meta.app_label}.view_{meta.model_name}"

    def is_visible(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.permission)

    @abstractmethod
    def named(self, text: str) -> QuerySet[Any]:
        """Return the records whose number, code or barcode is `text`, without regard to case."""

    @abstractmethod
    def search(self, text: str) -> QuerySet[Any]:
        """Return the records that are like `text`, the best first."""

    @abstractmethod
    def hit(self, obj: Any) -> Hit:
        """Return how a record reads; its address may be left out."""

    def list_url(self, text: str) -> str:
        """Return the address of the list of this kind, searched."""
        meta = self.model._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist", query={"q": text})


def typed(text: str) -> str:
    """Return what was typed or scanned without what no number has: spaces around it, NUL."""
    return text[:MAX_TEXT].replace("\x00", " ").strip()


def address_in(text: str, request: HttpRequest) -> str | None:
    """Return the page of the back office whose address was scanned from one of our papers or labels."""
    if not text.startswith(("http://", "https://")):
        return None
    hosts = {request.get_host(), urlsplit(settings.SITE_URL).netloc}
    if not url_has_allowed_host_and_scheme(text, hosts):
        return None
    path = urlsplit(text).path
    home = reverse("admin:index")
    return path if path.startswith(home) and path != home and "/." not in path else None


def only_exact(sources: Iterable[Source], request: HttpRequest, text: str) -> str | None:
    """Return the address of the record that bears this very number; None where there are more, or none."""
    addresses: list[str] = []
    for source in sources:
        if text and source.is_visible(request):
            addresses += [_hit(source, obj).url for obj in source.named(text)[:2]]
            if len(addresses) > 1:
                return None
    return addresses[0] if addresses else None


def find(sources: Iterable[Source], request: HttpRequest, text: str, *, limit: int) -> list[Found]:
    """Return what this person may see of each kind, at most `limit` of one.

    Kinds with the very number that was typed come first, and it is the first of its kind. What is found
    besides costs each kind the same few queries, however many rows there are.
    """
    if not text:
        return []
    answers = [_of(source, text, limit) for source in sources if source.is_visible(request)]
    return sorted((found for found in answers if found.hits), key=lambda found: not found.has_exact)


def _of(source: Source, text: str, limit: int) -> Found:
    exact = list(source.named(text)[:limit])
    others = source.search(text)
    if exact:
        others = others.exclude(pk__in=[obj.pk for obj in exact])
    rows = [*exact, *others[: limit + 1 - len(exact)]]
    return Found(
        name=source.name,
        label=source.label,
        hits=[_hit(source, obj) for obj in rows[:limit]],
        has_exact=bool(exact),
        more_url=source.list_url(text) if len(rows) > limit else "",
    )


def _hit(source: Source, obj: Model) -> Hit:
    hit = source.hit(obj)
    return Hit(code=hit.code, title=hit.title, note=hit.note, url=hit.url or change_url(obj) or "")
