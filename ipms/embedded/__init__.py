"""PostgreSQL and a Redis-compatible server that come with the project, for every machine without its own."""

from ipms.embedded.addresses import APP_ROLE, OWNER_ROLE, Urls, urls
from ipms.embedded.errors import EmbeddedError
from ipms.embedded.keys import secrets
from ipms.embedded.paths import folders, remove
from ipms.embedded.servers import Servers, ensure_running, start

__all__ = [
    "APP_ROLE",
    "OWNER_ROLE",
    "EmbeddedError",
    "Servers",
    "Urls",
    "ensure_running",
    "folders",
    "remove",
    "secrets",
    "start",
    "urls",
]
