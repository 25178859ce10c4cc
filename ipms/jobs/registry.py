"""Which jobs there are, and when each is due as long as the site does not say otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from ipms.errors import DomainError

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from ipms.jobs.running import Run

    Body = Callable[[Run], str]


class UnknownJob(DomainError):
    """There is no job of this name; details name those that there are."""

    code = "NOT_FOUND"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a job is due: every so many seconds, or at a time of day in the site's time zone."""

    seconds: int | None = None
    at: str = ""
    #: Of the month; None is each day.
    day: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is None:
            hour, minute = self.at.split(":")
            if not (0 <= int(hour) < 24 and 0 <= int(minute) < 60):
                raise ValueError(f"{self.at} is no time of day.")


@dataclass(frozen=True, kw_only=True)
class Job:
    """A registered job. `time_limit` is in seconds."""

    name: str
    title: "str | StrPromise"
    body: "Body"
    schedule: Schedule
    time_limit: int
    #: Only failures and the newest good run are kept.
    quiet: bool


_jobs: dict[str, Job] = {}


def every(*, seconds: int) -> Schedule:
    return Schedule(seconds=seconds)


def daily(at: str) -> Schedule:
    """Each day at a time such as "06:00"."""
    return Schedule(at=at)


def monthly(*, day: int, at: str) -> Schedule:
    """On a day of each month, 28 at most so that no month lacks it."""
    if not 1 <= day <= 28:
        raise ValueError("Choose a day from 1 to 28.")
    return Schedule(day=day, at=at)


def job(
    name: str,
    *,
    title: "str | StrPromise",
    schedule: Schedule,
    time_limit: int = 300,
    quiet: bool = False,
) -> "Callable[[Body], Body]":
    """Register the decorated function of an app's tasks.py as the job `name`.

    It gets a `Run` and returns a sentence about what it did. It runs outside of a transaction, and must
    bear to be run again: its worker may be killed at any point.
    """

    def register(body: "Body") -> "Body":
        known = _jobs.get(name)
        if known and known.body.__qualname__ != body.__qualname__:
            raise ValueError(f"There are two jobs with the name {name}.")
        _jobs[name] = Job(
            name=name, title=title, body=body, schedule=schedule, time_limit=time_limit, quiet=quiet
        )
        return body

    return register


def registered() -> Mapping[str, Job]:
    """Return every job of every installed app, by its name."""
    autodiscover_modules("tasks")
    return dict(sorted(_jobs.items()))


def find(name: str) -> Job:
    """Raises `UnknownJob`."""
    known: Any = registered()
    if name not in known:
        names = ", ".join(known)
        raise UnknownJob(
            _("There is no job “%(name)s”. There are: %(names)s.") % {"name": name, "names": names},
            known=names,
        )
    return known[name]
