"""Issuing in a real browser, with a scanner for a keyboard."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import UserFactory
from inventory.models import Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from tests.e2e.conftest import DESKTOP, PASSWORD, PHONE

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/admin/inventory/issue-and-transfer/?location=SHELF"
#: A first load of the page, all files together, as the server sends them uncompressed.
_MOST_BYTES = 150_000


@pytest.fixture
def goods():
    shelf = LocationFactory(code="SHELF")
    goods = [
        ItemFactory(sku=sku, name=sku.title(), barcode=barcode)
        for sku, barcode in (("BOLT", "5901234123457"), ("NUT", "5901234123464"), ("WASHER", "96385074"))
    ]
    for item in goods:
        stock(item, shelf, 10)
    return goods


def scan(page, text):
    """Type as a scanner does: at once, with Enter at the end, wherever the cursor stands."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_three_scans_are_posted_and_one_is_undone(open_as, goods, viewport):
    bolt, nut, washer = goods
    page = open_as(UserFactory(), PAGE, viewport)

    for item in goods:
        scan(page, item.barcode)
    expect(page.get_by_text("Washer · 10 EA available")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Post", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Issue: 3 lines were posted.")).to_be_visible()
    assert [on_hand(item) for item in goods] == [9, 9, 9]

    page.get_by_text("Undo Washer").click()
    page.get_by_role("button", name="Undo this").dblclick()
    expect(page.get_by_text("WASHER Washer: undone.")).to_be_visible()

    assert [on_hand(item) for item in (bolt, nut, washer)] == [9, 9, 10]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_same_scan_again_is_one_more(open_as, goods):
    page = open_as(UserFactory(), PAGE, PHONE)

    scan(page, "BOLT")
    expect(page.get_by_text("Bolt · 10 EA available")).to_be_visible()
    scan(page, "5901234123457")
    expect(page.locator("[name=line-0-quantity]")).to_have_value("2")
    scan(page, "NUT")
    expect(page.get_by_text("Nut · 10 EA available")).to_be_visible()
    page.get_by_role("button", name="Post", exact=True).dblclick()
    expect(page.get_by_text("Issue: 2 lines were posted.")).to_be_visible()

    assert [on_hand(item) for item in goods] == [8, 9, 10]


def test_what_comes_in_by_lot_asks_for_it(open_as, goods):
    serum = ItemFactory(sku="SERUM", name="Serum", tracking=Tracking.LOT)
    page = open_as(UserFactory(), f"{PAGE}&kind=receipt", PHONE)

    scan(page, "SERUM")
    expect(page.locator("[name=line-0-lot]")).to_be_focused()
    scan(page, "L-1")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("Receipt: 1 line was posted.")).to_be_visible()

    assert serum.balances.get().lot.number == "L-1"


def test_what_was_typed_outlives_a_session_that_ended(open_as, goods):
    keeper = UserFactory()
    page = open_as(keeper, PAGE, PHONE)
    scan(page, "BOLT")
    expect(page.get_by_text("Bolt · 10 EA available")).to_be_visible()
    page.locator("[name=line-0-quantity]").fill("4")

    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Post", exact=True).click()
    page.get_by_label("Email").fill(keeper.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("[name=line-0-quantity]")).to_have_value("4")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("Issue: 1 line was posted.")).to_be_visible()

    assert on_hand(goods[0]) == 6
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('ipms.handling'))") == []


def test_a_number_that_is_not_quite_right_is_asked_about(open_as, goods):
    nut = ItemFactory(sku="NUT-10", name="Long nut")
    page = open_as(UserFactory(), f"{PAGE}&kind=receipt", PHONE)

    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("Scan or type at least one item.")).to_be_visible()
    scan(page, "NUT-1")
    page.get_by_role("button", name="NUT-10 Long nut").click()
    expect(page.get_by_text("Long nut · 0 EA available")).to_be_visible()
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("Receipt: 1 line was posted.")).to_be_visible()

    assert on_hand(nut) == 1


def test_it_works_without_the_script(browser, live_server, goods):
    keeper = UserFactory()
    context = browser.new_context(viewport=PHONE, base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/admin/login/")
    page.get_by_label("Email").fill(keeper.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.goto(PAGE)

    page.locator("[name=line-0-item]").fill("5901234123457")
    page.locator("[name=line-0-item]").press("Enter")
    expect(page.locator("[name=line-0-item]")).to_have_value("BOLT")
    page.locator("[name=line-1-item]").fill("NUT")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("Issue: 2 lines were posted.")).to_be_visible()

    context.close()
    assert [on_hand(item) for item in goods] == [9, 9, 10]


def test_the_page_is_light(open_as, goods):
    page = open_as(UserFactory(), "/admin/", PHONE)
    sizes = []
    page.on("response", lambda answer: sizes.append(len(answer.body())))

    page.goto(PAGE)
    page.wait_for_load_state("networkidle")

    assert sum(sizes) < _MOST_BYTES, sum(sizes)
