#!/usr/bin/env python
"""Django's command line, with the embedded servers running for the commands that need a database."""

import os
import sys

#: Commands that never ask the database; for all others the embedded servers run.
OFFLINE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "spectacular",
    "startapp",
    "version",
}


def main() -> None:
    """Run one command of Django."""
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError as error:
        sys.exit(f"Django is not installed for {sys.executable} ({error}): use .venv/bin/python.")

    from ipms import embedded, environment

    environment.choose_settings()
    try:
        if needs_servers(sys.argv[1:]):
            ensure_servers()
        execute_from_command_line(sys.argv)
    except (embedded.EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(str(error))


def needs_servers(arguments: list[str]) -> bool:
    """Tell whether a command line reaches the database."""
    if not arguments or arguments[0].startswith("-") or "--help" in arguments:
        return False
    if arguments[0] == "makemigrations":
        return "--check" not in arguments
    return arguments[0] not in OFFLINE or any(argument.startswith("--database") for argument in arguments)


def ensure_servers() -> None:
    """Start the servers whose address neither the environment nor `.env` gives."""
    from django.conf import settings

    from ipms import embedded

    var = settings.VAR  # reading a setting also reads .env into the environment
    want_postgres, want_redis = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    if want_postgres or want_redis:
        embedded.ensure_running(var, want_postgres=want_postgres, want_redis=want_redis)


if __name__ == "__main__":
    main()
