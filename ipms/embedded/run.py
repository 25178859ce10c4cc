"""`python -m ipms.embedded.run`, which is `make run`: everything the application needs, in one terminal."""

import errno
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import environ

from ipms import embedded
from ipms.embedded import paths, processes, schema
from ipms.embedded.supervisor import Supervisor

PROJECT = Path(__file__).resolve().parent.parent.parent
_DEV_SETTINGS = "ipms.settings.dev"
#: How long a port may stay taken by what is left of a killed predecessor.
_PREDECESSOR_SECONDS = 10
_FIRST_ANSWER_SECONDS = 60


@dataclass(frozen=True)
class Plan:
    """What this run was asked for, from the environment and `.env`."""

    var: Path
    #: The numeric address to listen at.
    address: str
    port: int
    wants_demo: bool
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def database_owner_url(self) -> str:
        given = self.environment.get("DATABASE_OWNER_URL") or self.environment.get("DATABASE_URL")
        return given or embedded.urls(self.var).database_owner_url


def main() -> None:
    """Run the application until Ctrl-C. Ends with code 1 and one sentence where it cannot."""
    # A shell may start a background process with Ctrl-C ignored; here both mean to end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        plan = read_plan()
        with only_run(plan), _servers(plan):
            supervisor = Supervisor(folder=PROJECT, environment=plan.environment, say=say)
            supervisor.listen_to_signals()
            try:
                _serve(plan, supervisor)
            finally:
                say("Stopping.")
                supervisor.stop()
    except embedded.EmbeddedError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def say(sentence: str) -> None:
    """Print one line of progress."""
    print(sentence, flush=True)  # noqa: T201


def read_plan() -> Plan:
    """Read `.env` and the environment. Raises `EmbeddedError` for a port or host that is none."""
    environ.Env.read_env(PROJECT / ".env")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", _DEV_SETTINGS)
    var = paths.layout(Path(os.environ.get("IPMS_VAR") or PROJECT / "var")).var
    given_port = os.environ.get("PORT") or "5000"
    if not (given_port.isascii() and given_port.isdigit() and 0 < int(given_port) < 65536):
        raise embedded.EmbeddedError(f"PORT is '{given_port}': it must be a number from 1 to 65535.")
    is_dev = os.environ["DJANGO_SETTINGS_MODULE"] == _DEV_SETTINGS
    demo = os.environ.get("IPMS_DEMO") or ("1" if is_dev else "0")
    return Plan(
        var=var,
        address=_resolve(os.environ.get("HOST") or "127.0.0.1"),
        port=int(given_port),
        wants_demo=demo.lower() in {"1", "true", "yes", "on"},
        environment=os.environ | {"IPMS_VAR": str(var), "IPMS_DEMO": demo, "PYTHONUNBUFFERED": "1"},
    )


def _resolve(host: str) -> str:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise embedded.EmbeddedError(
            f"HOST is '{host}', which is no address of this machine: {error}."
        ) from error
    # 127.0.0.1 before ::1, because every client tries it.
    family_first = sorted(found, key=lambda answer: answer[0] != socket.AF_INET)
    return str(family_first[0][4][0])


