"""A pytest plugin: real, throwaway servers for the whole run, started before Django reads its settings.

A server whose address stands in the environment (DATABASE_URL, REDIS_URL) is used instead.
"""

import atexit
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipms import embedded
from ipms.embedded import paths

#: Names the folder of the servers that this plugin started, for the processes of a parallel run.
_FOLDER = "IPMS_TEST_SERVERS"
_PREFIX = "ipms-test-"
_ABANDONED_SECONDS = 24 * 3600

# Importing the project names the developer's settings; tests have their own.
os.environ["DJANGO_SETTINGS_MODULE"] = "ipms.settings.test"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> Iterator[None]:
    """Run before pytest-django, which reads the settings in this very hook."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _take_own_databases(int(worker.removeprefix("gw")))
    elif not {"-h", "--help", "-V", "--version"} & set(args):
        _start_servers()
    return (yield)


def _start_servers() -> None:
    want_postgres = not os.environ.get("DATABASE_URL")
    want_redis = not os.environ.get("REDIS_URL")
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    folder.chmod(0o711)  # as root, the servers run as another user
    var = folder / "var"
    paths.make_public(var / "static")
    # Whatever a developer's .env says, a test run writes into its own folder and loads nothing.
    os.environ |= {"IPMS_VAR": str(var), "IPMS_DEMO": "0", "CELERY_RESULT_BACKEND": ""}
    if want_postgres or want_redis:
        try:
            servers = embedded.start(var, durable=False, want_postgres=want_postgres, want_redis=want_redis)
        except embedded.EmbeddedError as error:
            shutil.rmtree(folder, ignore_errors=True)
            pytest.exit(str(error), returncode=1)
        atexit.register(_end, servers, folder)
        urls = servers.urls
        if want_postgres:
            os.environ |= {
                "DATABASE_URL": urls.database_owner_url,
                "DATABASE_OWNER_URL": urls.database_owner_url,
                "DATABASE_APP_ROLE": embedded.APP_ROLE,
            }
        if want_redis and urls.redis and urls.broker:
            os.environ |= {"REDIS_URL": urls.redis, "CELERY_BROKER_URL": urls.broker, _FOLDER: str(folder)}
    else:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


def _sweep() -> None:
    """Delete what killed runs have left behind; their servers died with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if folder.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _take_own_databases(worker: int) -> None:
    """Give each process of a parallel run a cache of its own: one test may clear it."""
    if _FOLDER in os.environ:
        cache, broker = 2 * worker + 2, 2 * worker + 3
        os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("?db=0", f"?db={cache}")
        os.environ["CELERY_BROKER_URL"] = os.environ["CELERY_BROKER_URL"].replace(
            "?virtual_host=1", f"?virtual_host={broker}"
        )


def _end(servers: embedded.Servers, folder: Path) -> None:
    try:
        servers.stop()
    except embedded.EmbeddedError as error:
        print(error, file=sys.stderr)  # noqa: T201
    embedded.remove(folder / "var")
    shutil.rmtree(folder, ignore_errors=True)
