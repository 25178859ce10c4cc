"""What was typed outlives what goes wrong: a session that ended, a failure of ours, a power cut."""

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from playwright.sync_api import expect

from accounts.tests.factories import UserFactory
from inventory.models import StockMovement, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from procurement.tests.factories import approved_order, line
from suppliers.models import Supplier
from tests.e2e.conftest import PASSWORD, PHONE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

ADD = "/admin/suppliers/supplier/add/"


def log_in(page, user):
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def fill_in(page):
    page.get_by_label("Code").fill("RIFT")
    page.get_by_label("Name", exact=True).fill("Rift Valley Packaging")


def wait_for_draft(page, value="RIFT"):
    """Wait until the browser keeps a draft with a value; the page's rules forbid what the driver offers."""
    page.evaluate(
        """value => new Promise(done => {
            const look = () => Object.keys(localStorage).some(key => key.startsWith("ipms.draft.")
                && Object.values(JSON.parse(localStorage[key]).values).flat().includes(value))
                ? done() : requestAnimationFrame(look);
            look();
        })""",
        value,
    )


def drafts(page):
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('ipms.draft.'))")


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_a_form_sent_after_the_session_had_ended_is_there_after_the_login(open_as, viewport):
    manager = UserFactory(manager=True)
    page = open_as(manager, ADD, viewport)
    fill_in(page)

    Session.objects.all().delete()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("what you typed is kept")).to_be_visible()
    assert not Supplier.objects.exists()
    log_in(page, manager)

    expect(page.get_by_text("is back in the form")).to_be_visible()
    expect(page.get_by_label("Code")).to_have_value("RIFT")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/supplier/")
    assert Supplier.objects.get().name == "Rift Valley Packaging"
    assert drafts(page) == []


def test_somebody_else_who_logs_in_sees_nothing_of_it(open_as):
    manager, other = UserFactory(manager=True), UserFactory(manager=True)
    page = open_as(manager, ADD)
    fill_in(page)

    Session.objects.all().delete()
    page.get_by_role("button", name="Save", exact=True).click()
    log_in(page, other)
    expect(page.get_by_role("heading", name="Add supplier")).to_be_visible()

    expect(page.get_by_label("Code")).to_have_value("")
    assert page.get_by_text("Rift Valley").count() == 0
    assert page.get_by_text("You typed this").count() == 0


def test_what_was_typed_before_the_power_went_is_offered(open_as):
    manager = UserFactory(manager=True)
    page = open_as(manager, ADD)
    fill_in(page)
    wait_for_draft(page)

    page.goto("about:blank")
    page.goto(ADD)
    expect(page.get_by_label("Code")).to_have_value("")
    page.get_by_role("button", name="Put it back").click()

    expect(page.get_by_label("Name", exact=True)).to_have_value("Rift Valley Packaging")


def test_what_is_thrown_away_is_gone(open_as):
    page = open_as(UserFactory(manager=True), ADD)
    fill_in(page)
    wait_for_draft(page)

    page.goto(ADD)
    page.get_by_role("button", name="Throw it away").click()
    page.wait_for_load_state("load")

    expect(page.get_by_role("button", name="Put it back")).to_have_count(0)
    assert drafts(page) == []


def test_a_failure_of_ours_in_the_middle_loses_nothing(open_as, monkeypatch):
    manager, shelf = UserFactory(manager=True), LocationFactory(code="SHELF")
    bolt = ItemFactory(name="Bolt M8", location=shelf)
    stock(bolt, shelf, 3)
    page = open_as(manager, f"/admin/inventory/item/{bolt.pk}/change/", forgives="Failed to load resource")
    page.get_by_role("link", name="Remove stock").click()
    page.get_by_label("Quantity").fill("2")
    page.get_by_label("Reason").fill("Line 2 stands still")

    with monkeypatch.context() as broken:
        broken.setattr("inventory.ledger.post", _fail)
        page.get_by_role("button", name="Remove stock").click()
        expect(page.get_by_role("heading", name="Something went wrong")).to_be_visible()
    page.get_by_role("link", name="Open the form again").click()

    expect(page.get_by_label("Reason")).to_have_value("Line 2 stands still")
    page.get_by_role("button", name="Remove stock").click()
    page.wait_for_url("**/change/")
    assert on_hand(bolt) == 1


