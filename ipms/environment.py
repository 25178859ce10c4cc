"""Which settings a process has, from the environment or `.env`; needed before Django can be loaded."""

import os
from pathlib import Path

import environ

PROJECT = Path(__file__).resolve().parent.parent
VARIABLE = "DJANGO_SETTINGS_MODULE"


class _Apart(environ.Env):
    """Reads `.env` without putting all of it into the environment: tests must not see a developer's file."""

    ENVIRON: dict[str, str] = {}


def choose_settings() -> str:
    """Set which settings Django loads, unless the environment has done so, and return their name."""
    if not os.environ.get(VARIABLE):
        _Apart.read_env(PROJECT / ".env", overwrite=True)
        os.environ[VARIABLE] = _Apart.ENVIRON.get(VARIABLE) or "ipms.settings.dev"
    return os.environ[VARIABLE]
