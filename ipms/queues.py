"""The queue between the site and its worker, seen from the site."""

from typing import Any

from kombu.exceptions import ChannelError, OperationalError

from ipms.celery import app

NAME = app.conf.task_default_queue
_PATIENCE_SECONDS = 2


def length() -> int | None:
    """Return how many tasks wait for a worker; None where the queue cannot be asked."""
    try:
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=0, timeout=_PATIENCE_SECONDS)
            channel: Any = connection.default_channel
            try:
                return channel.queue_declare(NAME, passive=True).message_count
            except ChannelError:  # an empty queue is no queue to Redis
                return 0
    except (OperationalError, OSError):
        return None
