"""The daily work as each of those who may do it, on a desk and on a phone; and as those who may not."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from inventory import count_entry, counting
from inventory.count_entry import Figure
from inventory.count_scope import Scope
from inventory.models import CountStatus, StockCount, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from procurement.models import GoodsReceipt, OrderStatus, PurchaseOrder
from procurement.tests.factories import approved_order, line
from procurement.tests.factories import order as pending_order
from procurement.tests.shelves import bought, used_item
from suppliers.tests.factories import SupplierFactory
from tests.e2e.people import REFUSED, as_each, begin_to_count, both_sizes, fits, person, scan, visitor

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

ISSUE = "/admin/inventory/issue-and-transfer/"
REORDER = "/admin/procurement/reorder-suggestions/"
APPROVE = "/admin/procurement/approve/"


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


@pytest.fixture
def bolt(shelf):
    bolt = ItemFactory(sku="BOLT", name="Bolt", barcode="5901234123457", location=shelf)
    stock(bolt, shelf, 10)
    return bolt


def menu(page):
    """Return what leads through the back office, opened where it is put away."""
    opener = page.locator("#sidebar-toggle")
    if opener.get_attribute("aria-expanded") == "false":
        opener.click()
    return page.locator("#sidebar")


@both_sizes
@as_each()
def test_an_order_is_received_in_two_lots(open_as, shelf, role, viewport):
    milk = ItemFactory(sku="MILK", name="Milk", tracking=Tracking.LOT)
    order = approved_order(line(milk, 10), deliver_to=shelf)
    name = f"line-{order.lines.get().pk}"
    page = open_as(person(role), f"/admin/procurement/purchaseorder/{order.pk}/change/", viewport)

    page.get_by_role("link", name="Receive", exact=True).click()
    page.locator(f"[name={name}-quantity]").fill("6")
    page.locator(f"[name={name}-lot]").fill("L-1")
    page.get_by_role("button", name="Another lot").click()
    page.locator(f"[name={name}-2-lot]").fill("L-2")
    page.locator(f"[name={name}-2-quantity]").fill("4")
    assert fits(page)
    page.get_by_role("button", name="Post receipt").click()
    expect(page.get_by_text("Nothing stays open.")).to_be_visible()

    assert {found.lot.number: found.on_hand for found in milk.balances.all()} == {"L-1": 6, "L-2": 4}
    order.refresh_from_db()
    assert order.status == OrderStatus.DELIVERED


@both_sizes
@as_each()
def test_an_issue_is_found_in_the_menu_posted_and_undone(open_as, bolt, role, viewport):
    page = open_as(person(role), "/admin/", viewport)

    menu(page).get_by_role("link", name="Issue and transfer").click()
    expect(page.locator("[name=line-0-item]")).to_be_focused()
    scan(page, bolt.barcode)
    expect(page.get_by_text("Bolt · 10 EA available")).to_be_visible()
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("Issue: 1 line was posted.")).to_be_visible()
    assert fits(page)
    assert on_hand(bolt) == 9
    page.get_by_text("Undo Bolt").click()
    page.get_by_role("button", name="Undo this").click()
    expect(page.get_by_text("BOLT Bolt: undone.")).to_be_visible()

    assert on_hand(bolt) == 10


@both_sizes
@as_each()
def test_a_count_is_made_counted_and_handed_over(open_as, bolt, role, viewport):
    page = open_as(person(role), f"/admin/inventory/item/{bolt.pk}/change/", viewport)

    page.get_by_role("link", name="Count", exact=True).click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Count", exact=True).click()
    begin_to_count(page)
    scan(page, "BOLT")
    expect(page.get_by_role("heading", name="Bolt")).to_be_visible()
    scan(page, "8")
    expect(page.get_by_text("All is counted.")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Hand over for review").click()
    page.get_by_role("button", name="Hand over for review").click()
    expect(page.get_by_text("was handed over for review.")).to_be_visible()

    count = StockCount.objects.get()
    assert (count.status, on_hand(bolt)) == (CountStatus.SUBMITTED, 10)


@both_sizes
@as_each("manager", "administrator")
def test_a_count_of_another_is_reviewed_and_posted(open_as, staff, shelf, bolt, role, viewport):
    handed_over(shelf, by=staff)
    page = open_as(person(role), "/admin/inventory/stockcount/", viewport)

    page.get_by_role("link", name="CNT-").first.click()
    page.get_by_role("link", name="Review", exact=True).click()
    expect(page.get_by_text("-2").first).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Approve and post").click()
    expect(page.get_by_text("was posted: 1 movement.")).to_be_visible()

    assert on_hand(bolt) == 8


@both_sizes
@as_each("manager", "administrator")
def test_an_order_of_another_is_approved_and_one_rejected(open_as, role, viewport):
    wanted, unwanted = pending_order(), pending_order()
    page = open_as(person(role), "/admin/", viewport)

    menu(page).get_by_role("link", name="Approve orders").click()
    page.get_by_role("button", name=f"Approve {wanted}").click()
    expect(page.get_by_text("1 order was approved")).to_be_visible()
    card = page.locator(f"#order-{unwanted.pk}")
    card.locator("summary").click()
    card.get_by_label("Reason of the rejection").fill("Too dear")
    card.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("1 order was rejected")).to_be_visible()
    assert fits(page)

    wanted.refresh_from_db(), unwanted.refresh_from_db()
    assert (wanted.status, unwanted.status) == (OrderStatus.APPROVED, OrderStatus.REJECTED)


@both_sizes
@as_each()
def test_what_is_due_becomes_a_draft_in_the_quantity_that_was_typed(open_as, role, viewport):
    rod = due_item()
    page = open_as(person(role), "/admin/", viewport)

    menu(page).get_by_role("link", name="Reorder suggestions").click()
    page.get_by_label(f"Quantity of {rod}").fill("77")
    assert fits(page)
    page.get_by_role("button", name="Make draft order").click()
    page.get_by_role("link", name="PO-").first.click()
    page.wait_for_url("**/purchaseorder/*/change/")

    assert PurchaseOrder.objects.get(status=OrderStatus.DRAFT).lines.get().quantity == 77


@both_sizes
@as_each()
def test_the_page_of_an_item_tells_all_and_leads_on(open_as, bolt, role, viewport):
    order = approved_order(line(bolt, 25))
    page = open_as(person(role), "/admin/", viewport)

    field = page.locator("main").get_by_role("searchbox")
    field.fill(bolt.barcode)
    field.press("Enter")
    page.wait_for_url(f"**/inventory/item/{bolt.pk}/change/")
    expect(page.get_by_role("region", name="Where it stands").get_by_text("SHELF").first).to_be_visible()
    expect(page.get_by_role("link", name=order.po_number).first).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Remove stock").click()
    page.get_by_label("Quantity").fill("3")
    page.get_by_role("button", name="Remove stock").click()
    page.wait_for_url("**/change/")

    assert on_hand(bolt) == 7


@both_sizes
@as_each()
def test_the_search_finds_an_item_an_order_and_a_lot(open_as, shelf, role, viewport):
    milk = ItemFactory(sku="MILK", name="Milk", tracking=Tracking.LOT)
    stock(milk, shelf, 5, lot="L-2031-7")
    order = pending_order(line(milk))
    page = open_as(person(role), "/admin/search/?q=MILK", viewport)
    assert fits(page)

    for typed, address in (
        ("MILK", f"/inventory/item/{milk.pk}/"),
        (order.po_number, f"/procurement/purchaseorder/{order.pk}/"),
        ("L-2031-7", "/inventory/lot/"),
    ):
        page.keyboard.press("/")
        field = page.get_by_role("combobox", name="Search everything")
        field.fill(typed)
        page.get_by_role("option", name=typed).first.click()
        page.wait_for_url(f"**{address}**")


# What a role may not do is not offered, and refused where somebody knows the address.


def test_a_storekeeper_neither_approves_nor_posts_a_count(open_as, staff, shelf, bolt):
    order, count = pending_order(), handed_over(shelf, by=staff)
    page = open_as(staff, "/admin/", forgives=REFUSED)
    expect(menu(page).get_by_role("link", name="Purchase orders")).to_be_visible()
    expect(menu(page).get_by_role("link", name="Approve orders")).to_have_count(0)

    page.goto(f"/admin/procurement/purchaseorder/{order.pk}/change/")
    expect(page.get_by_role("heading", name=order.po_number)).to_be_visible()
    expect(page.get_by_role("link", name="Approve")).to_have_count(0)
    page.goto(f"/admin/inventory/stockcount/{count.pk}/lines/")
    expect(page.get_by_role("heading", name=count.number)).to_be_visible()
    expect(page.get_by_role("button", name="Approve and post")).to_have_count(0)
    for address in (APPROVE, f"/admin/procurement/purchaseorder/{order.pk}/do/approve/"):
        assert page.goto(address).status == 403

    assert on_hand(bolt) == 10


@as_each("manager", "administrator")
def test_nobody_decides_on_what_is_their_own(open_as, shelf, bolt, role):
    maker = person(role)
    order, count = pending_order(by=maker), handed_over(shelf, by=maker)
    page = open_as(maker, APPROVE)

    expect(page.get_by_text("You made it: somebody else has to decide.")).to_be_visible()
    expect(page.get_by_role("button", name=f"Approve {order}")).to_have_count(0)
    page.goto(f"/admin/inventory/stockcount/{count.pk}/lines/")
    expect(page.get_by_text("somebody else has to approve it.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve and post")).to_have_count(0)


@both_sizes
def test_who_was_given_nothing_is_offered_nothing_and_refused(open_as, shelf, bolt, viewport):
    order = approved_order(line(bolt, 10), deliver_to=shelf)
    count = counting.create(Scope(location=shelf), by=person("manager"))
    page = open_as(visitor(), "/admin/", viewport, forgives=REFUSED)
    for name in ("Issue and transfer", "Reorder suggestions", "Purchase orders", "Items", "Stock counts"):
        expect(menu(page).get_by_role("link", name=name)).to_have_count(0)

    for address in (
        ISSUE,
        REORDER,
        f"/admin/procurement/purchaseorder/{order.pk}/do/receive/",
        f"/admin/inventory/stockcount/{count.pk}/enter/",
        f"/admin/inventory/item/{bolt.pk}/change/",
        "/admin/inventory/item/import/",
    ):
        assert page.goto(address).status == 403
        assert fits(page)
    page.goto("/admin/search/?q=BOLT")
    expect(page.get_by_role("link", name="BOLT")).to_have_count(0)

    assert GoodsReceipt.objects.count() == 0


def handed_over(shelf, *, by):
    """Count a shelf with one item, of which two are missing, and leave it to somebody to approve."""
    count = counting.create(Scope(location=shelf), by=by)
    count_entry.enter(count, [Figure(line=count.lines.get(), counted=Decimal(8))], by=by)
    counting.submit(count, by=by)
    return count


def due_item():
    item = used_item(*[7] * 20, left=0, lead_time_days=10, name="Steel rod")
    bought(item, took=2, supplier=SupplierFactory(name="Kigali Steel"))
    return item
