"""Which objects can be imported, by the name of their model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ipms.errors import DomainError
from ipms.resources import SheetResource

Resource = TypeVar("Resource", bound=type[SheetResource])


class NotImportable(DomainError):
    """Nothing of this name can be imported."""

    code = "NOT_FOUND"


@dataclass(frozen=True)
class Importable:
    """Something that people keep in spreadsheets. `name` is its model: `inventory.item`."""

    name: str
    resource: type[SheetResource]
    permissions: tuple[str, ...]

    @property
    def title(self) -> str:
        model = apps.get_model(self.name)
        return capfirst(str(self.resource.title or model._meta.verbose_name_plural))

    @property
    def url_name(self) -> str:
        """Name of the page on which an import begins."""
        return f"admin:{self.name.replace('.', '_')}_import"

    @property
    def list_url_name(self) -> str:
        return f"admin:{self.name.replace('.', '_')}_changelist"

    def is_open_to(self, user: Any) -> bool:
        return bool(user.has_perms(self.permissions))

    @property
    def can_undo(self) -> bool:
        return self.resource.undo is not SheetResource.undo


_registered: dict[str, Importable] = {}


def importable(name: str, *, permissions: Sequence[str]) -> Callable[[Resource], Resource]:
    """Let files of the decorated resource be imported by those who have all of these permissions."""

    def register(resource: Resource) -> Resource:
        _registered[name] = Importable(name, resource, tuple(permissions))
        return resource

    return register


def find(name: str) -> Importable:
    """Return what is imported under a name. Raises `NotImportable`."""
    if name not in _registered:
        raise NotImportable(_("Nothing of this kind can be imported."))
    return _registered[name]


def known(name: str) -> Importable | None:
    """Return what is imported under a name; None where it is not any more."""
    return _registered.get(name)


def open_to(user: Any) -> list[Importable]:
    """Return what a person may import, by title."""
    found = [importable for importable in _registered.values() if importable.is_open_to(user)]
    return sorted(found, key=lambda importable: importable.title)
