"""The web server: Granian, with the application loaded once for all its workers.

The workers are forks of a process that has everything loaded: a start costs one import instead of one for
each worker, and they share its memory. `python -m ipms.serve.web SOCKET READY` is started by the keeper with
the descriptors of the socket and of the pipe on which it says that it serves.
"""

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.net import SocketHolder
from granian.server.mp import MPServer

from ipms import environment, shared_counts
from ipms.embedded.processes import die_with_parent
from ipms.serve.keeper import LAST_ANSWERS, READY
from ipms.serve.listening import BACKLOG

#: Set in a web server that is about to end.
_farewell = threading.Event()


def main() -> None:
    """Serve until SIGTERM, then answer what was taken."""
    listening, ready = (int(argument) for argument in sys.argv[1:])
    die_with_parent(signal.SIGTERM)
    serve(listening, tell_ready=lambda: os.write(ready, READY))


def serve(listening: int, *, tell_ready: Callable[[], Any] = lambda: None) -> None:
    """Serve at a listening socket, given by its descriptor."""
    count_together()
    preload()
    from django.conf import settings

    # Workers would outlive a master that was killed, and keep the socket.
    os.register_at_fork(after_in_child=lambda: die_with_parent(signal.SIGKILL))
    server = _Server(
        listening,
        tell_ready,
        workers=settings.WEB_WORKERS,
        blocking_threads=settings.WEB_THREADS,
        workers_kill_timeout=settings.WEB_GRACE_SECONDS,
        log_dictconfig=settings.LOGGING,
    )
    signal.signal(LAST_ANSWERS, server.close_after_answers)
    server.serve(target_loader=_load, wrap_loader=False)


class _Server(MPServer):
    """Granian, on a socket that is there already.

    Left alone, it opens a socket for each worker, and what waits in that of a worker that ends is reset.
    """

    def __init__(self, listening: int, tell_ready: Callable[[], Any], **options: Any) -> None:
        super().__init__(
            "ipms.wsgi:application",
            interface=Interfaces.WSGI,
            websockets=False,
            respawn_failed_workers=True,
            log_level=LogLevels.warning,
            **options,
        )
        self._listening = listening
        self._tell_ready = tell_ready
        self._master = os.getpid()

    def close_after_answers(self, number: int, frame: FrameType | None) -> None:
        """Let clients that keep their connection open leave with their next answer, and go to a successor.

        Else the end would close such a connection in the very moment in which its client asks again.
        """
        _farewell.set()
        if os.getpid() == self._master:
            for worker in self.wrks:
                with suppress(ProcessLookupError):
                    os.kill(worker._id(), number)

    def _init_shared_socket(self) -> None:
        self._ssp = None
        holder: Any = SocketHolder  # its stub says nothing of arguments
        self._shd = holder(self._listening, False, BACKLOG)
        self._sfd: Any = self._listening
        self._sso = socket.socket(fileno=self._listening)
        self._sso.set_inheritable(True)

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        super()._spawn_workers(spawn_target, target_loader)
        self._tell_ready()


def _load() -> Callable[..., Iterable[bytes]]:
    from ipms.wsgi import application

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if _farewell.is_set():
                headers = [*headers, ("Connection", "close")]
            return start_response(status, headers, *rest)

        return application(environ, start)

    return answer


def count_together() -> None:
    """Let all processes of this machine add up their figures for /metrics."""
    var = Path(os.environ.get("IPMS_VAR") or environment.PROJECT / "var")
    shared_counts.prepare(Path(os.environ.get(shared_counts.VARIABLE) or var / "metrics"))


def preload() -> None:
    """Load what Django leaves to the first request; no connection may be shared by a fork."""
    from django.db import connections
    from django.urls import get_resolver

    import ipms.wsgi  # noqa: F401 - loads Django and its apps

    _ = get_resolver().url_patterns
    connections.close_all()
    gc.freeze()


if __name__ == "__main__":
    main()
