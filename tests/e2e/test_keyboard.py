"""The back office without a mouse."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import UserFactory
from inventory.models import Category
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, stock
from procurement.tests.factories import line, order
from tests.e2e.conftest import PHONE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

#: What has the cursor: where it stands in the page, whether one sees that, and how it is called.
_FOCUSED = """() => {
    const element = document.activeElement;
    if (element === document.body) return null;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const isMarked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    // A figure that is drawn instead of a box that is there: it shows the cursor for it.
    const drawn = element.nextElementSibling ? getComputedStyle(element.nextElementSibling) : style;
    return {
        place: [...document.querySelectorAll("*")].indexOf(element),
        shows: isMarked || style.boxShadow !== "none" || drawn.outlineStyle !== "none",
        isThere: box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth,
        what: element.outerHTML.slice(0, 120),
    };
}"""


def tab_through(page, most=70):
    """Press Tab from the top of the page to its end; return what got the cursor."""
    page.evaluate(
        "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"
    )
    stops = []
    for _press in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUSED)
        if stop is None or (len(stops) > 1 and stop["place"] == stops[0]["place"]):
            break
        # A date is several stops in one field, whose last ones the browser marks by itself.
        if not stops or stop["place"] != stops[-1]["place"]:
            stops.append(stop)
    return stops


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/inventory/item/",
        "/admin/inventory/item/add/",
        "/admin/inventory/issue-and-transfer/",
        "/admin/procurement/purchaseorder/add/",
        "/admin/procurement/approve/",
        "/admin/search/?q=bolt",
    ],
)
def test_tab_goes_through_the_page_in_its_order_and_shows_where_it_stands(open_as, path, viewport):
    shelf = LocationFactory()
    bolt = ItemFactory(name="Bolt M8", location=shelf)
    stock(bolt, shelf, 3)
    order(line(bolt))
    page = open_as(UserFactory(manager=True), path, viewport)

    stops = tab_through(page)

    assert "skip-link" in stops[0]["what"]
    assert [stop["what"] for stop in stops if not stop["shows"]] == []
    assert [stop["what"] for stop in stops if not stop["isThere"]] == []
    places = [stop["place"] for stop in stops]
    assert places == sorted(places)


def test_the_skip_link_leads_past_the_navigation(open_as):
    page = open_as(UserFactory(), "/admin/inventory/item/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_persons_menu_opens_and_closes_by_keys(open_as):
    page = open_as(UserFactory(first_name="Aline"))
    opener = page.locator("summary", has_text="Aline")

    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    expect(opener).to_be_focused()


def test_filters_on_a_phone_open_by_a_button_that_says_so(open_as):
    ItemFactory()
    page = open_as(UserFactory(), "/admin/inventory/item/", PHONE)
    button = page.get_by_role("button", name="Filter", exact=True)
    expect(page.locator("#changelist-filter")).to_be_hidden()

    button.focus()
    page.keyboard.press("Enter")

    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#changelist-filter")).to_be_visible()


def test_rows_are_chosen_and_acted_on_by_keys(open_as):
    CategoryFactory(name="Fasteners")
    page = open_as(UserFactory(admin=True), "/admin/inventory/category/")

    page.locator("input.action-select").first.focus()
    page.keyboard.press("Space")
    page.locator("select[name=action]").select_option("delete_selected")
    page.get_by_role("button", name="Go").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Delete").press("Enter")
    expect(page.locator(".messagelist")).to_be_visible()

    assert not Category.objects.exists()


def test_a_picker_has_the_name_of_its_field_and_is_used_by_keys(open_as):
    CategoryFactory(name="Fasteners")
    page = open_as(UserFactory(manager=True), "/admin/inventory/item/add/")

    picker = page.get_by_role("combobox", name="Category")
    picker.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("fast")
    expect(page.get_by_role("option", name="Fasteners")).to_be_visible()
    page.keyboard.press("Enter")

    expect(picker).to_contain_text("Fasteners")


def test_several_mistakes_are_read_out_first_and_each_leads_to_its_field(open_as):
    page = open_as(UserFactory(admin=True), "/admin/accounts/user/add/")

    page.get_by_role("button", name="Save", exact=True).click()
    told = page.locator("[data-mistakes]")
    expect(told).to_be_focused()
    told.get_by_role("link", name="Email address").press("Enter")

    field = page.get_by_label("Email address")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("This field is required.")


def test_one_mistake_has_the_cursor(open_as):
    page = open_as(UserFactory(manager=True), "/admin/suppliers/supplier/add/")

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Name: This field is required.")
