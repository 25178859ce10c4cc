"""Who is asking, from where: kept beside the running request, job or command for audit and logs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True, kw_only=True)
class RequestContext:
    """`actor` is called when a row is written, since a token is read only after the request began."""

    actor: Callable[[], Any] = lambda: None
    ip_address: str | None = None
    user_agent: str = ""
    request_id: str = ""


_current: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)
_nobody = RequestContext()


def current() -> RequestContext:
    return _current.get() or _nobody


@contextmanager
def use(context: RequestContext) -> Iterator[None]:
    """Make `context` the current one inside the block."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def acting_as(user: Any, *, source: str = "") -> Iterator[None]:
    """Let what a job or a command changes be recorded as done by `user`; `source` names the job."""
    with use(RequestContext(actor=lambda: user, user_agent=source)):
        yield


def client_ip(request: HttpRequest) -> str | None:
    """Return the address of the client; `X-Forwarded-For` counts only behind a trusted proxy.

    The header is read from its right end: the nearest address that is not itself a trusted proxy.
    """
    address = request.META.get("REMOTE_ADDR") or None
    if not address or not is_trusted(address):
        return address
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        hop = hop.strip()
        if not hop:
            continue
        try:
            ip_address(hop)
        except ValueError:
            return address
        address = hop
        if not is_trusted(hop):
            break
    return address


@lru_cache(maxsize=8)
def _networks(names: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(name, strict=False) for name in names]


def is_trusted(address: str) -> bool:
    """Tell whether the address is one of our proxies."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))
