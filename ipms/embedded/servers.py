"""Both servers of one folder, shared by every command that needs them.

Each user of the servers holds a shared lock while it needs them. Who comes first starts them, who comes
later finds them answering, and who leaves last stops them. The kernel drops the lock of a killed user, so
nothing has to be cleaned up: servers that nobody holds any more are simply taken over by the next.
"""

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from ipms.embedded import paths, postgres, processes, valkey
from ipms.embedded.addresses import Urls, urls
from ipms.embedded.errors import EmbeddedError

if sys.platform != "win32":
    import fcntl

_TURN_SECONDS = 120


@dataclass
class Servers:
    """What a user of the servers holds until `stop()`."""

    urls: Urls
    place: paths.Layout
    _use: IO[bytes]
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def stop(self) -> None:
        """Let go; the last user to do so ends the servers, with everything written. May be called twice."""
        if self._use.closed:
            return
        with _turn(self.place):
            fcntl.flock(self._use, fcntl.LOCK_UN)
            with _lock_file(self.place, "users.lock") as others, self._use:
                if _try_lock(others):
                    valkey.stop(self.place)
                    postgres.stop(self.place)
                    for server in self._started:
                        server.wait()


def start(
    var: Path,
    *,
    durable: bool = True,
    want_postgres: bool = True,
    want_redis: bool = True,
    say: Callable[[str], None] = lambda sentence: None,
) -> Servers:
    """Have the servers of `var` run: use those that answer, start what is missing.

    `say` hears what takes long. With `durable` off the data is worth nothing after a crash and the
    servers die with the calling process. Raises `EmbeddedError`, and has then started nothing.
    """
    if sys.platform == "win32":
        raise EmbeddedError("The embedded servers need Linux or macOS: set DATABASE_URL and REDIS_URL.")
    place = paths.layout(var)
    paths.make_folders(place)
    with _turn(place):
        use = _lock_file(place, "users.lock")
        fcntl.flock(use, fcntl.LOCK_SH)
        servers = Servers(urls(var), place, use)
        try:
            if want_postgres and not postgres.answers(place):
                server = postgres.start(place, durable=durable, say=say)
                servers._started += [server] if server else []
            if want_redis and servers.urls.redis and not valkey.answers(place):
                servers._started.append(valkey.start(place, durable=durable))
        except BaseException:
            _abandon(servers)
            raise
    return servers


def ensure_running(
    var: Path,
    *,
    want_postgres: bool = True,
    want_redis: bool = True,
) -> Servers:
    """Have the servers of `var` run until this process ends, be it by SIGTERM. Call it in the main thread."""
    servers = start(
        var,
        want_postgres=want_postgres,
        want_redis=want_redis,
        say=lambda sentence: print(sentence, file=sys.stderr),  # noqa: T201
    )
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    owner = os.getpid()
    atexit.register(lambda: servers.stop() if os.getpid() == owner else None)
    return servers


@contextmanager
def _turn(place: paths.Layout) -> Iterator[None]:
    """Let one process at a time decide whether to start or to stop."""
    with _lock_file(place, "start.lock") as lock:
        if not processes.wait_until(lambda: _try_lock(lock), seconds=_TURN_SECONDS):
            raise EmbeddedError(
                f"Another process starts or stops the servers of {place.var} and does not finish."
            )
        yield


def _lock_file(place: paths.Layout, name: str) -> IO[bytes]:
    try:
        return (place.var / name).open("ab")
    except OSError as error:
        raise EmbeddedError(
            f"{place.var / name} cannot be opened ({error.strerror}): "
            "start IPMS as the user that made this folder, or set IPMS_VAR to another one."
        ) from error


def _try_lock(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _abandon(servers: Servers) -> None:
    """End what this process began, after a start that failed halfway."""
    for server in servers._started:
        server.send_signal(signal.SIGINT)
        server.wait()
    servers._use.close()
