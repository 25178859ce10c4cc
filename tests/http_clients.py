"""Clients of a running server: one to talk with, many in processes of their own to press it.

Only the standard library, and no import of the project: such a process starts in a twentieth of a second.
"""

import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

_TIMEOUT_SECONDS = 60


class NoAnswer(Exception):
    """The server was not there, or went away before it answered."""


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def data(self) -> Any:
        return json.loads(self.body)["data"]

    @property
    def code(self) -> str:
        """The code of an error, nothing where there is none."""
        return json.loads(self.body).get("code", "") if self.status >= 400 else ""

    @property
    def is_replayed(self) -> bool:
        return self.headers.get("Idempotency-Replayed") == "true"


class Client:
    """One connection, kept open and made again when it breaks."""

    def __init__(self, port: int, *, token: str = "") -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def connect(self) -> None:
        """Open the connection ahead of the first request."""
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self, method: str, path: str, body: Any = None, *, key: str = "") -> Reply:
        """Ask once. Raises `NoAnswer`."""
        try:
            self._send(method, path, body, key)
            response = self._connection.getresponse()
            return Reply(response.status, response.read(), response.headers)
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise NoAnswer(str(error)) from error

    def send_and_hang_up(self, method: str, path: str, body: Any = None, *, key: str = "") -> None:
        """Ask, and be gone before the answer comes; a server that is not there does not matter either."""
        with suppress(OSError, HTTPException):
            self._send(method, path, body, key)
        self._connection.close()

    def _send(self, method: str, path: str, body: Any, key: str) -> None:
        headers = dict(self._headers)
        if key:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._connection.sock is None:
            self.connect()
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)

    def get(self, path: str) -> Any:
        """Return the data of a page that is there."""
        return self._granted(self.request("GET", path))

    def post(self, path: str, body: Any, *, key: str = "") -> Any:
        """Return the data of the answer to something that is granted."""
        return self._granted(self.request("POST", path, body, key=key))

    @staticmethod
    def _granted(reply: Reply) -> Any:
        if reply.status not in (200, 201):
            raise AssertionError(f"{reply.status}: {reply.body.decode()[:500]}")
        return reply.data


@dataclass(frozen=True, kw_only=True)
class Pressure:
    """What one client does: the same request again and again, to each path in turn, in a closed loop.

    It ends after so many `requests`, or without them after so many `seconds`. With `keyed` each request
    carries an Idempotency-Key of its own.
    """

    port: int
    token: str
    method: str = "GET"
    paths: Sequence[str]
    body: Any = None
    keyed: bool = False
    requests: int = 0
    seconds: float = 0


@dataclass
class Outcome:
    """What clients met with: answers by status and code, seconds until each, seconds of the whole."""

    answers: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0


def press(pressures: Sequence[Pressure]) -> Outcome:
    """Run a client for each pressure, in processes of their own; all begin when the last is connected."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-S", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _pressure in pressures
    ]
    outcome = Outcome()
    try:
        for number, (process, pressure) in enumerate(zip(processes, pressures, strict=True)):
            process.stdin.write(json.dumps({"number": number, **asdict(pressure)}) + "\n")
            process.stdin.flush()
        for process in processes:
            if process.stdout.readline() != "ready\n":
                raise NoAnswer("A client could not connect: see its message above.")
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            report = json.loads(process.stdout.readline())
            outcome.answers.update(report["answers"])
            outcome.latencies += report["latencies"]
            outcome.seconds = max(outcome.seconds, report["seconds"])
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
    return outcome


def _work(number: int, task: Pressure) -> dict[str, Any]:
    client = Client(task.port, token=task.token)
    client.connect()
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    answers: Counter[str] = Counter()
    latencies = []
    began = time.perf_counter()
    prefix = f"{time.time_ns():x}-{number}"
    while len(latencies) < task.requests if task.requests else time.perf_counter() - began < task.seconds:
        turn = len(latencies)
        # Clients begin apart from each other, so that they do not meet at the same path each time.
        path = task.paths[(turn + number * 61) % len(task.paths)]
        asked = time.perf_counter()
        reply = client.request(task.method, path, task.body, key=f"{prefix}-{turn}" if task.keyed else "")
        latencies.append(time.perf_counter() - asked)
        answers[f"{reply.status} {reply.code}".strip()] += 1
    return {"answers": answers, "latencies": latencies, "seconds": time.perf_counter() - began}


def main() -> None:
    """Read one task from the standard input, and write what it met with."""
    task = json.loads(sys.stdin.readline())
    number = task.pop("number")
    print(json.dumps(_work(number, Pressure(**task))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
