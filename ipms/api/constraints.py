"""What a constraint of the database says to a user when it refuses a write."""

from dataclasses import dataclass

from django.apps import apps
from django.db import IntegrityError
from django.db.models import BaseConstraint, F, UniqueConstraint
from django.utils.translation import gettext_lazy as _

_FOREIGN_KEY, _UNIQUE, _CHECK, _EXCLUSION = "23503", "23505", "23514", "23P01"


@dataclass(frozen=True, kw_only=True)
class BrokenConstraint:
    name: str
    message: str
    #: The field to mark, where the constraint is about one.
    field: str | None


def is_foreign_key(error: IntegrityError) -> bool:
    return _state(error) == _FOREIGN_KEY


def broken(error: IntegrityError) -> BrokenConstraint | None:
    """Return the unique, check or exclusion constraint that refused; None where it was none of them."""
    if _state(error) not in {_UNIQUE, _CHECK, _EXCLUSION}:
        return None
    name = error.__cause__.diag.constraint_name or ""
    constraint = _find(name)
    if constraint is None:
        return BrokenConstraint(
            name=name, message=_("A record with these values exists already."), field=None
        )
    return BrokenConstraint(
        name=name, message=constraint.get_violation_error_message(), field=_field(constraint)
    )


def _state(error: IntegrityError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def _find(name: str) -> BaseConstraint | None:
    return next(
        (found for model in apps.get_models() for found in model._meta.constraints if found.name == name),
        None,
    )


def _field(constraint: BaseConstraint) -> str | None:
    if not isinstance(constraint, UniqueConstraint):
        return None
    names = list(constraint.fields) + [
        source.name
        for expression in constraint.expressions
        for source in [expression, *expression.get_source_expressions()]
        if isinstance(source, F)
    ]
    return names[-1] if names else None
