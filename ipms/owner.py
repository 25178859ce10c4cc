"""Working as the owner of the tables, for the commands that change them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

_CREDENTIALS = ("USER", "PASSWORD", "HOST", "PORT")


@contextmanager
def as_owner() -> Iterator[None]:
    """Let this process log in as the owner inside the block, where that is another than the application.

    Only for a process of its own: the settings of the connection are shared by all threads.
    """
    owner, own = settings.DATABASE_OWNER, connection.settings_dict
    if owner["USER"] == own["USER"]:
        yield
        return
    connection.close()
    kept = {name: own[name] for name in _CREDENTIALS}
    own.update({name: owner.get(name, "") for name in _CREDENTIALS})
    try:
        yield
    finally:
        connection.close()
        own.update(kept)
