"""Audit of what the signals of django-auditlog cannot see: rows written in bulk, logins, jobs."""

from collections.abc import Iterable, Sequence
from typing import Any

from auditlog import get_logentry_model
from auditlog.context import disable_auditlog
from auditlog.diff import model_instance_diff
from django.contrib.contenttypes.models import ContentType
from django.db import models


def created(instances: Sequence[models.Model]) -> None:
    """Record the creation of instances of one model that were written with `bulk_create`."""
    entry = get_logentry_model()
    _write(
        instances, entry.Action.CREATE, (model_instance_diff(None, instance) or {} for instance in instances)
    )


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


def accessed(instance: models.Model, *, event: str, **extra: Any) -> None:
    """Record something that was done without a change of a row: `login`, `logout`, `login-failed`, …"""
    entry = get_logentry_model()
    entry.objects.log_create(
        instance,
        force_log=True,
        action=entry.Action.ACCESS,
        changes=None,
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
    entry.objects.bulk_create(
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
        ],
        batch_size=2000,
    )
