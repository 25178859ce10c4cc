"""`python -m ipms.embedded.web HOST PORT`: Granian, with the application loaded once for all workers.

The workers are forks of a process that has everything loaded: a start costs one import instead of one
for each worker, and they share its memory.
"""

import gc
import os
import signal
import sys

from django.db import connections
from django.urls import get_resolver
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

import ipms.wsgi  # noqa: F401 - loads Django and its apps
from ipms.embedded.processes import die_with_parent

WORKERS = 2
THREADS_PER_WORKER = 4


def main() -> None:
    """Serve until SIGTERM."""
    host, port = sys.argv[1:]
    preload()
    # Workers would outlive a master that was killed, and keep the port taken.
    os.register_at_fork(after_in_child=lambda: die_with_parent(signal.SIGKILL))
    Granian(
        "ipms.wsgi:application",
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        websockets=False,
        workers=WORKERS,
        blocking_threads=THREADS_PER_WORKER,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
    ).serve()


def preload() -> None:
    """Load what Django leaves to the first request; no connection may be shared by a fork."""
    _ = get_resolver().url_patterns
    connections.close_all()
    gc.freeze()


if __name__ == "__main__":
    main()
