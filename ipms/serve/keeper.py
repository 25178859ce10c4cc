"""Keep the web server running behind one socket, and replace it without losing a request.

The keeper holds the listening socket and loads nothing of the application. The web server is its child and
takes connections from that socket. At SIGHUP the keeper starts a second one, which loads whatever code and
packages are there by now; once that one serves, the first closes its connections one by one after an answer,
and ends. If the second cannot start, the first goes on.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

from ipms.serve import listening

#: The web server has loaded everything and serves.
READY = b"1"
#: Asks a web server to close each connection after its next answer.
LAST_ANSWERS = signal.SIGUSR1
_FAREWELL_SECONDS = 3
#: The same before the end, where somebody waits for it.
_LAST_FAREWELL_SECONDS = 1
_START_SECONDS = 120
_PAUSE_SECONDS = 0.1
#: What a web server gets beyond its own grace before it is killed.
_PATIENCE_SECONDS = 15


@dataclass
class Generation:
    """One web server with its workers, and the pipe through which it says that it serves."""

    process: subprocess.Popen[bytes]
    ready: int

    def is_ready(self) -> bool | None:
        """Tell whether it serves; None where it does not say yet."""
        if not select.select([self.ready], [], [], _PAUSE_SECONDS)[0]:
            return None
        return os.read(self.ready, 1) == READY

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()


class Keeper:
    """Runs one generation after the other until SIGTERM."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._socket = listening.listen(environment)
        self._grace = int(environment.get("WEB_GRACE_SECONDS") or 30) + _PATIENCE_SECONDS
        self._is_ending = False
        self._wants_another = False
        self._leaving: list[tuple[Generation, float]] = []

    def run(self) -> int:
        """Serve; return the code to end with."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end_asked)
        signal.signal(signal.SIGHUP, self._another_asked)
        current = self._start()
        if current is None:
            return 1
        listening.notify(self._environment, "READY=1")
        while not self._is_ending:
            if current.process.poll() is not None:
                say(f"The web server ended with code {current.process.returncode}.")
                return 1
            if self._wants_another:
                current = self._replace(current)
            self._reap()
            time.sleep(_PAUSE_SECONDS)
        listening.notify(self._environment, "STOPPING=1")
        self._say_farewell(current, seconds=_LAST_FAREWELL_SECONDS)
        # Who comes from now on is refused at once and may try again; in the queue he would wait in vain.
        self._socket.close()
        self._leave(current)
        while self._leaving:
            self._reap()
            time.sleep(_PAUSE_SECONDS)
        return 0

    def _replace(self, current: Generation) -> Generation:
        self._wants_another = False
        listening.notify(self._environment, "RELOADING=1")
        successor = self._start()
        if successor is None:
            if not self._is_ending:
                say("The new web server did not start: the old one goes on.")
        else:
            self._say_farewell(current, seconds=_FAREWELL_SECONDS)
            self._leave(current)
        listening.notify(self._environment, "READY=1")
        return successor or current

    def _start(self) -> Generation | None:
        """Start a generation and wait until it serves; None where it does not, or the end is asked for."""
        ready, told = os.pipe()
        command = [sys.executable, "-m", "ipms.serve.web", str(self._socket.fileno()), str(told)]
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, env=dict(self._environment), pass_fds=(self._socket.fileno(), told)
        )
        os.close(told)
        started = Generation(process, ready)
        deadline = time.monotonic() + _START_SECONDS
        answer = None
        while answer is None and not self._is_ending and time.monotonic() < deadline:
            answer = started.is_ready()
        os.close(ready)
        if answer:
            return started
        self._leave(started)
        while self._is_ending is False and process.poll() is None:
            self._reap()
            time.sleep(_PAUSE_SECONDS)
        return None

    @staticmethod
    def _say_farewell(generation: Generation, *, seconds: float) -> None:
        if generation.process.poll() is None:
            generation.process.send_signal(LAST_ANSWERS)
            time.sleep(seconds)

    def _leave(self, generation: Generation) -> None:
        generation.end()
        self._leaving.append((generation, time.monotonic() + self._grace))

    def _reap(self) -> None:
        for generation, deadline in list(self._leaving):
            if generation.process.poll() is None and time.monotonic() > deadline:
                generation.process.kill()
            if generation.process.poll() is not None:
                self._leaving.remove((generation, deadline))

    def _end_asked(self, number: int, frame: FrameType | None) -> None:
        self._is_ending = True

    def _another_asked(self, number: int, frame: FrameType | None) -> None:
        self._wants_another = True


def say(sentence: str) -> None:
    """Print one line for whoever keeps the log."""
    with suppress(OSError):
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201
