"""The socket that the web server listens at: made here, or handed over by systemd."""

import os
import socket
from collections.abc import Mapping

BACKLOG = 1024
#: By systemd's convention the first descriptor that is handed over.
_FIRST_HANDED_OVER = 3


class CannotListen(Exception):
    """Told in one sentence."""


def listen(environment: Mapping[str, str]) -> socket.socket:
    """Return a listening socket, inherited by the children that are given it.

    It stays the same while processes behind it come and go: a connection that nobody has taken yet waits in
    it and is not lost. Raises `CannotListen`.
    """
    if environment.get("LISTEN_PID") == str(os.getpid()) and environment.get("LISTEN_FDS", "0") != "0":
        return _without_delay(socket.socket(fileno=_FIRST_HANDED_OVER))
    host, port = environment.get("HOST") or "127.0.0.1", environment.get("PORT") or "5000"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise CannotListen(f"PORT is '{port}': it must be a number from 1 to 65535.")
    try:
        family, _kind, _protocol, _name, address = socket.getaddrinfo(
            host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        raise CannotListen(f"IPMS cannot listen at {host} port {port}: {error.strerror}.") from error
    return _without_delay(listening)


def _without_delay(listening: socket.socket) -> socket.socket:
    """Let the connections of a socket, which inherit it, send the body of an answer at once.

    Head and body are written one after the other: the body would wait for the client to acknowledge the
    head, which clients put off by 40 ms.
    """
    if listening.family in (socket.AF_INET, socket.AF_INET6):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def notify(environment: Mapping[str, str], state: str) -> None:
    """Tell systemd of a change of state (`READY=1`), where it started us."""
    if not (place := environment.get("NOTIFY_SOCKET")):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.connect(place.replace("@", "\0", 1) if place.startswith("@") else place)
        told.sendall(state.encode())
