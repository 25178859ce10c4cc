"""What the health page says: each part of the site in a sentence that its owner understands.

An app adds a finding in a module `health` that its `ready()` imports:

    @findings.finding(order=60)
    def backup() -> Finding: ...

Each costs one or two cheap queries.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from django.core.cache import cache
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ipms.models import JobRun, JobStatus

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

State = Literal["good", "warn", "bad"]
WORST_FIRST: Sequence[State] = ("bad", "warn", "good")
_SUMMARY_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Finding:
    """How one part is. `means` says what that is to people, `do` what helps where something is wrong."""

    title: "StrOrPromise"
    state: State
    value: str
    means: str
    do: str = ""


_registered: list[tuple[int, Callable[[], Finding]]] = []


def finding(*, order: int) -> Callable[[Callable[[], Finding]], Callable[[], Finding]]:
    """Put what the decorated function finds on the health page; the lowest order first."""

    def decorate(function: Callable[[], Finding]) -> Callable[[], Finding]:
        _registered.append((order, function))
        _registered.sort(key=lambda entry: entry[0])
        return function

    return decorate


def all_findings() -> list[Finding]:
    """Look at every part now; the worst comes first."""
    return sorted((find() for _order, find in _registered), key=lambda each: WORST_FIRST.index(each.state))


def summary() -> list[Finding]:
    """Return what `all_findings` found; at most half a minute old."""
    key = f"health-findings:{get_language()}"
    found: list[Finding] | None = cache.get(key)
    if found is None:
        found = all_findings()
        cache.set(key, found, timeout=_SUMMARY_SECONDS)
    return found


def troubles() -> list[Finding]:
    """Return what is not good; at most half a minute old."""
    return [each for each in summary() if each.state != "good"]


def of_daily_job(name: str, *, title: "StrOrPromise", means: str, missed: str, do: str) -> Finding:
    """Return how a job is that should go well once a day.

    `means` says what a good run proves, `missed` what it is to people when there is none.
    """
    newest = JobRun.objects.newest_ended().filter(name=name).first()
    good = JobRun.objects.filter(name=name, status=JobStatus.DONE).order_by("-id").first()
    if good is None:
        failed = newest is not None
        value = _("Failed: it has never gone well") if failed else _("Never so far")
        return Finding(title=title, state="bad" if failed else "warn", value=value, means=missed, do=do)
    ended = good.ended_at or good.started_at
    since = timezone.now() - ended
    value = _("%(time)s ago") % {"time": timesince(ended, depth=1)}
    if newest is not None and newest.pk != good.pk:
        value = _("The last attempt failed; it went well %(time)s ago") % {"time": timesince(ended, depth=1)}
        return Finding(title=title, state="bad", value=value, means=missed, do=do)
    if since > timedelta(hours=72):
        return Finding(title=title, state="bad", value=value, means=missed, do=do)
    if since > timedelta(hours=30):
        return Finding(title=title, state="warn", value=value, means=missed, do=do)
    return Finding(title=title, state="good", value=value, means=f"{means} {good.result}".strip())
