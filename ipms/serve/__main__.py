"""`python -m ipms.serve web | worker | beat`."""

import os
import sys
from collections.abc import Callable

import environ

from ipms import environment
from ipms.serve.keeper import Keeper
from ipms.serve.listening import CannotListen

_CELERY = ("-m", "celery", "-A", "ipms", "--quiet")


def web() -> None:
    """Serve HTTP at HOST and PORT: SIGHUP replaces the code without losing a request, SIGTERM ends it."""
    try:
        sys.exit(Keeper(os.environ).run())
    except CannotListen as error:
        sys.exit(str(error))


def worker() -> None:
    """Carry out tasks; at SIGTERM those that are begun are ended first."""
    _become(*_CELERY, "worker", "--without-gossip", "--without-mingle")


def beat() -> None:
    """Hand out scheduled tasks; two of them do no harm."""
    # A file with the process number would be found by the next container, where the number is the same.
    _become(*_CELERY, "beat", "--pidfile=")


_PARTS: dict[str, Callable[[], None]] = {"web": web, "worker": worker, "beat": beat}


def _become(*arguments: str) -> None:
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - our own program


def main() -> None:
    """Run one part."""
    if len(sys.argv) != 2 or sys.argv[1] not in _PARTS:
        sys.exit(f"Say which part: python -m ipms.serve {' | '.join(_PARTS)}")
    environ.Env.read_env(environment.PROJECT / ".env")
    _PARTS[sys.argv[1]]()


if __name__ == "__main__":
    main()
