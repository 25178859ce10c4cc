"""A real browser against a real server; the console of every page must stay silent."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

# The browser's driver runs an event loop in this thread; Django would take it for an async view.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# The driver comes with a lock of its own (`make test-e2e`): without it there is nothing to collect here.
collect_ignore_glob = [] if find_spec("playwright") else ["test_*.py"]

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
_ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_NAMES = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = "correct-Horse-7"


@pytest.fixture(scope="session")
def browser() -> Iterator:
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("no chromium on this machine: on Debian, apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_as(browser, live_server):
    """Return a page of the back office, logged in: `open_as(manager, "/admin/")`, wide or as on a phone."""
    contexts, complaints = [], []

    def open_page(user, path="/admin/", viewport=None, *, forgives=None):
        """`forgives` begins the complaint that the test provokes: the browser tells of a lost connection."""

        def hear(message):
            if message.type == "error" and not (forgives and message.text.startswith(forgives)):
                complaints.append(message.text)

        context = browser.new_context(viewport=viewport or DESKTOP, base_url=live_server.url)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/admin/login/")
        page.get_by_label("Email").fill(user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/admin/")
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
