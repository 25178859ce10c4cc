"""`python -m ipms.health web | worker | beat` ends with 0 where that part lives, on this machine.

For a container's health check: it loads neither Django nor a driver, and knows of no other machine.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import environ

from ipms import environment
from ipms.health import signs

_ANSWER_SECONDS = 10
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def web() -> str:
    """Return what is wrong with the web server, nothing where it answers."""
    host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 5000)
    connection = HTTPConnection(_EVERYWHERE.get(host, host), port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"The web server does not answer: {error}."
    finally:
        connection.close()
    return "" if status == 200 else f"The web server answers with {status}."


def part(name: signs.Part) -> str:
    """Return what is wrong with the worker or beat, nothing where it gives signs of life."""
    var = Path(os.environ.get("IPMS_VAR") or environment.PROJECT / "var").resolve()
    age = signs.age_here(var, name)
    if age is None:
        return f"The {name} of this machine has given no sign of life yet."
    if age > signs.FRESH_SECONDS:
        return f"The {name} of this machine gave its last sign of life {age:.0f} seconds ago."
    return ""


def main() -> None:
    """Answer by the exit code, and say what is wrong."""
    asked = sys.argv[1] if len(sys.argv) == 2 else ""
    environ.Env.read_env(environment.PROJECT / ".env")
    if asked == "web":
        sys.exit(web() or None)
    if asked in ("worker", "beat"):
        sys.exit(part(asked) or None)  # type: ignore[arg-type]
    sys.exit("Say which part: python -m ipms.health web | worker | beat")


if __name__ == "__main__":
    main()
