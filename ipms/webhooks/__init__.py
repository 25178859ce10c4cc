"""Outgoing webhooks: other systems are told of events by signed HTTP requests. See docs/webhooks.md.

An event of the outbox becomes one delivery for each endpoint that asked for its topic; a job sends them.
"""

from ipms.webhooks.endpoints import add, change, redeliver, reveal_secret, rotate_secret, test
from ipms.webhooks.sending import clean_up, send_due
from ipms.webhooks.topics import declare, declared

__all__ = [
    "add",
    "change",
    "clean_up",
    "declare",
    "declared",
    "redeliver",
    "reveal_secret",
    "rotate_secret",
    "send_due",
    "test",
]