def test_an_answer_that_was_lost_on_the_way_posts_nothing_twice(open_as):
    keeper, shelf = UserFactory(), LocationFactory(code="SHELF")
    bolt = ItemFactory(name="Bolt M8", location=shelf)
    address = f"/admin/inventory/item/{bolt.pk}/do/add-stock/"
    page = open_as(keeper, address, forgives="Failed to load resource")
    page.get_by_label("Quantity").fill("5")

    def lose(route):
        route.fetch(max_redirects=0)
        page.context.clear_cookies(name="ipms_sent")  # which the driver took from the answer
        route.abort()

    page.route(f"**{address}", lose, times=1)
    page.get_by_role("button", name="Add stock").click()
    page.wait_for_url("chrome-error://**")
    page.goto(address)
    expect(page.get_by_text("is back in the form")).to_be_visible()
    page.get_by_role("button", name="Add stock").click()
    expect(page.get_by_text("it was carried out once")).to_be_visible()

    assert on_hand(bolt, shelf) == 5
    assert StockMovement.objects.filter(item=bolt).count() == 1
    assert drafts(page) == []


def test_a_page_that_was_too_old_leads_back_to_the_form_as_it_was(open_as):
    page = open_as(UserFactory(manager=True), ADD, forgives="Failed to load resource")
    fill_in(page)

    page.context.clear_cookies(name="csrftoken")  # as a login in another tab replaces it
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="The page was too old")).to_be_visible()
    page.get_by_role("link", name="Open the form again").click()

    expect(page.get_by_label("Code")).to_have_value("RIFT")


def test_back_and_save_again_saves_once(open_as):
    page = open_as(UserFactory(manager=True), ADD)
    fill_in(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/supplier/")

    page.go_back()
    fill_in(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/supplier/**")

    assert Supplier.objects.count() == 1


def test_parts_of_a_receipt_that_were_added_come_back(open_as):
    serum = ItemFactory(sku="SERUM", name="Serum", tracking=Tracking.LOT)
    made = approved_order(line(serum, quantity=10))
    address = f"/admin/procurement/purchaseorder/{made.pk}/do/receive/"
    page = open_as(UserFactory(), address)
    page.locator("[name$=-quantity]").first.fill("4")
    page.locator("button[name=more]").click()
    page.locator("[name$='-2-lot']").fill("L-2")
    wait_for_draft(page, "L-2")

    page.goto("about:blank")
    page.goto(address)
    page.get_by_role("button", name="Put it back").click()

    expect(page.locator("[name$=-quantity]").first).to_have_value("4")
    expect(page.locator("[name$='-2-lot']")).to_have_value("L-2")


def test_lines_of_an_order_come_back_with_what_was_picked(open_as):
    keeper, supplier = UserFactory(), Supplier.objects.create(code="RIFT", name="Rift Valley", currency="USD")
    ItemFactory(sku="BOLT", name="Bolt M8")
    page = open_as(keeper, "/admin/procurement/purchaseorder/add/")
    page.locator("#id_supplier + .select2").click()
    page.get_by_role("option", name="Rift Valley").click()
    page.get_by_role("button", name="Add another").last.click()
    last = page.locator("[name$=-quantity]:visible").last
    last.fill("7")
    name = last.get_attribute("name")
    wait_for_draft(page, "7")

    page.goto("about:blank")
    page.goto("/admin/procurement/purchaseorder/add/")
    page.get_by_role("button", name="Put it back").click()

    expect(page.locator(f"[name={name}]")).to_have_value("7")
    expect(page.locator("#id_supplier")).to_have_value(str(supplier.pk))
    expect(page.locator("#id_supplier + .select2")).to_contain_text("Rift Valley")


def test_without_a_script_the_form_waits_behind_the_login(browser):
    manager = UserFactory(manager=True)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/admin/login/?next={ADD}")
    log_in(page, manager)
    fill_in(page)

    Session.objects.all().delete()
    page.get_by_role("button", name="Save", exact=True).click()
    log_in(page, manager)
    expect(page.get_by_role("heading", name="It was not sent yet")).to_be_visible()
    assert not Supplier.objects.exists()
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_url("**/supplier/")

    assert Supplier.objects.get().code == "RIFT"


def test_logging_out_leaves_nothing_on_the_device(open_as):
    page = open_as(UserFactory(manager=True), ADD)
    fill_in(page)
    wait_for_draft(page)

    page.goto("/admin/")
    page.get_by_text("Your account").locator("..").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_load_state("load")

    assert drafts(page) == []


def _fail(*args, **kwargs):
    raise DatabaseError("the disk is full")
