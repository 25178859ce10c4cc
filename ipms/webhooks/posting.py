"""One HTTP request to an address that somebody typed: never into the own network, never longer than it may.

The name is resolved here and the connection goes to the very address that was checked, so that a name which
answers differently a moment later leads nowhere. Redirects are not followed.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from ipms.errors import DomainError

#: So much of an answer is read and kept.
_LONGEST_ANSWER = 2000
_PORTS = {"http": 80, "https": 443}
#: IPv6 addresses that lead to an IPv4 one by a gateway (RFC 6052, RFC 8215).
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


class BadAddress(DomainError):
    """Nothing is ever sent to this address."""

    code = "VALIDATION_ERROR"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. `status` is None where nothing did: `error` says why."""

    status: int | None = None
    body: str = ""
    error: str = ""
    duration_ms: int = 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def check_url(url: str) -> SplitResult:
    """Return the parts of a URL that may be posted to, as far as can be said without asking for its host.

    Raises `BadAddress`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress(_("This is not a web address.")) from error
    if parts.scheme not in _PORTS:
        raise BadAddress(_("The address must begin with https:// or http://."))
    if not parts.hostname or port == 0 or not url.isascii() or not url.isprintable() or " " in url:
        raise BadAddress(_("This is not a web address."))
    if parts.username or parts.password:
        raise BadAddress(_("Put names and passwords into the headers, not into the address."))
    with suppress(ValueError):
        _require_public(parts.hostname, ip_address(parts.hostname))
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout: float) -> Answer:
    """Post a body and return the answer, after `timeout` seconds at the latest but for the name's look-up."""
    started = time.monotonic()
    status, text, problem = None, "", ""
    try:
        status, text = _post(url, body, headers, started + timeout)
    except TimeoutError:
        problem = _("No answer within %(seconds)g seconds.") % {"seconds": timeout}
    except ssl.SSLCertVerificationError as error:
        problem = _("Its certificate is not valid: %(why)s.") % {"why": error.verify_message}
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        problem = _("No connection: %(why)s.") % {"why": str(error) or type(error).__name__}
    except BadAddress as error:
        problem = str(error)
    duration = round((time.monotonic() - started) * 1000)
    return Answer(status=status, body=text, error=problem, duration_ms=duration)


def _post(url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> tuple[int, str]:
    parts = check_url(url)
    connection = _Connection(parts, deadline)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {**headers, "Connection": "close"})
        response = connection.getresponse()
        answer = b""
        # What it says beside its status is for the log: a body that never ends changes nothing.
        with suppress(OSError, http.client.HTTPException):
            answer = response.read(4 * _LONGEST_ANSWER)
        return response.status, answer.decode(errors="replace").replace("\x00", "")[:_LONGEST_ANSWER]
    finally:
        connection.hang_up()


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was checked, all of whose steps share one deadline."""

    def __init__(self, parts: SplitResult, deadline: float) -> None:
        self._parts, self._deadline = parts, deadline
        self._opened: socket.socket | None = None
        port = parts.port or _PORTS[parts.scheme]
        super().__init__(str(parts.hostname), port)
        # Not named in the Host header where it is the scheme's own.
        self.default_port = _PORTS[parts.scheme]

    def connect(self) -> None:
        self._opened = self._open()
        if self._parts.scheme == "https":
            self._opened.settimeout(_left(self._deadline))
            self._opened = _tls().wrap_socket(self._opened, server_hostname=self._parts.hostname)
        self.sock = _TimedSocket(self._opened, self._deadline)

    def hang_up(self) -> None:
        self.close()
        if self._opened is not None:
            self._opened.close()

    def _open(self) -> socket.socket:
        failure: OSError | None = None
        for address in _addresses(self.host, self.port):
            try:
                return socket.create_connection((str(address), self.port), _left(self._deadline))
            except OSError as error:
                failure = error
        raise failure or OSError(_("the name has no address"))


class _TimedSocket:
    """As much of a socket as http.client asks for; each wait is as long as the deadline allows."""

    def __init__(self, opened: socket.socket, deadline: float) -> None:
        self._socket, self._deadline = opened, deadline

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(_left(self._deadline))
        self._socket.sendall(data)

    def makefile(self, *args: object, **kwargs: object) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._socket, self._deadline))

    def close(self) -> None:
        """Do nothing: http.client closes before the answer is read to its end."""


class _TimedReader(io.RawIOBase):
    def __init__(self, opened: socket.socket, deadline: float) -> None:
        self._socket, self._deadline = opened, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        self._socket.settimeout(_left(self._deadline))
        return self._socket.recv_into(buffer)


def _left(deadline: float) -> float:
    if (left := deadline - time.monotonic()) <= 0:
        raise TimeoutError
    return left


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _addresses(host: str, port: int) -> Iterator[IPv4Address | IPv6Address]:
    """Yield the addresses of a host; raises `BadAddress` where one of them is not to be connected to."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A zone (fe80::1%eth0) stands in a link-local address only.
    addresses = dict.fromkeys(ip_address(str(info[4][0]).partition("%")[0]) for info in found)
    for address in addresses:
        _require_public(host, address)
    yield from addresses


def _require_public(host: str, address: IPv4Address | IPv6Address) -> None:
    inner = _inside(address)
    is_local = inner.is_private or inner.is_loopback or inner.is_link_local
    if inner.is_multicast or inner.is_unspecified or (inner.is_reserved and not is_local):
        raise BadAddress(_("%(host)s is not an address of a machine: %(address)s.") % _named(host, address))
    if not inner.is_global and not settings.WEBHOOK_ALLOW_PRIVATE:
        raise BadAddress(
            _("%(host)s leads into a private network (%(address)s); see WEBHOOK_ALLOW_PRIVATE.")
            % _named(host, address)
        )


def _named(host: str, address: IPv4Address | IPv6Address) -> dict[str, str]:
    return {"host": host, "address": str(address)}


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if any(address in network for network in _TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
