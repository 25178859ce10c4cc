"""Keep a few processes running until one is told to end: restart what dies, end all of it cleanly."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from ipms.embedded import processes
from ipms.embedded.errors import EmbeddedError

#: So many ends within so many seconds are no accident.
_DEATHS_ALLOWED = 4
_DEATHS_SECONDS = 60
_PAUSE_SECONDS = 0.1


@dataclass
class Child:
    """One process of the application, restarted when it ends by itself."""

    name: str
    argv: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=_DEATHS_ALLOWED))

    def is_failing(self) -> bool:
        """Note one more end, and tell whether they come too often."""
        self.deaths.append(time.monotonic())
        return len(self.deaths) == _DEATHS_ALLOWED and self.deaths[-1] - self.deaths[0] < _DEATHS_SECONDS


class Supervisor:
    """Runs children in `folder` until Ctrl-C or SIGTERM."""

    def __init__(self, *, folder: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._folder = folder
        self._environment = environment
        self._say = say
        self._children: list[Child] = []
        self.is_ending = False

    def listen_to_signals(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal as the wish to end; a second one ends at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end_asked)

    def start(self, name: str, argv: Sequence[str]) -> None:
        """Start a child and keep it running from now on."""
        child = Child(name, argv)
        self._children.append(child)
        self._spawn(child)

    def wait_until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Tend the children until `condition` holds, the end is asked for, or the time is over."""
        end = time.monotonic() + seconds
        while not self.is_ending and time.monotonic() < end:
            if condition():
                return True
            self._tend()
            time.sleep(_PAUSE_SECONDS)
        return False

    def run(self) -> None:
        """Tend the children until the end is asked for.

        Raises `EmbeddedError` where one cannot be kept alive.
        """
        self.wait_until(lambda: False, seconds=float("inf"))

    def stop(self, *, grace_seconds: float = 15) -> None:
        """End every child: politely, all at once, then by force."""
        self.is_ending = True
        for child in self._children:
            self._signal(child, signal.SIGTERM)
        deadline = time.monotonic() + grace_seconds
        for child in self._children:
            if child.process:
                try:
                    child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    self._say(f"{child.name} does not end; it is killed.")
                self._kill_group(child)
                child.process.wait()

    def _spawn(self, child: Child) -> None:
        child.process = processes.spawn(
            child.argv,
            folder=self._folder,
            environment=self._environment,
            signal_at_launcher_death=signal.SIGTERM,
        )

    def _tend(self) -> None:
        for child in self._children:
            code = child.process.poll() if child.process else None
            if code is None:
                continue
            self._kill_group(child)
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            if child.is_failing():
                raise EmbeddedError(
                    f"{child.name} {how} again and again: see its messages above. Everything is stopped."
                )
            self._say(f"{child.name} {how}; it is started again.")
            self._spawn(child)

    def _end_asked(self, number: int, frame: FrameType | None) -> None:
        if self.is_ending:
            for child in self._children:
                self._kill_group(child)
        self.is_ending = True

    @staticmethod
    def _signal(child: Child, number: signal.Signals) -> None:
        if child.process and child.process.poll() is None:
            child.process.send_signal(number)

    @staticmethod
    def _kill_group(child: Child) -> None:
        """Kill what is left of a child and its own children; each child leads a process group."""
        if child.process:
            with suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
