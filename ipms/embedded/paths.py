"""Where the embedded servers keep their data, sockets and logs: computed, never configured twice.

Everything lies in one folder, `var`. The exception is root: PostgreSQL refuses to run as root, so its
servers run as the user nobody, and where nobody cannot reach `var` (a checkout under a private home)
the data lies in a system folder named after the path of `var`.
"""

import hashlib
import os
import re
import shutil
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ipms.embedded.errors import EmbeddedError

if sys.platform != "win32":
    import grp
    import pwd

POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"
#: The shortest limit of a socket's path on any supported system is 103 bytes (macOS).
_SOCKET_FOLDER_LIMIT = 103 - len(f"/{POSTGRES_SOCKET}.lock")


@dataclass(frozen=True)
class ServerUser:
    """The unprivileged account that the servers run as when the launcher is root."""

    name: str
    uid: int
    gid: int


def server_user() -> ServerUser | None:
    """Return whom the servers must run as, or None where that is the caller."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
        try:
            gid = grp.getgrnam("nogroup").gr_gid
        except KeyError:
            gid = nobody.pw_gid
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL does not run as root and this system has no user 'nobody': "
            "run IPMS as an ordinary user, or set DATABASE_URL."
        ) from None
    return ServerUser("nobody", nobody.pw_uid, gid)


@dataclass(frozen=True)
class Layout:
    """The folders of one installation."""

    var: Path
    #: Parent of the servers' data; `var` itself unless the servers' user cannot reach it.
    state: Path
    sockets: Path
    user: ServerUser | None

    @property
    def postgres(self) -> Path:
        return self.state / "postgres"

    @property
    def valkey(self) -> Path:
        return self.state / "valkey"

    @property
    def logs(self) -> Path:
        return self.var / "log"


def layout(var: Path) -> Layout:
    """Compute the folders that belong to `var`; touches nothing."""
    var = Path(os.path.realpath(var))
    user = server_user()
    tag = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    state = var if user is None or is_reachable(var, user) else Path("/var/lib") / f"ipms-{tag}"
    sockets = state / "run"
    # The socket's path also stands in URLs, so it keeps to letters that need no escaping there.
    if len(os.fsencode(sockets)) > _SOCKET_FOLDER_LIMIT or not re.fullmatch(
        r"[\w./-]+", str(sockets), re.ASCII
    ):
        sockets = Path("/tmp") / f"ipms-{os.geteuid() if sys.platform != 'win32' else 0}-{tag}"  # noqa: S108
    return Layout(var=var, state=state, sockets=sockets, user=user)


def is_reachable(folder: Path, user: ServerUser) -> bool:
    """Tell whether `user` may pass through `folder` and all above it; what does not exist yet, may."""
    for step in (folder, *folder.parents):
        try:
            status = step.stat()
        except FileNotFoundError:
            continue
        except OSError:
            return False
        if status.st_uid == user.uid:
            passes = status.st_mode & stat.S_IXUSR
        elif status.st_gid == user.gid:
            passes = status.st_mode & stat.S_IXGRP
        else:
            passes = status.st_mode & stat.S_IXOTH
        if not passes:
            return False
    return True


def make_folders(place: Layout) -> None:
    """Make the folders that every start needs, whatever the umask says.

    Raises `EmbeddedError` where one cannot be made or belongs to somebody else.
    """
    make_public(place.var)
    make_public(place.logs)
    if place.state != place.var:
        if (place.var / "postgres").exists():
            raise EmbeddedError(
                f"PostgreSQL runs as the user 'nobody', who can no longer reach its data in {place.var}: "
                "give the folders above it back their permission to pass (chmod o+x)."
            )
        make_public(place.state)
    make_private(place.sockets, place.user)


def make_public(folder: Path) -> None:
    """Make `folder` and what is missing above it so that others may pass through."""
    missing = [step for step in (folder, *folder.parents) if not step.exists()]
    try:
        for step in reversed(missing):
            step.mkdir(exist_ok=True)
            step.chmod(0o755)
    except OSError as error:
        raise EmbeddedError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    if not folder.is_dir():
        raise EmbeddedError(f"{folder} is a file where a folder is needed: move it away, or set IPMS_VAR.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EmbeddedError(f"The folder {folder} is not writable: mend its permissions, or set IPMS_VAR.")


def make_private(folder: Path, user: ServerUser | None) -> None:
    """Make `folder` for the servers' user alone; an existing one must be just that."""
    uid = user.uid if user else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
        if user:
            os.chown(folder, user.uid, user.gid)
    except FileExistsError:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise EmbeddedError(f"{folder} is not a folder: move it away, or set IPMS_VAR.") from None
        if status.st_uid != uid:
            raise EmbeddedError(
                f"The folder {folder} belongs to another user ({_owner(status.st_uid)}): "
                "start IPMS as the user that made it, or set IPMS_VAR to another folder."
            ) from None
        if status.st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise EmbeddedError(f"The folder {folder} cannot be made: {error.strerror}.") from error


def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def reachable_copy(program: Path, place: Layout, *, site: Path, parts: Sequence[str], name: str) -> Path:
    """Return `program`, or its copy in the state folder where the servers' user cannot reach it.

    `parts` are what it needs of the packages in `site`; their places beside each other are kept, because
    its libraries are found that way. `name` carries the version, so that an upgrade makes a new copy.
    """
    if place.user is None or is_reachable(program, place.user):
        return program
    copy = place.state / name
    if not copy.exists():
        unfinished = place.state / f"{name}.unfinished-{os.getpid()}"
        try:
            for part in parts:
                if (site / part).exists():
                    shutil.copytree(site / part, unfinished / part)
            unfinished.rename(copy)
        except OSError as error:
            raise EmbeddedError(f"{program} cannot be copied to {copy}: {error.strerror}.") from error
    return copy / program.relative_to(site)


def folders(var: Path) -> list[Path]:
    """Return the folders that hold everything of `var`, as far as they exist."""
    place = layout(var)
    return [folder for folder in dict.fromkeys((place.var, place.state)) if folder.exists()]


def remove(var: Path) -> None:
    """Delete everything that belongs to `var`; the servers must not run."""
    for folder in (*folders(var), layout(var).sockets):
        if folder.exists():
            shutil.rmtree(folder)
