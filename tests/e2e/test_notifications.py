"""From the event to the bell, and from the bell to the record; on a desktop and on a small phone."""

import os

import pytest

from accounts import notifications
from accounts.models import Kind
from accounts.notifications import Channels
from accounts.tests.factories import UserFactory
from ipms import outbox
from procurement.tests.factories import line, order
from suppliers.tests.factories import SupplierFactory
from tests.e2e.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

_LIST = "/admin/accounts/notification/"


@pytest.fixture
def waiting(manager):
    """Orders that wait for the manager's approval, told of in the program and by mail."""
    maker = UserFactory(first_name="Esi", last_name="Owusu")
    bolts = SupplierFactory(name="Bolts and Nuts of the Great Lakes Ltd")
    made = [order(line(quantity=number, unit_price=150), by=maker, supplier=bolts) for number in (3, 4)]
    outbox.deliver()
    return made


def take(page, name):
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("IPMS_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def is_within_the_screen(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_manager_goes_from_the_bell_to_the_order(open_as, manager, waiting, viewport):
    page = open_as(manager, viewport=viewport)
    take(page, f"home-{viewport['width']}")
    page.get_by_role("link", name="Notifications, unread: 2").click()
    assert is_within_the_screen(page)
    take(page, f"notifications-{viewport['width']}")

    page.get_by_role("link", name=f"Order {waiting[0].po_number} waits for your approval").click()

    page.wait_for_url(f"**/admin/procurement/purchaseorder/{waiting[0].pk}/change/")
    page.get_by_role("link", name="Notifications, unread: 1").click()
    page.get_by_role("button", name="Mark all as read").click()
    page.get_by_role("link", name="Notifications", exact=True).wait_for()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_person_chooses_what_to_be_told(open_as, manager, viewport):
    page = open_as(manager, "/admin/accounts/notification/preferences/", viewport=viewport)
    assert is_within_the_screen(page)
    take(page, f"choices-{viewport['width']}")

    page.get_by_label("Stock is low: By mail").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("from now on you are told as you chose").wait_for()

    assert notifications.channels_of(manager)[Kind.STOCK_LOW] == Channels(in_app=True, by_mail=True)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_mail_is_read_where_there_is_no_mail_server(open_as, admin, waiting, viewport):
    page = open_as(admin, "/admin/ipms/outgoingmail/", viewport=viewport)
    take(page, f"mails-{viewport['width']}")

    page.get_by_role("link", name=f"Order {waiting[0].po_number} waits for your approval").first.click()

    frame = page.frame_locator("iframe")
    frame.get_by_role("heading", name=f"Order {waiting[0].po_number} waits for your approval").wait_for()
    assert frame.locator("body").evaluate("body => getComputedStyle(body).fontSize") == "16px"
    assert is_within_the_screen(page)
    take(page, f"mail-{viewport['width']}")
    page.locator("iframe").scroll_into_view_if_needed()
    take(page, f"mail-frame-{viewport['width']}")
