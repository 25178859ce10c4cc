"""Using the back office in tests as a person does: open a page, fill its form, send it."""

from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

_BACKEND = "accounts.backends.EmailBackend"


def enter(user: AbstractUser) -> Client:
    """Return a browser in which this person is logged in."""
    client = Client()
    client.force_login(user, backend=_BACKEND)
    return client


def form(response: HttpResponse, *, action: str = "") -> dict[str, Any]:
    """Return what a browser would send if the page's form were sent as it stands.

    The form is the one whose action ends in `action`; without it the first with a field to fill in, else the
    last.
    """
    reader = _Forms()
    reader.feed(response.content.decode())
    for found_action, fields, is_fillable in reader.forms:
        if found_action.endswith(action) if action else is_fillable:
            return fields
    if action:
        raise LookupError(f"There is no form {action!r} on this page.")
    # A page that only asks a question; the forms of the frame come before it.
    return reader.forms[-1][1]


def send(client: Client, url: str, /, *, follow: bool = True, **values: Any) -> HttpResponse:
    """Open a page, fill in `values`, send its form; a value of None leaves the field out."""
    filled = {**form(client.get(url)), **values}
    return client.post(
        url, {name: value for name, value in filled.items() if value is not None}, follow=follow
    )


def press(client: Client, page: str, button: str) -> HttpResponse:
    """Press a button of a page that acts at once; `button` ends the address it is sent to."""
    shown = client.get(page)
    reader = _Forms()
    reader.feed(shown.content.decode())
    (action, fields, _is_fillable) = next(found for found in reader.forms if found[0].endswith(button))
    return client.post(action, fields, follow=True)


def count_queries(act: Callable[[], Any]) -> int:
    """Return how many queries `act` costs."""
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def first_page(client: Client) -> dict[str, dict[str, Any]]:
    """Return the panels of the first page by the names of their classes, each with what it shows.

    Those that are only said to be empty are among them.
    """
    groups = client.get(reverse("admin:index")).context["groups"]
    entries = [entry for group in groups for entry in (*group["entries"], *group["clear"])]
    return {type(entry["panel"]).__name__: entry["context"] for entry in entries}


def cells_of(panel: dict[str, Any]) -> list[list[str]]:
    """Return what a person reads in the table of a panel, row by row; a stroke parts lines of a cell."""
    return [[_read(str(cell.text)) for cell in row] for row in panel["rows"]]


def _read(html: str) -> str:
    return " ".join(unescape(strip_tags(html.replace("<br>", " / "))).split())


def messages(response: HttpResponse) -> list[str]:
    """Return the messages that the page shows."""
    return [str(message) for message in response.context["messages"]]


class _Forms(HTMLParser):
    """Collects (action, {name: value}, whether there is something to fill in) of each form that is posted."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, Any], bool]] = []
        self._action: str | None = None
        self._fields: dict[str, Any] = {}
        self._is_fillable = False
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag == "form" and given.get("method") == "post":
            self._action, self._fields, self._is_fillable = given.get("action") or "", {}, False
        elif self._action is None or "disabled" in given:
            return
        elif tag == "input" and name:
            self._input(name, given)
        elif tag == "select" and name:
            self._select, self._is_fillable = name, True
        elif tag == "option" and self._select:
            if "selected" in given or self._select not in self._fields:
                self._fields[self._select] = given.get("value") or ""
        elif tag == "textarea" and name:
            self._textarea, self._is_fillable = name, True
            self._fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._fields[self._textarea] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None
        elif tag == "form" and self._action is not None:
            self.forms.append((self._action, self._fields, self._is_fillable))
            self._action = None

    def _input(self, name: str, given: dict[str, str | None]) -> None:
        kind = given.get("type") or "text"
        if kind in ("submit", "button", "file"):
            self._is_fillable = self._is_fillable or kind == "file"
            return
        if kind in ("checkbox", "radio"):
            self._is_fillable = True
            if "checked" in given:
                self._fields[name] = given.get("value") or "on"
            return
        self._is_fillable = self._is_fillable or kind != "hidden"
        self._fields[name] = given.get("value") or ""
