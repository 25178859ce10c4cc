"""A real browser against a real server; no page may complain, nor ask anybody but the server."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

# The browser's driver runs an event loop in this thread; Django would take it for an async view.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# The driver comes with a lock of its own (`make test-e2e`): without it there is nothing to collect here.
collect_ignore_glob = [] if find_spec("playwright") else ["test_*.py"]

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_NAMES = ("chromium", "chromium-browser", "google-chrome")
#: What is no host: a picture in a style sheet, a file made by a script, a page of the browser itself.
_NO_HOST = ("data:", "blob:", "about:", "chrome")
PASSWORD = "correct-Horse-7"


class Browser:
    """The browser, as one test uses it: what its pages complain of is kept, whoever opened them.

    A complaint is an error or a warning on the console (a breach of the Content-Security-Policy and an answer
    of 400 and above among them), a script that fails, and a request to a foreign host.
    """

    def __init__(self, chromium: Any, home: str) -> None:
        self._chromium, self._home = chromium, home
        self._contexts: list[Any] = []
        self.complaints: list[str] = []

    def new_context(self, *, forgives: str | tuple[str, ...] = (), **how: Any) -> Any:
        """Open a window with cookies of its own; as small as a phone, it is touched.

        `forgives` begins the complaints that the test provokes.
        """
        how.setdefault("base_url", self._home)
        how.setdefault("viewport", DESKTOP)
        context = self._chromium.new_context(has_touch=how["viewport"] == PHONE, **how)
        context.set_default_timeout(15_000)
        self._contexts.append(context)

        def hear(text: str) -> None:
            if not (forgives and text.startswith(forgives)):
                self.complaints.append(text)

        def watch(request: Any) -> None:
            if not request.url.startswith((how["base_url"], *_NO_HOST)):
                hear(f"A foreign host was asked: {request.url}")

        context.on(
            "console", lambda message: hear(message.text) if message.type in ("error", "warning") else None
        )
        context.on("weberror", lambda error: hear(str(error.error)))
        context.on("request", watch)
        return context

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def browser_path() -> str | None:
    """Return where the system's chromium lies; None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser itself, started once."""
    path = browser_path()
    if path is None:
        pytest.skip("no chromium on this machine: on Debian, apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium, live_server) -> Iterator[Browser]:
    """Lend the browser; the test fails where a page complained."""
    lent = Browser(chromium, live_server.url)
    yield lent
    lent.close()
    assert lent.complaints == []


@pytest.fixture
def open_as(browser, live_server):
    """Return a page of the back office, logged in: `open_as(manager, "/admin/")`, wide or as on a phone."""
    # Commands that take pictures share this module, before an app is loaded.
    from ipms.testing.back_office import enter

    def open_page(user, path="/admin/", viewport=None, *, forgives=()):
        context = browser.new_context(viewport=viewport or DESKTOP, forgives=forgives)
        # The login has tests of its own; here it would only take its time.
        session = enter(user).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(path)
        return page

    return open_page


@pytest.fixture(scope="session")
def demo():
    """A running site with a year of demo data, as production serves it."""
    from tests.e2e.demo.site import demo_site

    with demo_site() as site:
        yield site
