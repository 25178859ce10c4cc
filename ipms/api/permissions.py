"""Who may do what: the permissions of Django, which a site gives to its groups."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import SAFE_METHODS, BasePermission

_BY_ACTION = {
    "list": "view",
    "retrieve": "view",
    "create": "add",
    "update": "change",
    "partial_update": "change",
    "destroy": "delete",
}


class VerbPermission(BasePermission):
    """Asks for the permission that the view names for what is done; nobody passes without a login."""

    def has_permission(self, request, view):
        if not request.user.is_authenticated:
            return False
        needed = view.needed_permission()
        return needed is None or request.user.has_perm(needed)


def of_action(view: Any) -> str | None:
    """Return the permission for the action of a view set: its verb's, else the model's own for the action.

    A verb that is not in `verb_permissions` is a mistake, except that one which only reads asks for `view`.
    """
    if view.action in view.verb_permissions:
        return view.verb_permissions[view.action]
    if view.action in (None, "metadata"):
        return None  # a method that does not exist here, or OPTIONS
    model = view.queryset.model._meta
    if view.action in _BY_ACTION:
        return f"{model.app_label}.{_BY_ACTION[view.action]}_{model.model_name}"
    if view.request.method in SAFE_METHODS:
        return f"{model.app_label}.view_{model.model_name}"
    raise ImproperlyConfigured(f"{type(view).__name__}.verb_permissions lacks “{view.action}”.")
