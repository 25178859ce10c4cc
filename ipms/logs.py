"""How the site writes its log: one JSON object a line for a machine, a plain line for a person.

What all lines of a request or a job have in common stands in `about`, so that nobody passes it along.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_about: ContextVar[Mapping[str, Any]] = ContextVar("log_about", default=_NOTHING)

#: What every record has; anything else was given by `extra`.
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


@contextmanager
def about(**fields: Any) -> Iterator[None]:
    """Let every line that is logged inside the block carry `fields`: `request_id`, or `job` and `run`."""
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


def now_about() -> dict[str, str]:
    """Return what the lines logged now are about."""
    return {name: str(value) for name, value in _about.get().items()}


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, what the line is about, what it adds."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_about.get(),
            # A library may add objects that tell more than a log should: Django adds the whole request.
            **{
                name: value
                for name, value in vars(record).items()
                if name not in _STANDARD and isinstance(value, str | int | float | None)
            },
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configuration(*, format: str, level: str, access: bool) -> dict[str, Any]:
    """Return Django's LOGGING. `format` is `json` or `line`; `access` wants a line for each request."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
            "json": {"()": "ipms.logs.JsonFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": format}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "axes": {"level": "WARNING"},
            "celery": {"level": "WARNING"},
            "django_celery_beat": {"level": "WARNING"},
            # An answer of 4xx is the client's matter; what is ours is logged as an error.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "WARNING"},
            # The web server of its own doings: that it started, that a worker died.
            "_granian": {"level": "WARNING"},
            "granian.access": {"level": "WARNING"},
            "ipms.access": {"level": "INFO" if access else "WARNING"},
        },
    }
