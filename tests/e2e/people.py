"""Who works in the back office, on what, and what happens to their hands and lines."""

import pytest
from playwright.sync_api import expect

from accounts.models import Role
from accounts.tests.factories import UserFactory
from tests.e2e.conftest import DESKTOP, PASSWORD, PHONE

both_sizes = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
#: What the browser says of a page that is not this person's.
REFUSED = "Failed to load resource: the server responded with a status of 403"
#: What the browser says of an answer that never came.
LOST = "Failed to load resource: net::ERR_FAILED"

_ABLE = {"storekeeper": Role.STAFF, "manager": Role.MANAGER, "administrator": Role.ADMIN}


def as_each(*names):
    """Tell the story as each of these people: all three where none are named."""
    chosen = names or tuple(_ABLE)
    return pytest.mark.parametrize("role", [_ABLE[name] for name in chosen], ids=chosen)


def person(role, **fields):
    return UserFactory(role=role, **fields)


def visitor():
    """Somebody who may enter, whom the site has given nothing to do."""
    user = UserFactory()
    user.groups.clear()
    return user


def scan(page, text):
    """Type as a scanner does: at once, with Enter at the end, wherever the cursor stands."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def begin_to_count(page):
    """Wait until a scan is heard."""
    expect(page.locator("#count-scan")).to_be_focused()


def fits(page):
    """Tell whether nobody has to scroll sideways."""
    page.wait_for_load_state()
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def end_session(page):
    page.context.clear_cookies(name="sessionid")


def log_in_again(page, user):
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def lose_the_answer(page, address):
    """Let the next form that is sent to an address arrive, and nothing of its answer."""
    waiting = [True]

    def lose(route):
        if route.request.method != "POST" or not waiting:
            route.continue_()
            return
        waiting.clear()
        cookies = page.context.cookies()
        route.fetch(max_redirects=0)
        # What the answer would have set did not arrive either.
        page.context.clear_cookies()
        page.context.add_cookies(cookies)
        route.abort()

    page.route(address, lose)
