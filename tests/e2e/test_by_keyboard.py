"""The most frequent work from the first page to its end without a hand at the mouse."""

import pytest
from playwright.sync_api import expect

from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from procurement.models import GoodsReceipt
from procurement.tests.factories import approved_order, line
from tests.e2e.people import both_sizes

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

#: Farther than anybody goes on with Tab.
_MOST_STOPS = 60
_SEEN = """element => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const isDrawn = style.outlineStyle !== "none" || style.boxShadow !== "none";
    return element.checkVisibility() && box.width > 0 && isDrawn;
}"""


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


@pytest.fixture
def bolt(shelf):
    bolt = ItemFactory(sku="BOLT", name="Bolt", barcode="5901234123457", location=shelf)
    stock(bolt, shelf, 10)
    return bolt


def go_to(page, target):
    """Press Tab until the cursor stands on a target, and see that it shows where it stands."""
    for _stop in range(_MOST_STOPS):
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate(_SEEN)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {target}")


def open_menu(page):
    opener = page.locator("#sidebar-toggle")
    if opener.get_attribute("aria-expanded") == "false":
        go_to(page, opener)
        page.keyboard.press("Enter")
    return page.locator("#sidebar")


@both_sizes
def test_an_issue_is_reached_typed_and_posted(open_as, staff, bolt, viewport):
    page = open_as(staff, "/admin/", viewport)

    go_to(page, open_menu(page).get_by_role("link", name="Issue and transfer"))
    page.keyboard.press("Enter")
    expect(page.locator("[name=line-0-item]")).to_be_focused()
    page.keyboard.type("bolt")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Bolt · 10 EA available")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    go_back_to(page, page.locator("[name=line-0-quantity]"))
    page.keyboard.type("3")
    go_to(page, page.get_by_role("button", name="Post", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Issue: 1 line was posted.")).to_be_visible()

    assert on_hand(bolt) == 7


@both_sizes
def test_a_receipt_is_reached_from_its_number_typed_and_posted(open_as, staff, bolt, shelf, viewport):
    order = approved_order(line(bolt, 5), deliver_to=shelf)
    page = open_as(staff, "/admin/", viewport)

    expect(page.locator("main").get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(order.po_number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/purchaseorder/{order.pk}/change/")
    go_to(page, page.get_by_role("link", name="Receive", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/do/receive/")
    field = page.locator(f"[name=line-{order.lines.get().pk}-quantity]")
    go_to(page, field)
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    go_to(page, page.get_by_role("button", name="Post receipt"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Still to come: 3 EA Bolt")).to_be_visible()

    assert (on_hand(bolt), GoodsReceipt.objects.count()) == (12, 1)


def go_back_to(page, target):
    for _stop in range(_MOST_STOPS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab")
    raise AssertionError(f"Shift and Tab do not lead back to {target}")
