"""Start a process the way the launcher needs it: as another user, in its own session, never orphaned."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from ipms.embedded.errors import EmbeddedError
from ipms.embedded.paths import ServerUser

_LOG_LIMIT_BYTES = 10 * 1024 * 1024
_PR_SET_PDEATHSIG = 1


def server_environment() -> dict[str, str]:
    """Return what a server may know of the environment: no PG* setting, no secret of the application."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def spawn(
    argv: Sequence[str | Path],
    *,
    log: IO[bytes] | None = None,
    user: ServerUser | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | str = "/",
    signal_at_launcher_death: signal.Signals | None = None,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a session of its own, so that Ctrl-C in the terminal reaches the launcher alone.

    `signal_at_launcher_death` is what the kernel sends to the process when the calling thread dies,
    even by kill -9; only Linux can.
    """
    try:
        return subprocess.Popen(  # noqa: S603 - our own programs, no shell
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            cwd=folder,
            env=environment,
            start_new_session=True,
            preexec_fn=_at_launcher_death(signal_at_launcher_death),
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
    except OSError as error:
        raise EmbeddedError(f"{argv[0]} cannot be started: {error.strerror}.") from error


def run(
    argv: Sequence[str | Path], *, user: ServerUser | None, typed: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run a server's program to its end, with `typed` as its input, and return what it wrote."""
    try:
        return subprocess.run(  # noqa: S603 - our own programs, no shell
            [str(part) for part in argv],
            input=typed,
            capture_output=True,
            check=False,
            cwd="/",
            env=server_environment(),
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
    except OSError as error:
        raise EmbeddedError(f"{argv[0]} cannot be started: {error.strerror}.") from error


def _at_launcher_death(sent: signal.Signals | None) -> Callable[[], None] | None:
    # Loaded here, because a process just forked should do as little as possible.
    libc = _libc()
    return (lambda: libc.prctl(_PR_SET_PDEATHSIG, sent)) if libc and sent else None


def die_with_parent(sent: signal.Signals) -> None:
    """Have the kernel send `sent` to this process when its parent dies, even by kill -9; only Linux can."""
    if libc := _libc():
        libc.prctl(_PR_SET_PDEATHSIG, sent)


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


def open_log(path: Path) -> IO[bytes]:
    """Open a log to append to; one that has grown large becomes `<name>.1` first."""
    try:
        if path.exists() and path.stat().st_size > _LOG_LIMIT_BYTES:
            path.replace(path.with_name(path.name + ".1"))
        return path.open("ab")
    except OSError as error:
        raise EmbeddedError(f"The log {path} cannot be written: {error.strerror}.") from error


def command_line(pid: int) -> str:
    """Return the command line of a process, or nothing when it is gone or only waits to be reaped."""
    if sys.platform == "linux":
        try:
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
                .strip()
            )
        except OSError:
            return ""
    asked = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return asked.stdout.strip()


def processes_in(folder: Path) -> list[int]:
    """Return the processes whose working folder is `folder`; only Linux tells."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            inside = os.readlink(entry) == str(folder)
        except OSError:  # ended meanwhile, or somebody else's
            continue
        if inside:
            found.append(int(entry.parent.name))
    return found


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait for `condition`, asking often at first; tell whether it came true in time."""
    end = time.monotonic() + seconds
    pause = 0.005
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
    return True
