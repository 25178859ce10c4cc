"""How the application reaches the embedded servers; computed from the folder, started or not."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipms.embedded import paths, valkey

DATABASE = "ipms"
#: Owns the database and everything in it; migrations run as it.
OWNER_ROLE = "ipms_owner"
#: What the web server and the workers log in as; `migrate` grants it what it needs.
APP_ROLE = "ipms_app"


@dataclass(frozen=True)
class Urls:
    """Addresses of the servers of one folder; the last two are None where no such server is installed."""

    #: As Django's DATABASES wants them.
    database: dict[str, Any]
    database_owner: dict[str, Any]
    #: The same for DATABASE_URL and psql.
    database_url: str
    database_owner_url: str
    #: The cache, for redis-py and Django.
    redis: str | None
    #: The broker, for Celery.
    broker: str | None


def urls(var: Path) -> Urls:
    """Return the addresses of the servers of `var`, whether they run or not."""
    place = paths.layout(var)
    socket = place.sockets / paths.VALKEY_SOCKET
    has_valkey = valkey.find_binary() is not None
    return Urls(
        database=_django(place, APP_ROLE),
        database_owner=_django(place, OWNER_ROLE),
        database_url=_url(place, APP_ROLE),
        database_owner_url=_url(place, OWNER_ROLE),
        redis=f"unix://{socket}?db=0" if has_valkey else None,
        broker=f"redis+socket://{socket}?virtual_host=1" if has_valkey else None,
    )


def _django(place: paths.Layout, role: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": role,
        "PASSWORD": "",
        "HOST": str(place.sockets),
        "PORT": "",
        "OPTIONS": {},
    }


def _url(place: paths.Layout, role: str) -> str:
    return f"postgresql://{role}@/{DATABASE}?host={place.sockets}"
