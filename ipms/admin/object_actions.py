"""Buttons of a change page: each does one thing to the object through one function of the domain."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from ipms.admin import object_links, once
from ipms.admin.forms import ActionForm
from ipms.errors import DomainError


@dataclass(frozen=True, kw_only=True)
class ObjectAction:
    """One button.

    `run(obj, by=user, **form.arguments())` is called in a transaction; `done` is the sentence shown after it,
    `%(object)s` in it is the object, or a function of (object, result) that returns the sentence.
    Without `form` and `confirm` a click acts at once; with `confirm` (a question) or `form` it opens a page.
    `permission` is the full name, `allowed` a cheap rule of the object's state: a button that cannot be
    used now is not shown, and refused when it is pressed from an old page.
    With `page`, a function of the object that returns a URL, a button only leads to a page of its own.
    """

    name: str
    label: Any
    run: Callable[..., Any] | None = None
    done: Any = ""
    form: type[ActionForm] | None = None
    confirm: Any = None
    permission: str | None = None
    allowed: Callable[[Any, Any], bool] = lambda obj, user: True
    style: str = "secondary"
    page: Callable[[Any], str] | None = None
    #: Where to go afterwards: a function of (object, result) that returns a URL; else the change page.
    then: Callable[[Any, Any], str] | None = None

    @property
    def has_page(self) -> bool:
        return self.form is not None or self.confirm is not None or self.page is not None

    def is_permitted(self, user: Any) -> bool:
        return self.permission is None or user.has_perm(self.permission)

    def is_offered(self, obj: models.Model, user: Any) -> bool:
        return self.is_permitted(user) and self.allowed(obj, user)

    def sentence(self, obj: models.Model, result: Any) -> str:
        if callable(self.done):
            return str(self.done(obj, result))
        return str(self.done) % {"object": obj}


class ObjectActionsMixin:
    """Gives a ModelAdmin its `object_actions`: the buttons, their pages, and what they do."""

    object_actions: list[ObjectAction] = []
    object_action_template = "admin/object_action.html"

    def get_object_actions(self, request: HttpRequest, obj: models.Model) -> list[ObjectAction]:
        """Return the actions that this person may use on this object now."""
        return [action for action in self.object_actions if action.is_offered(obj, request.user)]

    def get_object_summary(self, request: HttpRequest, obj: models.Model) -> list[tuple[Any, Any]]:
        """Return (label, value) pairs that remind the person, on the page of an action, what it is about."""
        return []

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_action"
        view = self.admin_site.admin_view(self.object_action_view)
        return [path("<path:object_id>/do/<slug:action_name>/", view, name=name), *super().get_urls()]

    def object_action_url(self, obj: models.Model, action: ObjectAction) -> str:
        if action.page is not None:
            return action.page(obj)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_action"
        return reverse(name, args=[quote(obj.pk), action.name], current_app=self.admin_site.name)

    def object_action_buttons(self, request: HttpRequest, obj: models.Model) -> list[dict[str, Any]]:
        """Return what the change page needs to draw its buttons."""
        return [
            {"action": action, "url": self.object_action_url(obj, action)}
            for action in self.get_object_actions(request, obj)
        ]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and change and not context.get("is_popup"):
            context["object_action_buttons"] = self.object_action_buttons(request, obj)
            context["object_links"] = object_links.of(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def object_action_view(self, request: HttpRequest, object_id: str, action_name: str) -> HttpResponse:
        action = next((action for action in self.object_actions if action.name == action_name), None)
        obj = self.get_object(request, unquote(object_id))
        if action is None or action.run is None or obj is None:
            raise Http404
        if not self.has_view_permission(request, obj) or not action.is_permitted(request.user):
            raise PermissionDenied
        if request.method == "POST":
            return self._act(request, obj, action)
        if not action.has_page:
            return HttpResponseNotAllowed(["POST"])
        if not action.allowed(obj, request.user):
            self.message_user(request, self._not_now(obj, action), messages.WARNING)
            return HttpResponseRedirect(self._change_url(obj))
        return self._action_page(request, obj, action, self._action_form(request, obj, action))

    def _act(self, request: HttpRequest, obj: models.Model, action: ObjectAction) -> HttpResponse:
        form = self._action_form(request, obj, action)

        def run() -> dict[str, Any]:
            # Asked here, not earlier: the second of two clicks is to get the answer of the first.
            if not action.allowed(obj, request.user):
                raise _NotNow(self._not_now(obj, action))
            if form is not None and not form.is_valid():
                raise _Incomplete
            assert action.run is not None
            result = action.run(obj, by=request.user, **(form.arguments() if form else {}))
            url = action.then(obj, result) if action.then else self._change_url(obj)
            return {"message": action.sentence(obj, result), "url": url}

        try:
            answer, is_repeat = once.once(request, f"{self.opts.label_lower}:{obj.pk}:{action.name}", run)
        except _Incomplete:
            return self._action_page(request, obj, action, form)
        except (_NotNow, once.AlreadySent) as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(self._change_url(obj))
        except DomainError as refusal:
            if form is None:
                self.message_user(request, str(refusal), messages.ERROR)
                return HttpResponseRedirect(self._change_url(obj))
            form.refuse(refusal)
            return self._action_page(request, obj, action, form)
        self.message_user(request, answer["message"], messages.SUCCESS)
        if is_repeat:
            self.message_user(request, _("The form came twice; it was carried out once."), messages.INFO)
        return HttpResponseRedirect(answer["url"])

    def _action_form(
        self, request: HttpRequest, obj: models.Model, action: ObjectAction
    ) -> ActionForm | None:
        if action.form is None:
            return None
        data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        return action.form(data, files, obj=obj, user=request.user)

    def _action_page(
        self, request: HttpRequest, obj: models.Model, action: ObjectAction, form: ActionForm | None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": action.label,
            "subtitle": str(obj),
            "opts": self.opts,
            "original": obj,
            "action": action,
            "form": form,
            "summary": self.get_object_summary(request, obj),
            # What a picker needs comes with it; a form without one needs no script.
            "media": form.media if form else forms.Media(),
            "change_url": self._change_url(obj),
            # A refused form keeps its token: the correction is still the same act.
            "once_token": once.token_of(request) or once.new_token(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.object_action_template, context)

    def _change_url(self, obj: models.Model) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[quote(obj.pk)], current_app=self.admin_site.name)

    def _not_now(self, obj: models.Model, action: ObjectAction) -> str:
        return _("%(object)s: “%(action)s” is not possible now.") % {"object": obj, "action": action.label}


class _Incomplete(Exception):
    """The form is not valid: nothing is kept, the page is shown again."""


class _NotNow(Exception):
    """The object's state does not allow the action."""
