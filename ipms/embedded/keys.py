"""The secrets of an installation without an environment of its own: made once, kept in `var`."""

import os
import secrets as random
from pathlib import Path

from ipms.embedded import paths
from ipms.embedded.errors import EmbeddedError

_NAMES = ("SECRET_KEY", "JWT_SECRET_KEY")


def secrets(var: Path) -> dict[str, str]:
    """Return SECRET_KEY and JWT_SECRET_KEY of `var`; the first call makes them.

    They survive a restart, and so do the sessions and tokens signed with them.
    """
    file = paths.layout(var).var / "secrets.env"
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        _make(file)
        lines = file.read_text().splitlines()
    except OSError as error:
        raise EmbeddedError(f"The secrets in {file} cannot be read: {error.strerror}.") from error
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    if missing := [name for name in _NAMES if not found.get(name)]:
        raise EmbeddedError(
            f"{' and '.join(missing)} is missing in {file}: delete the file to have new ones made."
        )
    return {name: found[name] for name in _NAMES}


def _make(file: Path) -> None:
    """Write the file whole or not at all; of two that write at once, the first wins."""
    paths.make_public(file.parent)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.writelines(f"{name}={random.token_urlsafe(64)}\n" for name in _NAMES)
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise EmbeddedError(f"The secrets cannot be written to {file}: {error.strerror}.") from error
