"""The product as `make run` starts it, on servers, data and a port of its own: for tests that kill it.

`python -m tests.server` prepares the database of such a site; the environment says which.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from ipms import embedded
from ipms.embedded import paths, processes
from tests.http_clients import Client, NoAnswer

PROJECT = Path(embedded.__file__).resolve().parent.parent.parent
PASSWORD = "correct-Horse-7"
_START_SECONDS = 120
_TOKEN_SECONDS = 300


class Site:
    """A durable PostgreSQL, a Redis-compatible server and the web server, each of which can be killed."""

    #: What is run for the web server.
    web_command: Sequence[str] = ("-m", "ipms.embedded.web", "127.0.0.1", "{port}")

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = _free_port()
        self.environment = _environment(var, self.port)
        self._servers: embedded.Servers | None = None
        self._web: subprocess.Popen[bytes] | None = None
        self._tokens: dict[str, tuple[str, float]] = {}
        self._numbers = count(1)

    def start_servers(self) -> None:
        """Start what does not run of the servers, as the next `make run` would."""
        before = self._servers
        self._servers = embedded.start(self.var)
        if before:
            before.stop()

    def prepare(self) -> None:
        """Migrate, and make a user for each role."""
        for name in ("static", "media"):
            paths.make_public(self.var / name)
        self._python("-m", "tests.server")

    def start_web(self) -> None:
        """Start the web server and wait for its first answer."""
        with processes.open_log(self._web_log) as log:
            self._web = processes.spawn(
                [sys.executable, *(part.format(port=self.port) for part in self.web_command)],
                log=log,
                folder=PROJECT,
                environment=self.environment,
                signal_at_launcher_death=signal.SIGTERM,
            )
        if not processes.wait_until(self._is_answering, seconds=_START_SECONDS):
            raise AssertionError(f"The web server does not answer:\n{self.last_words()}")

    def last_words(self) -> str:
        """Return the end of the web server's log."""
        return self._web_log.read_text(errors="replace")[-4000:]

    def web_processes(self) -> list[int]:
        """Return the ids of the web server's workers; on Linux alone."""
        assert self._web
        children = Path(f"/proc/{self._web.pid}/task/{self._web.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_web(self) -> None:
        """Kill every process of the web server at once, with kill -9."""
        assert self._web
        os.killpg(self._web.pid, signal.SIGKILL)
        self._web.wait()

    def kill_postgres(self) -> None:
        """Kill PostgreSQL with kill -9; its sessions see that it is gone and end."""
        pid_file = paths.layout(self.var).postgres / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)

    def stop(self) -> None:
        """End everything and delete the data."""
        if self._web and self._web.poll() is None:
            self._web.terminate()
            if not processes.wait_until(lambda: self._web.poll() is not None, seconds=15):
                self.kill_web()
        if self._servers:
            self._servers.stop()
        embedded.remove(self.var)

    def client(self, role: str = "manager") -> Client:
        """Return a client that is logged in as the user of a role."""
        return Client(self.port, token=self.token(role))

    def token(self, role: str = "manager") -> str:
        """Return an access token of the user of a role, with ten minutes left at least."""
        token, since = self._tokens.get(role, ("", 0.0))
        if not token or time.monotonic() - since > _TOKEN_SECONDS:
            login = {"email": f"{role}@example.com", "password": PASSWORD}
            token = Client(self.port).post("/api/auth/login", login)["access"]
            self._tokens[role] = token, time.monotonic()
        return token

    def new(self, word: str) -> str:
        """Return a code that nothing on this site has yet."""
        return f"{word}-{next(self._numbers)}"

    def verify_ledger(self) -> str:
        """Return what `manage.py verify_ledger` says; raises `AssertionError` where an invariant fails."""
        return self._python("manage.py", "verify_ledger")

    def _is_answering(self) -> bool:
        if self._web is None or self._web.poll() is not None:
            raise AssertionError(f"The web server has ended:\n{self.last_words()}")
        try:
            return Client(self.port).request("GET", "/healthz").status == 200
        except NoAnswer:
            return False

    @property
    def _web_log(self) -> Path:
        return paths.layout(self.var).logs / "web.log"

    def _python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout


@contextmanager
def site(kind: type[Site] = Site) -> Iterator[Site]:
    """Lend a running site with one user for each role, and nothing else in its books."""
    folder = Path(tempfile.mkdtemp(prefix="ipms-site-"))
    folder.chmod(0o711)  # as root, the servers run as another user
    lent = kind(folder / "var")
    try:
        lent.start_servers()
        lent.prepare()
        lent.start_web()
        yield lent
    finally:
        lent.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _environment(var: Path, port: int) -> dict[str, str]:
    """Return an environment in which neither a developer's `.env` nor a test run has a say."""
    urls = embedded.urls(var)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "DJANGO_SETTINGS_MODULE": "ipms.settings.dev",
        "IPMS_VAR": str(var),
        "PORT": str(port),
        "DATABASE_URL": urls.database_url,
        "DATABASE_OWNER_URL": urls.database_owner_url,
        "DATABASE_APP_ROLE": embedded.APP_ROLE,
        "REDIS_URL": urls.redis or "",
        "CELERY_BROKER_URL": urls.broker or "",
        "CELERY_RESULT_BACKEND": "",
        "DEBUG": "0",
        "IPMS_DEMO": "0",
        "LOG_LEVEL": "WARNING",
        # Pressing is what these sites are for.
        "THROTTLE_LOGIN_PER_MINUTE": "100000",
        "THROTTLE_USER_PER_MINUTE": "100000000",
        "THROTTLE_ANON_PER_MINUTE": "100000000",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from accounts import users
    from accounts.models import Role

    call_command("migrate", verbosity=0)
    for role in Role.values:
        users.register(username=role, email=f"{role}@example.com", password=PASSWORD, role=role)


if __name__ == "__main__":
    _prepare()
