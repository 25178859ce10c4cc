"""A mail server for tests: it speaks enough SMTP to take mails, to refuse them, and to hang up."""

import email
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every mail, unless told otherwise: answers by what was said, such as `{"RCPT": "451 Later"}`.

    The greeting is the answer to `""`; where an answer is None, the server hangs up.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Session)
        self.answers: dict[str, str | None] = {}
        self.received: list[EmailMessage] = []
        self.connections = 0
        #: Seconds between taking a mail and saying so.
        self.delay = 0.0

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        if not self._answer("", "220 ready"):
            return
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].split(":")[0].upper()
            if not self._answer(
                verb, "221 bye" if verb == "QUIT" else "354 go on" if verb == "DATA" else "250 ok"
            ):
                return
            if verb == "DATA" and "DATA" not in self.server.answers and not self._take():
                return
            if verb == "QUIT":
                return

    def _answer(self, verb: str, usual: str) -> bool:
        answer = self.server.answers.get(verb, usual)
        if answer is None:
            return False
        self.wfile.write(f"{answer}\r\n".encode())
        return True

    def _take(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        message = email.message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(message, EmailMessage)
        # Taken, and yet the sender never hears of it where the answer is None.
        self.server.received.append(message)
        time.sleep(self.server.delay)
        return self._answer("taken", "250 taken")


@contextmanager
def running(port: int = 0) -> Iterator[MailServer]:
    """Run a mail server inside the block."""
    with MailServer(port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
