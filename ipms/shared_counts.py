"""Counters that several processes add up: a file for each process that counts, in one folder.

`prometheus_client` names such a file after the process number, so that each worker that ever ran leaves one
behind. Here a process takes the first free *slot* instead, which the kernel frees when the process is gone,
even by kill -9; its successor goes on in the same file. So there are never more files than processes, and no
counter ever falls while the site runs.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

#: Where the library looks for the folder.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

_GUARD = "guard"


@dataclass(frozen=True)
class _Held:
    pid: int
    slot: int
    lock: IO[str] | None


_held = _Held(pid=0, slot=0, lock=None)
_guard: IO[str] | None = None
_taking = threading.Lock()


def prepare(folder: Path) -> None:
    """Let this process and what it starts count in `folder`; old figures go unless somebody still counts.

    Called before Django is loaded. Figures are not kept over a restart of everything: after a power cut a
    file may be torn, and another version of the code may mean something else by a name.
    """
    global _guard
    folder.mkdir(parents=True, exist_ok=True)
    _guard = (folder / _GUARD).open("a")
    if _lock(_guard, fcntl.LOCK_EX):
        for file in folder.glob("*.db"):
            file.unlink(missing_ok=True)
    fcntl.flock(_guard, fcntl.LOCK_SH)
    os.environ[VARIABLE] = str(folder)


def slot() -> int:
    """Return the number under which this process counts; it is its own until it ends."""
    global _held
    pid = os.getpid()
    if _held.pid != pid:
        with _taking:
            if _held.pid != pid:
                if _held.lock:  # the parent's, which a fork has copied
                    _held.lock.close()
                _held = _take(pid)
    return _held.slot


def processes(folder: Path) -> Iterator[tuple[int, int]]:
    """Yield (slot, process number) of all that count in `folder` now."""
    for file in sorted(folder.glob("slot-*")):
        with file.open("r+") as lock:
            if not _lock(lock, fcntl.LOCK_EX) and (pid := lock.read()).isdigit():
                yield int(file.name.removeprefix("slot-")), int(pid)


def _take(pid: int) -> _Held:
    folder = Path(os.environ[VARIABLE])
    number = 0
    while True:
        lock = (folder / f"slot-{number}").open("a+")
        if _lock(lock, fcntl.LOCK_EX):
            lock.truncate(0)
            lock.write(str(pid))
            lock.flush()
            return _Held(pid=pid, slot=number, lock=lock)
        lock.close()
        number += 1


def _lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
