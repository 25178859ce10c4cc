"""Audit of what the signals of django-auditlog cannot see: rows written in bulk, logins, jobs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from auditlog import get_logentry_model
from auditlog.context import disable_auditlog
from auditlog.diff import model_instance_diff
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from ipms import bulk

#: Fields whose values are nobody's to read, should an entry ever tell of them.
SECRET_FIELDS = frozenset({"password", "secret", "token"})


def created(instances: Sequence[models.Model]) -> None:
    """Record the creation of instances of one model that were written with `bulk_create`."""
    if not instances:
        return
    left_out = auditlog.get_model_fields(type(instances[0]))["exclude_fields"]
    fields = [field for field in instances[0]._meta.concrete_fields if field.name not in left_out]
    changes = ({name: ["None", text] for name, text in _texts(one, fields)} for one in instances)
    _write(instances, get_logentry_model().Action.CREATE, changes)


def changed(instances: Sequence[models.Model], changes: Iterable[dict[str, list[Any]]]) -> None:
    """Record changes `{field: [old, new]}` made to instances of one model with `bulk_update` or SQL."""
    _write(instances, get_logentry_model().Action.UPDATE, changes)


def delete(rows: models.QuerySet) -> None:
    """Delete rows of one model and record their deletion, with a constant number of queries."""
    entry = get_logentry_model()
    instances = list(rows)
    _write(
        instances, entry.Action.DELETE, (model_instance_diff(instance, None) or {} for instance in instances)
    )
    with disable_auditlog():
        rows.delete()


def accessed(
    instance: models.Model, *, event: str, changes: dict[str, list[Any]] | None = None, **extra: Any
) -> None:
    """Record something that was done without a change of a row: `login`, `logout`, `login-failed`, …

    `changes` may say more of it, in the form of changes: `{"format": ["", "csv"]}`.
    """
    entry = get_logentry_model()
    entry.objects.log_create(
        instance,
        force_log=True,
        action=entry.Action.ACCESS,
        changes=changes,
        event=event,
        # A failed login may name an account that does not exist.
        object_pk="" if instance.pk is None else str(instance.pk),
        **extra,
    )


def _write(instances: Sequence[models.Model], action: int, changes: Iterable[dict[str, list[Any]]]) -> None:
    if not instances:
        return
    entry = get_logentry_model()
    content_type = ContentType.objects.get_for_model(instances[0])
    bulk.create(
        [
            entry(
                content_type=content_type,
                object_pk=str(instance.pk),
                object_id=instance.pk,
                object_repr=str(instance),
                action=action,
                changes={name: [str(old), str(new)] for name, (old, new) in change.items()},
            ).with_context()
            for instance, change in zip(instances, changes, strict=True)
        ]
    )


def _texts(instance: models.Model, fields: Sequence[models.Field]) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each field that has a value, as django-auditlog writes them."""
    for field in fields:
        value = getattr(instance, field.attname)
        if isinstance(value, datetime):
            value = timezone.make_naive(value, UTC)
        if value is not None:
            yield field.name, str(value)
