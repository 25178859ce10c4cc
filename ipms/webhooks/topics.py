"""Which events other systems may ask for, and what they are told of the records that an event names.

Each app declares its own, in a module that its `apps.py` imports.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from ipms.models import OutboxEvent

#: About the webhooks themselves: told to people, never by webhook, lest a failure tells of itself for ever.
OWN = "webhook."
ALL = "*"

_titles: dict[str, Any] = {
    "rate.stale": _("An exchange rate is old"),
    "job.failed": _("A scheduled job failed"),
    "backup.failed": _("A backup failed"),
}
_shown: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {}


def declare(
    titles: Mapping[str, Any], *, shows: Mapping[str, tuple[type[models.Model], Sequence[str]]] | None = None
) -> None:
    """Name topics with a title for people.

    `shows` says what stands in the place of a key of the payload that is a record's id: `{"item": (Item,
    ("id", "sku", "name"))}`. Choose what does not change.
    """
    _titles.update(titles)
    _shown.update({name: (model, tuple(fields)) for name, (model, fields) in (shows or {}).items()})


def declared() -> dict[str, Any]:
    """Return the title of each topic, by topic."""
    return dict(sorted(_titles.items()))


def matches(pattern: str, topic: str) -> bool:
    """Say whether an endpoint that asked for `pattern` is told of `topic`."""
    if topic.startswith(OWN):
        return False
    if pattern in (ALL, topic):
        return True
    return pattern.endswith(".*") and topic.startswith(pattern[:-1])


def body_of(event: OutboxEvent) -> str:
    """Return what is sent of an event. An event of a record that is gone tells its id alone."""
    data = {name: _show(name, value) for name, value in event.payload.items()}
    content = {"id": event.pk, "topic": event.topic, "created_at": event.created_at, "data": data}
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def _show(name: str, value: Any) -> Any:
    if name not in _shown or not isinstance(value, int):
        return value
    model, fields = _shown[name]
    return model._base_manager.filter(pk=value).values(*fields).first() or {"id": value}
