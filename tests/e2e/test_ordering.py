"""Entering an order in a real browser: lines on the keyboard, as with a scanner."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory
from procurement.models import PurchaseOrder
from procurement.tests.shelves import bought
from suppliers.tests.factories import SupplierFactory
from tests.e2e.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_lines_are_entered_one_after_the_other_with_their_last_price(open_as, viewport):
    supplier = SupplierFactory(name="Ironmonger", currency="USD")
    names = ("Bolt", "Nut", "Washer", "Pipe")
    goods = [ItemFactory(sku=name.upper(), name=name) for name in names]
    for item in goods:
        bought(item, unit_price="2.50", supplier=supplier)
    PurchaseOrder.objects.all()
    before = PurchaseOrder.objects.count()
    page = open_as(UserFactory(), f"/admin/procurement/purchaseorder/add/?supplier={supplier.pk}", viewport)

    entry = page.locator("#entry-item")
    entry.focus()
    for item in goods:
        page.keyboard.type(item.sku)
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"{item}: 2.5 USD, last paid to this supplier")).to_be_visible()
        expect(page.locator("#entry-quantity")).to_be_focused()
        page.keyboard.type("4")
        page.keyboard.press("Enter")
        expect(entry).to_be_focused()
    expect(page.get_by_text("Total without tax 40.00 USD")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).dblclick()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    made = PurchaseOrder.objects.order_by("pk").last()
    assert PurchaseOrder.objects.count() == before + 1
    assert [(asked.item, asked.quantity, asked.unit_price) for asked in made.lines.order_by("number")] == [
        (item, 4, 2.5) for item in goods
    ]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_item_chosen_in_the_table_gets_its_price_too(open_as):
    supplier = SupplierFactory(currency="USD")
    bought(ItemFactory(sku="BOLT", name="Bolt"), unit_price="2.50", supplier=supplier)
    page = open_as(UserFactory(), f"/admin/procurement/purchaseorder/add/?supplier={supplier.pk}", DESKTOP)

    page.locator("#lines-0 .select2-selection").click()
    page.keyboard.type("Bolt")
    page.get_by_role("option", name="BOLT Bolt").click()

    expect(page.locator("[name=lines-0-unit_price]")).to_have_value("2.5")
