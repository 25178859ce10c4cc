"""Actions on the selected rows of a list.

Each row is one call of the domain in a transaction of its own: one refusal stops only itself.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.actions import delete_selected as django_delete_selected
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import model_ngettext
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import Media
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipms.admin import once
from ipms.admin.forms import ActionForm
from ipms.errors import DomainError

#: So many refusals get a message of their own; the documents beyond them are named in one.
_MESSAGES_OF_REFUSAL = 50


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """An entry in the list's action menu.

    `run(obj, by=user, **form.arguments())` is called for each selected object. With `form` (or `confirm`, a
    question) a page comes in between. `done` follows the count and name of the objects in the summary, such
    as "approved".
    """

    name: str
    label: Any
    run: Callable[..., Any]
    done: Any
    form: type[ActionForm] | None = None
    confirm: Any = None
    permission: str | None = None
    style: str = "primary"


#: An action that another app contributes, as Django calls it: (page, request, selected) -> answer or None.
ActionFunction = Callable[[Any, HttpRequest, models.QuerySet], HttpResponseBase | None]
_contributed: dict[type[models.Model], dict[str, tuple[ActionFunction, Any]]] = defaultdict(dict)


def action_of(
    model: type[models.Model], *, name: str, label: Any
) -> Callable[[ActionFunction], ActionFunction]:
    """Put the decorated function into the menu of the list of `model`, for all who see the list.

    It serves what changes nothing, such as printing. As with cards, the page does not know who contributes.
    """

    def decorate(function: ActionFunction) -> ActionFunction:
        _contributed[model][name] = (function, label)
        return function

    return decorate


class BulkActionsMixin:
    """Gives a ModelAdmin its `bulk_actions` and `run_each`, for actions written by hand."""

    bulk_actions: list[BulkAction] = []
    bulk_action_template = "admin/bulk_action.html"

    def describe(self, obj: models.Model) -> Any:
        """Return what a person must know of an object to agree to an action on many."""
        return str(obj)

    def run_each(
        self,
        request: HttpRequest,
        queryset: Iterable[models.Model],
        function: Callable[..., Any],
        *,
        done: Any = None,
        **arguments: Any,
    ) -> int:
        """Call `function(obj, by=request.user, **arguments)` for each object, each in its own transaction.

        A refusal becomes a message that names the document and does not stop the others; the sum of what was
        done is one message, in which `done` says what happened to them. Returns how many were done.
        """
        succeeded, refused = 0, []
        for obj in queryset:
            try:
                self._run_one(request, obj, function, arguments)
            except DomainError as refusal:
                refused.append((str(obj), str(refusal)))
            else:
                succeeded += 1
        if succeeded:
            self.message_user(
                request,
                _("%(count)d %(objects)s: %(done)s.")
                % {
                    "count": succeeded,
                    "objects": model_ngettext(self.opts, succeeded),
                    "done": done or _("done"),
                },
                messages.SUCCESS,
            )
        self._tell_refusals(request, refused)
        return succeeded

    def _run_one(self, request, obj, function, arguments):
        label = str(obj)

        def act() -> dict[str, Any]:
            function(obj, by=request.user, **arguments)
            return {"object": label}

        name = getattr(function, "__qualname__", type(function).__name__)
        once.once(request, f"{self.opts.label_lower}:{obj.pk}:{name}"[:200], act)

    def _tell_refusals(self, request, refused):
        for document, reason in refused[:_MESSAGES_OF_REFUSAL]:
            if document not in reason:
                reason = _("%(document)s: %(reason)s") % {"document": document, "reason": reason}
            self.message_user(request, reason, messages.ERROR)
        if others := [document for document, _reason in refused[_MESSAGES_OF_REFUSAL:]]:
            sentence = _("Also refused: %(documents)s") % {"documents": ", ".join(others)}
            self.message_user(request, sentence, messages.ERROR)

    def get_actions(self, request):
        if self.actions is None or IS_POPUP_VAR in request.GET:
            return {}
        ours = {
            action.name: (_as_function(action), action.name, action.label)
            for action in self.bulk_actions
            if action.permission is None or request.user.has_perm(action.permission)
        }
        contributed = {
            name: (function, name, label) for name, (function, label) in _contributed[self.model].items()
        }
        actions = ours | contributed | super().get_actions(request)
        # What destroys stands last in the menu.
        if last := actions.pop("delete_selected", None):
            actions["delete_selected"] = last
        return actions

    def run_bulk_action(
        self, request: HttpRequest, queryset: models.QuerySet, bulk_action: BulkAction
    ) -> HttpResponse | None:
        if bulk_action.permission and not request.user.has_perm(bulk_action.permission):
            raise PermissionDenied
        if bulk_action.form is None and bulk_action.confirm is None:
            self.run_each(request, queryset, bulk_action.run, done=bulk_action.done)
            return None
        is_sent = "_apply" in request.POST
        form = None
        if bulk_action.form is not None:
            form = bulk_action.form(request.POST if is_sent else None, obj=None, user=request.user)
        if is_sent and (form is None or form.is_valid()):
            arguments = form.arguments() if form else {}
            self.run_each(request, queryset, bulk_action.run, done=bulk_action.done, **arguments)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(bulk_action.label),
            "subtitle": None,
            "opts": self.opts,
            "action": bulk_action,
            "form": form,
            "objects": queryset,
            "descriptions": [self.describe(obj) for obj in queryset],
            "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            "media": form.media if form else Media(),
            "once_token": once.token_of(request) or once.new_token(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.bulk_action_template, context)


def _as_function(bulk_action: BulkAction) -> Callable[..., Any]:
    def run(modeladmin, request, queryset):
        return modeladmin.run_bulk_action(request, queryset, bulk_action)

    run.__name__ = bulk_action.name
    return run


@admin.action(permissions=["delete"], description=gettext_lazy("Delete selected %(verbose_name_plural)s"))
def delete_selected(modeladmin, request, queryset):
    """Delete the selected rows through the domain, after a page that shows what goes with them."""
    if request.POST.get("post") and isinstance(modeladmin, BulkActionsMixin):
        _objects, _counts, lacking, protected = modeladmin.get_deleted_objects(queryset, request)
        if lacking:
            raise PermissionDenied
        if not protected:
            modeladmin.run_each(request, queryset, modeladmin.remove, done=_("deleted"))
            return None
    return django_delete_selected(modeladmin, request, queryset)
