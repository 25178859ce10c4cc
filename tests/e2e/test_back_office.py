"""The daily work in the back office, in a real browser, as the people who do it."""

from decimal import Decimal

import pytest

from accounts.tests.factories import UserFactory
from inventory.models import StockMovement
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from procurement import ordering
from procurement.drafts import LineDraft, OrderDraft
from procurement.models import OrderStatus
from suppliers.models import Supplier
from tests.e2e.conftest import PHONE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def pending_order(item, shelf, *, by):
    supplier = Supplier.objects.create(code="RIFT", name="Rift Valley Packaging", currency="USD")
    line = LineDraft(item=item, quantity=Decimal(20), unit_price=Decimal(5))
    return ordering.place(OrderDraft(supplier=supplier, lines=[line], deliver_to=shelf), by=by)


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_storekeeper_adds_stock_and_an_impatient_double_click_posts_once(open_as, viewport):
    keeper, shelf = UserFactory(), LocationFactory(code="SHELF")
    bolt = ItemFactory(name="Bolt M8", location=shelf)
    page = open_as(keeper, f"/admin/inventory/item/{bolt.pk}/change/", viewport)

    page.get_by_role("link", name="Add stock").click()
    page.get_by_label("Quantity").fill("12.5")
    page.get_by_role("button", name="Add stock").dblclick()
    page.wait_for_url("**/change/")

    assert on_hand(bolt, shelf) == Decimal("12.5")
    assert StockMovement.objects.filter(item=bolt).count() == 1
    assert page.get_by_text("12.5").first.is_visible()


def test_what_cannot_be_issued_is_said_beside_the_form_and_nothing_typed_is_lost(open_as):
    keeper, shelf = UserFactory(), LocationFactory(code="SHELF")
    bolt = ItemFactory(name="Bolt M8", location=shelf)
    stock(bolt, shelf, 3)
    page = open_as(keeper, f"/admin/inventory/item/{bolt.pk}/change/")

    page.get_by_role("link", name="Remove stock").click()
    page.get_by_label("Quantity").fill("5")
    page.get_by_label("Reason").fill("Line 2 stands still")
    page.get_by_role("button", name="Remove stock").click()

    page.get_by_text("SHELF can give only 3").wait_for()
    assert page.get_by_label("Reason").input_value() == "Line 2 stands still"
    assert on_hand(bolt) == 3


def test_manager_approves_and_the_store_receives(open_as):
    keeper, manager, shelf = UserFactory(), UserFactory(manager=True), LocationFactory(code="SHELF")
    bolt = ItemFactory(name="Bolt M8", location=shelf)
    order = pending_order(bolt, shelf, by=keeper)
    address = f"/admin/procurement/purchaseorder/{order.pk}/change/"

    page = open_as(manager, address)
    page.get_by_role("link", name="Approve", exact=True).click()
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url("**/change/")
    order.refresh_from_db()
    assert (order.status, order.approved_by) == (OrderStatus.APPROVED, manager)

    store = open_as(keeper, address)
    store.get_by_role("link", name="Receive", exact=True).click()
    store.get_by_label("Quantity").first.fill("5")
    store.get_by_role("button", name="Post receipt").click()
    store.wait_for_url("**/change/?posted=1")
    order.refresh_from_db()
    assert order.status == OrderStatus.PARTIALLY_DELIVERED
    assert on_hand(bolt, shelf) == 5

    store.goto(address)
    store.get_by_text("Receive all").first.click()
    store.wait_for_url("**/change/?posted=1")
    order.refresh_from_db()
    assert order.status == OrderStatus.DELIVERED
    assert on_hand(bolt, shelf) == 20


def test_maker_sees_no_approval_of_the_own_order(open_as):
    manager, shelf = UserFactory(manager=True), LocationFactory()
    order = pending_order(ItemFactory(location=shelf), shelf, by=manager)

    page = open_as(manager, f"/admin/procurement/purchaseorder/{order.pk}/change/")

    assert page.get_by_role("link", name="Approve", exact=True).count() == 0
    assert page.get_by_role("button", name="Approve").count() == 0


def test_manager_asks_for_one_supplier_and_takes_the_report_away(open_as):
    keeper, manager = UserFactory(), UserFactory(manager=True)
    order = pending_order(ItemFactory(), LocationFactory(), by=keeper)
    page = open_as(manager, "/admin/reports/purchase-orders/")

    page.get_by_label("Supplier", exact=True).select_option("RIFT")
    page.get_by_label("Ordered from").fill(order.ordered_on.isoformat())
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**supplier=RIFT**")
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV").click()

    assert taken.value.suggested_filename.endswith(".csv")
    assert "Rift Valley Packaging,1,100.00,0.00" in taken.value.path().read_text()
    assert page.get_by_role("img", name="Spend by month").is_visible()


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/inventory/item/",
        "/admin/inventory/item/add/",
        "/admin/inventory/stockmovement/",
        "/admin/procurement/purchaseorder/",
        "/admin/procurement/purchaseorder/add/",
        "/admin/suppliers/supplier/",
        "/admin/accounts/user/",
        "/admin/accounts/auditentry/",
        "/admin/ipms/webhookendpoint/add/",
        "/admin/ipms/webhookdelivery/",
        "/admin/inventory/item/import/",
        "/admin/django_celery_beat/periodictask/add/",
        "/admin/health/",
        "/admin/reports/purchase-orders/",
        "/admin/reports/suppliers/",
        "/admin/reports/inventory/",
        "/admin/reports/analytics/",
    ],
)
def test_page_fits_a_small_phone(open_as, path):
    shelf = LocationFactory()
    stock(ItemFactory(location=shelf), shelf, 5)

    page = open_as(UserFactory(admin=True), path, PHONE)

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.get_by_role("heading").first.is_visible()
