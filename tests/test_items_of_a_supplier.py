"""Stores and purchasing together: items are found by the suppliers that they were ordered from."""

import pytest

from inventory.tests.factories import ItemFactory
from procurement.tests.factories import approved_order, line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

URL = "/api/inventory/items"


def test_items_are_found_by_the_supplier_they_were_ordered_from(api, staff):
    smith, trader = SupplierFactory(code="SMITH"), SupplierFactory(code="TRADER")
    rod, bolt = ItemFactory(sku="ROD"), ItemFactory(sku="BOLT")
    ItemFactory(sku="NEVER-ORDERED")
    order(line(rod), line(bolt), supplier=smith)
    order(line(rod), supplier=smith)
    order(line(rod), supplier=trader)

    def skus(supplier):
        answer = api(staff).get(URL, {"supplier": supplier, "ordering": "sku"})
        return [row["sku"] for row in answer.json()["data"]]

    assert skus("smith") == ["BOLT", "ROD"]
    assert skus(str(trader.pk)) == ["ROD"]
    assert api(staff).get(URL, {"supplier": "NOBODY"}).status_code == 400


def test_an_item_that_was_ordered_stays(api, admin):
    rod = ItemFactory()
    approved_order(line(rod))

    answer = api(admin).delete(f"{URL}/{rod.pk}")

    assert (answer.status_code, answer.json()["code"]) == (409, "IN_USE")
