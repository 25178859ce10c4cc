"""Counting in a real browser: with a scanner for a keyboard, a lost connection, and two people."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import UserFactory
from inventory import counting
from inventory.count_scope import Scope
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from tests.e2e.conftest import PHONE

pytestmark = pytest.mark.django_db(transaction=True)

#: A first load of the page on which people count, all files together, as the server sends them uncompressed.
_MOST_BYTES = 150_000


@pytest.fixture
def store():
    shelf = LocationFactory(code="SHELF")
    goods = [
        ItemFactory(sku="BOLT", name="Bolt", barcode="5901234123457"),
        ItemFactory(sku="NUT", name="Nut", barcode="5901234123464"),
    ]
    for item in goods:
        stock(item, shelf, 10, unit_cost=Decimal("2.50"))
    return shelf, goods


def begin(shelf, **how):
    return counting.create(Scope(location=shelf), by=UserFactory(manager=True), **how)


def scan(page, text):
    """Type as a scanner does: at once, with Enter at the end, wherever the cursor stands."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_two_items_are_counted_without_touching_the_screen(open_as, store):
    shelf, _goods = store
    count = begin(shelf)
    page = open_as(UserFactory(), f"/admin/inventory/stockcount/{count.pk}/enter/", PHONE)

    scan(page, "5901234123457")
    expect(page.locator("input[name=counted]")).to_be_focused()
    scan(page, "8")
    expect(page.get_by_text("1 of 2 counted")).to_be_visible()
    expect(page.get_by_label("Scan or type")).to_be_focused()
    scan(page, "5901234123464")
    expect(page.get_by_role("heading", name="Nut")).to_be_visible()
    scan(page, "11")
    expect(page.get_by_text("All is counted.")).to_be_visible()

    assert {line.item.sku: line.counted_quantity for line in count.lines.select_related("item")} == {
        "BOLT": 8,
        "NUT": 11,
    }


def test_a_scan_into_the_figure_is_not_taken_for_one(open_as, store):
    shelf, _goods = store
    count = begin(shelf)
    page = open_as(UserFactory(), f"/admin/inventory/stockcount/{count.pk}/enter/", PHONE)

    scan(page, "BOLT")
    expect(page.get_by_role("heading", name="Bolt")).to_be_visible()
    scan(page, "5901234123464")

    expect(page.get_by_text("This is a barcode: scan it in the field above.")).to_be_visible()
    assert not count.lines.filter(counted_quantity__isnull=False).exists()


def test_what_was_typed_outlives_a_lost_connection_and_a_closed_tab(open_as, store):
    shelf, _goods = store
    count = begin(shelf)
    address = f"/admin/inventory/stockcount/{count.pk}/enter/"
    page = open_as(UserFactory(), address, PHONE, forgives="Failed to load resource")
    scan(page, "BOLT")
    expect(page.get_by_role("heading", name="Bolt")).to_be_visible()

    page.route("**/enter/", lambda route: route.abort())
    scan(page, "8")
    expect(page.get_by_text("Not saved: there is no connection.")).to_be_visible()
    page.unroute_all()
    page.goto(address)
    scan(page, "BOLT")
    expect(page.get_by_role("heading", name="Bolt")).to_be_visible()
    expect(page.locator("input[name=counted]")).to_have_value("8")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text("1 of 2 counted")).to_be_visible()

    assert count.lines.filter(counted_quantity=8).count() == 1


def test_a_session_that_ended_is_told_and_the_figure_stays(open_as, store):
    shelf, _goods = store
    count = begin(shelf)
    page = open_as(UserFactory(), f"/admin/inventory/stockcount/{count.pk}/enter/", PHONE)
    scan(page, "BOLT")
    expect(page.get_by_role("heading", name="Bolt")).to_be_visible()

    page.context.clear_cookies(name="sessionid")
    scan(page, "8")

    expect(page.get_by_text("Not saved: please log in again")).to_be_visible()
    expect(page.locator("input[name=counted]")).to_have_value("8")


def test_one_counts_and_another_posts_with_one_click_of_two(open_as, store):
    shelf, (bolt, nut) = store
    count = begin(shelf)
    keeper = open_as(UserFactory(), f"/admin/inventory/stockcount/{count.pk}/enter/", PHONE)
    scan(keeper, "BOLT")
    expect(keeper.get_by_role("heading", name="Bolt")).to_be_visible()
    scan(keeper, "8")
    expect(keeper.get_by_text("1 of 2 counted")).to_be_visible()
    scan(keeper, "NUT")
    expect(keeper.get_by_role("heading", name="Nut")).to_be_visible()
    scan(keeper, "10")
    keeper.get_by_role("link", name="Hand over for review").click()
    keeper.get_by_role("button", name="Hand over for review").click()
    expect(keeper.get_by_text("was handed over for review.")).to_be_visible()

    manager = open_as(UserFactory(manager=True), f"/admin/inventory/stockcount/{count.pk}/lines/")
    expect(manager.get_by_text("-5.00").first).to_be_visible()
    manager.get_by_role("button", name="Approve and post").dblclick()
    expect(manager.get_by_text("was posted: 1 movement.")).to_be_visible()

    assert (on_hand(bolt), on_hand(nut)) == (8, 10)


def test_the_page_is_light(open_as, store):
    shelf, _goods = store
    count = begin(shelf)
    page = open_as(UserFactory(), "/admin/", PHONE)
    sizes = []
    page.on("response", lambda answer: sizes.append(len(answer.body())))

    page.goto(f"/admin/inventory/stockcount/{count.pk}/enter/")
    page.wait_for_load_state("networkidle")

    assert sum(sizes) < _MOST_BYTES
