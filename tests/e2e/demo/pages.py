"""Every page of the back office, told by its registry and its addresses: a new page is there by itself.

`python -m tests.e2e.demo.pages` prints them as JSON; the environment says of which site.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
#: The most able first.
_ROLES = ("admin", "manager", "staff")
#: What the pages of each model are.
_COMMON = (
    "",
    "add/",
    "import/",
    "export/",
    *(f"<path:object_id>/{page}/" for page in ("change", "history", "delete")),
)
#: What is opened for the records that were ticked in a list.
_FOR_CHOSEN = "labels/"
#: What an address begins with that is no page of ours to look at.
_NO_PAGES = ("autocomplete/", "jsi18n/", "r/<", "logout/")


@dataclass(frozen=True)
class Address:
    """A path with what its parameters stand for filled in, and the pattern that it comes from.

    Where a pattern belongs to records, there is an address for each kind of record: in every state, and able
    to do every action. The path is empty where the demo has no such record. `roles` may see it, as far as
    permissions tell, the most able first.
    """

    path: str
    pattern: str
    roles: tuple[str, ...] = _ROLES
    #: Worth seeing as each of the roles, since it looks different to them.
    differs: bool = False

    @property
    def is_doubtful(self) -> bool:
        """Whether it may be a file, or nothing that one can look at: ask before the browser opens it."""
        _model, is_model, route = self.pattern.partition(": ")
        if is_model:
            return "/do/" not in route and route not in _COMMON
        return "<" in self.pattern


def addresses() -> list[Address]:
    """Return an address at least for each pattern under /admin/, in a steady order."""
    from django.contrib import admin

    found = {}
    for address in _all(admin.site):
        found.setdefault(address.path or address.pattern, address)
    return list(found.values())


def _all(site: Any) -> Iterator[Address]:
    yield Address("/admin/login/", "login/", roles=("",))
    yield Address("/admin/nothing-here/", "(.*)$", roles=("staff",))
    for label in sorted({model._meta.app_label for model in site._registry}):
        yield Address(f"/admin/{label}/", "<app_label>/")
    for pattern in site.get_urls():
        route = getattr(pattern.pattern, "_route", None)
        if not hasattr(pattern, "url_patterns") and route is not None and not route.startswith(_NO_PAGES):
            yield from _of_page(site, route)
    for model, model_admin in sorted(site._registry.items(), key=lambda pair: pair[0]._meta.label):
        yield from _of_model(model, model_admin)


def _of_page(site: Any, route: str) -> Iterator[Address]:
    from django.apps import apps

    page = next((page for page in site._pages if page.route == route), None)
    address = Address(f"/admin/{route}", route, roles=_permitted(page), differs=True)
    if not _PARAMETER.search(route) and not route.startswith(_FOR_CHOSEN):
        yield address
        return
    # A page for records names the permission to see that kind of record.
    app_label, codename = page.permission.split(".")
    records = apps.get_model(app_label, codename.removeprefix("view_")).objects.order_by("pk")[:1]
    if route.startswith(_FOR_CHOSEN):
        address = replace(address, path=f"{address.path}?id=<int:pk>")
    yield from _filled(address, records)


def _of_model(model: Any, model_admin: Any) -> Iterator[Address]:
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    examples = list(_examples(model, model_admin))
    for pattern in model_admin.get_urls():
        route = pattern.pattern._route
        if route == "<path:object_id>/":  # leads to the change page
            continue
        label = f"{model._meta.label_lower}: {route}"
        address = Address(base + route, label, differs=route in ("", "<path:object_id>/change/"))
        if "<slug:action_name>" in route:
            yield from _of_actions(address, model_admin)
        elif _PARAMETER.search(route):
            # The record's own pages look different in each of its states, what stands around them does not.
            yield from _filled(
                address, examples[:1] if route.endswith(("/history/", "/delete/")) else examples
            )
        else:
            yield address


def _of_actions(address: Address, model_admin: Any) -> Iterator[Address]:
    for action in model_admin.object_actions:
        if action.run is None or not action.has_page:
            continue
        for obj in model_admin.model._default_manager.order_by("-pk")[:300]:
            roles = tuple(role for role in _ROLES if action.is_offered(obj, _users()[role]))
            if roles:
                path = address.path.replace("<path:object_id>", str(obj.pk))
                path = path.replace("<slug:action_name>", action.name)
                yield Address(path, f"{address.pattern}{action.name}", roles)
                break
        else:
            yield Address("", f"{address.pattern}{action.name}")


def _filled(address: Address, examples: Any) -> Iterator[Address]:
    if not examples and "<slug:" not in address.path:
        yield replace(address, path="")
    for obj in examples:
        path = address.path
        for name in _PARAMETER.findall(path):
            if name in ("pk", "object_id"):
                path = re.sub(rf"<(?:\w+:)?{name}>", str(obj.pk), path)
        if not _PARAMETER.search(path):
            yield replace(address, path=path)


def _examples(model: Any, model_admin: Any) -> Iterator[Any]:
    """Yield the newest record of each status, or simply the first, as far as the most able may see them."""
    from django.db import models

    objects = next(filter(None, (_seen_by(role, model_admin) for role in _ROLES)), None)
    if objects is None:
        return
    status = next((field for field in model._meta.fields if field.name == "status"), None)
    if isinstance(status, models.CharField) and status.choices:
        for value, _label in status.flatchoices:
            if (found := objects.filter(status=value).first()) is not None:
                yield found
    else:
        yield objects.last()


def _seen_by(role: str, model_admin: Any) -> Any:
    from django.test import RequestFactory

    request = RequestFactory().get("/admin/")
    request.user = _users()[role]
    return model_admin.get_queryset(request).order_by("-pk")


@cache
def _users() -> dict[str, Any]:
    from accounts.models import User

    return {user.role: user for user in User.objects.filter(role__in=_ROLES)}


def _permitted(page: Any) -> tuple[str, ...]:
    if page is None or page.permission is None:
        return _ROLES
    return tuple(role for role in _ROLES if _users()[role].has_perm(page.permission))


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps([asdict(address) for address in addresses()]))  # noqa: T201 - what it is asked for
