"""From what is due to what is counted: one item's whole way through the hands of three people.

The people read English at a desk, or Arabic on a phone: what is pressed is found by its name in the form.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import expect

from inventory import stock as stores
from inventory import verification
from inventory.models import CountStatus, StockCount, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand
from ipms.admin.display import amount, number
from procurement import receiving
from procurement.models import GoodsReceipt, OrderStatus, PurchaseOrder
from procurement.receiving import Arrival
from procurement.tests.factories import approved_order, line
from suppliers.tests.factories import SupplierFactory
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.people import begin_to_count, fits, person, scan

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

BARCODE = "5901234123457"
PRICE = Decimal("2.50")


@dataclass
class Story:
    """One item on its way, and what is told of it afterwards."""

    item: Any
    store: Any
    language: str

    def person(self, role):
        return person(role, language=self.language)

    def order(self):
        return PurchaseOrder.objects.get(lines__item=self.item, status__in=self._under_way())

    @staticmethod
    def _under_way():
        return [OrderStatus.DRAFT, OrderStatus.PENDING, OrderStatus.APPROVED, OrderStatus.PARTIALLY_DELIVERED]


@pytest.fixture(params=[("en", DESKTOP), ("ar", PHONE)], ids=["English-desktop", "Arabic-phone"])
def told(request):
    language, viewport = request.param
    store = LocationFactory(code="STORE")
    yeast = ItemFactory(
        sku="YEAST",
        name="Yeast",
        barcode=BARCODE,
        tracking=Tracking.LOT,
        location=store,
        reorder_level=20,
        reorder_quantity=50,
    )
    # Bought once before, and used up.
    before = approved_order(line(yeast, 10, PRICE), supplier=SupplierFactory(), deliver_to=store)
    keeper = person("staff")
    arrival = Arrival(line_id=before.lines.get().pk, quantity=Decimal(10), lot="OLD")
    receiving.receive(before, by=keeper, arrivals=[arrival])
    stores.remove(yeast, quantity=Decimal(10), location=store, by=keeper)
    return Story(yeast, store, language), viewport


def test_what_is_due_is_ordered_received_issued_and_counted(open_as, told):
    story, viewport = told
    yeast = story.item
    keeper, manager = story.person("staff"), story.person("manager")
    store = open_as(keeper, "/admin/procurement/reorder-suggestions/", viewport)
    office = open_as(manager, "/admin/", viewport)
    assert store.locator("html").get_attribute("dir") == ("rtl" if story.language == "ar" else "ltr")

    # The storekeeper takes up the suggestion and sends the draft on.
    expect(store.locator(f"[name=quantity-{yeast.pk}]")).to_have_value("50")
    store.locator("button[name=supplier]").click()
    store.locator(".messagelist a[href*='/purchaseorder/']").click()
    store.wait_for_url("**/purchaseorder/*/change/")
    store.locator("form[action$='/do/submit/'] button").first.click()
    expect(store.locator("form[action$='/do/submit/']")).to_have_count(0)
    order = story.order()
    assert (order.status, order.total_amount) == (OrderStatus.PENDING, 125)

    # The manager approves it.
    office.goto("/admin/procurement/approve/")
    office.locator(f"button[name=approve][value='{order.pk}']").click()
    expect(office.locator(".decision")).to_have_count(0)
    order.refresh_from_db()
    assert (order.status, order.approved_by) == (OrderStatus.APPROVED, manager)

    # It comes in two parts, each with its lot.
    for quantity, lot in (("30", "L-1"), ("20", "L-2")):
        expiry = "310630" if lot == "L-1" else "310531"
        store.goto(f"/admin/procurement/purchaseorder/{order.pk}/do/receive/")
        store.locator("[name=scan]").fill(f"(01)0{BARCODE}(17){expiry}(10){lot}")
        store.locator("[name=scan]").press("Enter")
        name = f"line-{order.lines.get().pk}"
        expect(store.locator(f"[name={name}-lot]")).to_have_value(lot)
        store.locator(f"[name={name}-quantity]").fill(quantity)
        assert fits(store)
        store.locator("button[name=post]").click()
        store.wait_for_url("**/goodsreceipt/*/change/?posted=1")
    order.refresh_from_db()
    assert (order.status, on_hand(yeast)) == (OrderStatus.DELIVERED, 50)
    assert GoodsReceipt.objects.filter(order=order).count() == 2

    # A scan issues 25: what expires first goes first.
    store.goto("/admin/inventory/issue-and-transfer/")
    scan(store, BARCODE)
    expect(store.locator(".handling__what").first).to_contain_text("Yeast")
    store.locator("[name=line-0-quantity]").fill("25")
    assert fits(store)
    store.locator("button[name=post]").click()
    expect(store.locator(".handling__last li")).to_have_count(4)
    stands = {found.lot.number: found.on_hand for found in yeast.balances.filter(on_hand__gt=0)}
    assert stands == {"L-1": 25}
    assert yeast.balances.get(lot__number="L-1").lot.expires_on == date(2031, 6, 30)

    # The shelf is counted; one is missing.
    store.goto(f"/admin/inventory/stockcount/add/?location={story.store.pk}")
    store.locator("input[name=_save], button[name=_save]").click()
    store.locator("a[href$='/enter/']").first.click()
    begin_to_count(store)
    scan(store, BARCODE)
    expect(store.locator("input[name=counted]")).to_be_focused()
    scan(store, "24")
    store.locator("a[href$='/do/submit/']").click()
    store.wait_for_url("**/do/submit/")
    assert fits(store)
    store.locator("main form button[type=submit]").click()
    store.wait_for_url("**/stockcount/*/change/")
    count = StockCount.objects.get()
    assert count.status == CountStatus.SUBMITTED

    # The manager looks at the difference and posts it.
    office.goto(f"/admin/inventory/stockcount/{count.pk}/lines/")
    expect(office.locator(".review__short")).to_have_count(1)
    office.locator("button[name=approve]").click()
    office.wait_for_url("**/stockcount/*/change/")

    # 10 - 10 + 30 + 20 - 25 - 1 = 24, at 2.50 each 60.00.
    assert (on_hand(yeast), yeast.balances.filter(on_hand__gt=0).count()) == (24, 1)
    office.goto(f"/admin/inventory/item/{yeast.pk}/change/")
    figures = office.locator(".figure__value")
    with translation.override(story.language):
        expect(figures.nth(1)).to_contain_text(number(Decimal(24)))
        expect(figures.nth(2)).to_contain_text(number(Decimal(24)))
        expect(figures.nth(3)).to_have_text(number(PRICE))
        expect(figures.nth(4)).to_have_text(amount(Decimal(60), "USD"))
    assert fits(office)
    with verification.one_view():
        assert list(verification.offences()) == []
