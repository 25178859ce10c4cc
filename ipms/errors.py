"""What the domain may refuse. Only `ipms.api` knows which HTTP status a code has."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class DomainError(Exception):
    """A refusal with a `code`, a sentence fit for the user, and details that a program can read."""

    code: ClassVar[str]

    def __init__(self, message: "str | StrPromise", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def __str__(self) -> str:
        return str(self.message)


class InvalidInput(DomainError):
    """A value that cannot be taken. `fields` maps each field to its sentences.

    Errors of lines stand under `lines`, one mapping for each line, empty where the line is in order.
    """

    code = "VALIDATION_ERROR"

    def __init__(self, fields: Mapping[str, Any], message: str | None = None) -> None:
        super().__init__(message or _("Please correct what is marked."), **fields)

    def __str__(self) -> str:
        return "; ".join(_flatten(self.details)) or super().__str__()


class InvalidState(DomainError):
    """The document's status does not allow this; details name the status and what is allowed."""

    code = "INVALID_STATE"


class NotAllowed(DomainError):
    """This person may not do this to this record."""

    code = "PERMISSION_DENIED"


class InUse(DomainError):
    """Something else depends on the record."""

    code = "IN_USE"


def _flatten(value: Any, prefix: str = "") -> list[str]:
    if isinstance(value, Mapping):
        return [line for key, inner in value.items() for line in _flatten(inner, f"{prefix}{key}: ")]
    if isinstance(value, list | tuple):
        return [
            line
            for number, inner in enumerate(value, start=1)
            for line in _flatten(inner, f"{number}. " if isinstance(inner, Mapping) else prefix)
        ]
    return [f"{prefix}{value}"]
