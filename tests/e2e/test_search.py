"""The search over everything, by keyboard, by scanner and on a phone."""

import os

import pytest

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory
from procurement.tests.factories import line, order
from suppliers.tests.factories import SupplierFactory
from tests.e2e.conftest import DESKTOP, PASSWORD, PHONE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bolt():
    """A bolt that is on order, among others."""
    bolt = ItemFactory(sku="BOLT-8", name="Hexagon bolt M8, galvanised", barcode="4006381333931")
    ItemFactory(sku="BOLT-10", name="Hexagon bolt M10, galvanised, with a nut and two washers")
    order(line(bolt), supplier=SupplierFactory(code="RIFT", name="Rift Valley Packaging"))
    return bolt


def take(page, name):
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("IPMS_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def field_of(page):
    return page.get_by_role("combobox", name="Search everything")


def is_within_the_screen(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("key", ["/", "Control+k"])
def test_a_key_arrows_and_enter_lead_to_the_record(open_as, bolt, key):
    page = open_as(UserFactory(), "/admin/suppliers/supplier/", DESKTOP)
    page.keyboard.press(key)
    field = field_of(page)
    assert field.evaluate("field => field === document.activeElement")
    assert field.input_value() == ""

    page.keyboard.type("bolt")
    page.get_by_role("option", name="BOLT-8").wait_for()
    take(page, "search-list")
    assert field.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.get_by_role("option", selected=True)
    assert chosen.count() == 1
    assert "BOLT-8" in chosen.inner_text()
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    take(page, "search-chosen")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/admin/inventory/item/{bolt.pk}/change/")


def test_scanner_is_on_the_record_before_the_list_is_there(open_as, bolt):
    page = open_as(UserFactory(), "/admin/suppliers/supplier/")

    page.keyboard.press("/")
    page.keyboard.type("4006381333931")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/admin/inventory/item/{bolt.pk}/change/")


def test_enter_without_a_choice_opens_the_page(open_as, bolt):
    page = open_as(UserFactory(), "/admin/")

    page.keyboard.press("Control+k")
    page.keyboard.type("hexagon")
    page.keyboard.press("Enter")

    page.wait_for_url("**/admin/search/?q=hexagon")
    take(page, "search-page")
    assert page.locator("main").get_by_role("link", name="BOLT-8").is_visible()


def test_escape_closes_the_list_and_then_leaves_the_field(open_as, bolt):
    page = open_as(UserFactory(), "/admin/")
    field = field_of(page)
    field.fill("bolt")
    page.get_by_role("option", name="BOLT-8").wait_for()

    page.keyboard.press("Escape")
    assert page.get_by_role("option").count() == 0
    assert (field.get_attribute("aria-expanded"), field.input_value()) == ("false", "bolt")
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("option", selected=True).count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    assert field.input_value() == ""
    assert not field.evaluate("field => field === document.activeElement")


def test_a_slash_in_a_form_is_a_slash(open_as, bolt):
    page = open_as(UserFactory(), "/admin/suppliers/supplier/")
    own = page.locator("#searchbar")
    own.focus()

    page.keyboard.type("a/b")

    assert own.input_value() == "a/b"


def test_nothing_found_is_said_also_to_who_does_not_see_it(open_as, bolt):
    page = open_as(UserFactory(), "/admin/")

    field_of(page).fill("zeppelin")

    page.get_by_role("status").filter(has_text="Nothing is found for “zeppelin”.").wait_for()
    assert page.locator(".finder__none").is_visible()


def test_on_a_phone_a_button_opens_the_field_and_a_tap_the_record(open_as, bolt):
    page = open_as(UserFactory(), "/admin/suppliers/supplier/", PHONE)
    take(page, "search-phone-bar")
    assert not field_of(page).is_visible()
    page.get_by_role("link", name="Search everything").click()
    field_of(page).fill("bolt")
    option = page.get_by_role("option", name="BOLT-8")
    option.wait_for()
    take(page, "search-phone-list")
    assert is_within_the_screen(page)

    option.click()

    page.wait_for_url(f"**/admin/inventory/item/{bolt.pk}/change/")


def test_on_a_phone_the_field_goes_away_and_the_button_has_the_cursor(open_as, bolt):
    page = open_as(UserFactory(), "/admin/", PHONE)
    opener = page.get_by_role("link", name="Search everything")
    opener.click()

    page.keyboard.press("Escape")

    assert not field_of(page).is_visible()
    assert opener.evaluate("opener => opener === document.activeElement")


def test_the_page_fits_a_small_phone(open_as, bolt):
    page = open_as(UserFactory(), "/admin/search/?q=bolt", PHONE)

    take(page, "search-phone-page")
    assert is_within_the_screen(page)
    assert page.locator("main").get_by_role("link", name="BOLT-8").is_visible()


def test_what_was_typed_survives_an_expired_session(open_as, bolt):
    keeper = UserFactory()
    page = open_as(keeper, "/admin/suppliers/supplier/")
    page.context.clear_cookies(name="sessionid")

    with page.expect_response("**/admin/search/suggestions/**"):
        field_of(page).press_sequentially("bolt-8")
    page.keyboard.press("Enter")
    page.get_by_label("Email").fill(keeper.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    page.wait_for_url(f"**/admin/inventory/item/{bolt.pk}/change/")
