"""The back office as a whole: its name, its sidebar, its first page."""

from collections.abc import Callable, Collection
from functools import partial, wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from ipms import site
from ipms.admin import carried, navigation, panels
from ipms.admin.bulk_actions import delete_selected
from ipms.admin.finder import Source
from ipms.admin.forms import LoginForm
from ipms.admin.pages import Page
from ipms.admin.panels import Panel
from ipms.admin.shortcuts import Shortcut
from ipms.admin.tools import Tool


class IpmsAdminSite(admin.AdminSite):
    """Django's admin with our sidebar and panels; `admin.site` is the one instance of it."""

    site_url = None
    index_template = "admin/index.html"
    login_form = LoginForm
    #: Set by the app that knows how a password is changed.
    password_change_form = AdminPasswordChangeForm
    #: Groups that the code knows by name: not to be renamed or deleted. Set by the app that makes them.
    role_groups: Collection[str] = ()

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._panels: list[Panel] = []
        self._pages: list[Page] = []
        self._tools: list[Tool] = []
        self._shortcuts: list[Shortcut] = []
        self.sources: list[Source] = []
        self._actions = {"delete_selected": delete_selected}
        self._global_actions = dict(self._actions)

    def register_panel(self, panel: type[Panel]) -> type[Panel]:
        """Put a panel on the first page. Serves as a decorator too."""
        self._panels.append(panel())
        return panel

    def register_shortcut(self, shortcut: Shortcut) -> Shortcut:
        """Put a large button on the first page."""
        self._shortcuts.append(shortcut)
        self._shortcuts.sort(key=lambda shortcut: shortcut.order)
        return shortcut

    def shortcuts_of(self, request: HttpRequest) -> list[Shortcut]:
        """Return the work that this person can begin from the first page."""
        return [shortcut for shortcut in self._shortcuts if shortcut.is_visible(request)]

    def register_tool(self, tool: type[Tool]) -> type[Tool]:
        """Put a button into the bar above every page. Serves as a decorator too."""
        self._tools.append(tool())
        self._tools.sort(key=lambda tool: tool.order)
        return tool

    def register_source(self, source: type[Source]) -> type[Source]:
        """Let the search over everything find records of one more kind. Serves as a decorator too."""
        self.sources.append(source())
        self.sources.sort(key=lambda source: source.order)
        return source

    def register_page(self, page: Page) -> Page:
        """Put a page under /admin/ and into its section of the sidebar."""
        if page.section and page.section not in navigation.KEYS:
            raise ImproperlyConfigured(f"The sidebar has no section “{page.section}”.")
        self._pages.append(page)
        self._pages.sort(key=lambda page: page.order)
        return page

    def pages_beside(self, model: type[Model], request: HttpRequest) -> list[Page]:
        """Return the pages to which the list of a model leads, as far as this person may see them."""
        label = model._meta.label_lower
        return [page for page in self._pages if label in page.beside and page.is_visible(request)]

    def get_urls(self) -> list[URLPattern | URLResolver]:
        # Before Django's own, whose last route takes everything.
        pages = [
            path(page.route, page.view if page.is_open else self._guarded(page), name=page.name)
            for page in self._pages
        ]
        return [*pages, *super().get_urls()]

    def _guarded(self, page: Page) -> Callable[..., HttpResponseBase]:
        @wraps(page.view)
        def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not page.is_visible(request):
                raise PermissionDenied
            request.current_app = self.name
            return page.view(request, *args, **kwargs)

        return self.admin_view(view)

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Any:
        """Guard a view as Django does; a form that came after its session had ended is carried through."""

        @wraps(view)
        def late(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            packed = "" if self.has_permission(request) else carried.pack(request)
            if not packed:
                return guarded(request, *args, **kwargs)
            return self._login_before(request, packed)

        guarded = super().admin_view(view, cacheable)
        return csrf_protect(never_cache(late))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        packed = request.POST.get(carried.FIELD, "")
        response = super().login(request, {"carried": packed, **(extra_context or {})})
        if not packed or not self.has_permission(request):
            return response
        waiting = carried.unpack(packed, user=request.user)
        if waiting is None:
            text = _("What was typed before the login was not yours: it was not sent.")
            messages.warning(request, text)
            return response
        title = _("It was not sent yet")
        context = {**self.each_context(request), "title": title, "waiting": waiting}
        return TemplateResponse(request, "admin/carried.html", context)

    def _login_before(self, request: HttpRequest, packed: str) -> HttpResponse:
        back = {REDIRECT_FIELD_NAME: request.get_full_path()}
        login = reverse("admin:login", current_app=self.name)
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": f"{login}?{urlencode(back)}",
            **back,
            "form": self.login_form(request),
            "carried": packed,
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/login.html", context)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        name = SimpleLazyObject(_organisation)
        return {
            **context,
            "site_header": name,
            "site_title": name,
            # Asked only where the bar is drawn: not in a popup, not on the page of the login.
            "tools": [
                {
                    "template": tool.template,
                    "context": SimpleLazyObject(partial(tool.context, request)),
                }
                for tool in self._tools
            ],
            "navigation": navigation.sections(
                context["available_apps"],
                request.path,
                pages=[page for page in self._pages if page.section and page.is_visible(request)],
            ),
        }

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        view = PasswordChangeView.as_view(
            form_class=self.password_change_form,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
            template_name=self.password_change_template or "registration/password_change_form.html",
        )
        request.current_app = self.name
        return view(request)

    def get_log_entries(self, request: HttpRequest) -> Any:
        return []

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        request.current_app = self.name
        with site.asked_once():
            each = self.each_context(request)
            context = {
                **each,
                "title": _("Overview"),
                "subtitle": None,
                "app_list": each["available_apps"],
                "groups": panels.first_page(self._panels, request),
                **(extra_context or {}),
            }
            return TemplateResponse(request, self.index_template, context).render()


def _organisation() -> str:
    return site.current().organisation