@contextmanager
def only_run(plan: Plan, *, wants_port: bool = True) -> Iterator[None]:
    """Hold the data folder alone, and see that the port is free before anything slow begins."""
    paths.make_folders(paths.layout(plan.var))
    with (plan.var / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise embedded.EmbeddedError(
                f"IPMS already runs with the data in {plan.var} ({lock.read() or 'it is just starting'}): "
                "end that run first, or set IPMS_VAR and PORT to run a second one."
            ) from None
        lock.seek(0)
        was_killed = bool(lock.read())
        if wants_port:
            _require_free_port(plan, patience=_PREDECESSOR_SECONDS if was_killed else 0)
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, {plan.url}")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def _require_free_port(plan: Plan, *, patience: float) -> None:
    def is_free() -> bool:
        family = socket.AF_INET6 if ":" in plan.address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((plan.address, plan.port))
                probe.listen()
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return False
                raise
        return True

    try:
        if not processes.wait_until(is_free, seconds=patience):
            raise embedded.EmbeddedError(
                f"Port {plan.port} is taken by another program: end that one, or choose a port with "
                f"PORT={plan.port + 1} make run."
            )
    except OSError as error:
        raise embedded.EmbeddedError(
            f"IPMS cannot listen at {plan.address} port {plan.port}: {error.strerror}."
        ) from error


@contextmanager
def _servers(plan: Plan) -> Iterator[None]:
    servers = embedded.start(
        plan.var,
        want_postgres=not plan.environment.get("DATABASE_URL"),
        want_redis=not plan.environment.get("REDIS_URL"),
        say=say,
    )
    try:
        yield
    finally:
        servers.stop()


def _serve(plan: Plan, supervisor: Supervisor) -> None:
    began = time.monotonic()
    for name in ("static", "media"):
        paths.make_public(plan.var / name)
    if not schema.is_current(plan.var, PROJECT, plan.database_owner_url):
        say("Bringing the database up to date")
        _manage(plan, supervisor, "migrate", "--no-input")
        if plan.wants_demo:
            _manage(plan, supervisor, "load_demo", "--if-empty")
        if supervisor.is_ending:
            return
        schema.note(plan.var, PROJECT, plan.database_owner_url)
    web = [sys.executable, "-m", "ipms.embedded.web", plan.address, str(plan.port)]
    supervisor.start("The web server", web)
    if supervisor.wait_until(lambda: _is_answering(plan), seconds=_FIRST_ANSWER_SECONDS):
        _welcome(plan, seconds=time.monotonic() - began)
    elif not supervisor.is_ending:
        say(f"The web server has not answered for {_FIRST_ANSWER_SECONDS} s: see its messages above.")
    # The worker loads the same code as the web server: it waits, so that the first page does not.
    if not supervisor.is_ending:
        supervisor.start("The worker", worker_command())
    supervisor.run()


def _manage(plan: Plan, supervisor: Supervisor, *command: str) -> None:
    """Run a command of manage.py to its end, or until the end is asked for."""
    process = processes.spawn(
        [sys.executable, "manage.py", *command], folder=PROJECT, environment=plan.environment
    )
    while process.poll() is None:
        if supervisor.is_ending:
            process.terminate()
            process.wait()
            return
        time.sleep(0.05)
    if process.returncode:
        raise embedded.EmbeddedError(f"`manage.py {' '.join(command)}` failed: see its messages above.")


def worker_command() -> list[str]:
    """Return what is run for the worker, beat in it."""
    return [
        # In a container one is root as a rule, and Celery's page of warning hides what matters.
        *(sys.executable, "-W", "ignore:You're running the worker with superuser"),
        *("-m", "celery", "-A", "ipms", "--quiet", "worker"),
        *("--beat", "--scheduler", "ipms.jobs.scheduler:Scheduler"),
        *("--pool", "threads", "--concurrency", "4"),
        *("--without-gossip", "--without-mingle"),
        *("--loglevel", "WARNING"),
    ]


def _is_answering(plan: Plan) -> bool:
    connection = HTTPConnection(
        {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(plan.address, plan.address),  # noqa: S104
        plan.port,
        timeout=5,
    )
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def _welcome(plan: Plan, *, seconds: float) -> None:
    place = paths.layout(plan.var)
    say(f"\nIPMS listens at {plan.url} (ready in {seconds:.1f} s)")
    say(f"  Back office   {plan.url}/admin/")
    say(f"  API           {plan.url}/api/docs")
    if accounts := schema.demo_accounts(plan.database_owner_url):
        say("  Demo accounts " + ", ".join(f"{email} / {password}" for email, password in accounts.items()))
    if plan.environment.get("DATABASE_URL"):
        say("  Data          in the database of DATABASE_URL; files in " + str(place.var))
    else:
        say(
            f"  Data          {place.var}"
            + (f", the database in {place.postgres}" if place.state != place.var else "")
        )
    say("Ctrl-C ends it.\n")


if __name__ == "__main__":
    main()
