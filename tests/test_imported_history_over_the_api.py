"""From a spreadsheet to the daily work: what was imported is bought, received and issued over the API."""

import io
from decimal import Decimal

import pytest

from inventory.verification import offences
from procurement import order_import
from tests.stock_story import Books, buy_receive_and_issue, data

pytestmark = pytest.mark.django_db

SHEET = """
No;Order;Date;Supplier;Article;Quantity;Amount;Store;Received on
1;P-17;03.02.2023;Kigali Steel Ltd;Bolt M8, zinc;10;25,00;Main store;09.02.2023
2;P-17;03.02.2023;Kigali Steel Ltd;Nut M8;500;20,00;Main store;not yet
3;P-18;06.05.2023;Musanze Tools;Bolt M8, zinc;6;24,00;Hall 2;11.05.2023
4;P-19;07.05.2023;Musanze Tools;Bolt M8, zinc;some;24,00;Hall 2;11.05.2023
"""
MAPPING = """
source = "old books"
key = "No"

[values]
empty = ["not yet"]
date_formats = ["%d.%m.%Y"]
decimal_mark = ","

[order]
number = "Order"
ordered_on = "Date"
currency = { constant = "USD" }

[supplier]
name = "Supplier"

[item]
name = "Article"

[line]
quantity = "Quantity"
value = "Amount"

[location]
name = "Store"

[delivery]
on = "Received on"
"""


@pytest.fixture
def books(admin):
    """Import the spreadsheet; answer with what it leaves of the bolts: 10 for 25.00 and 6 for 24.00."""
    file = io.BytesIO(SHEET.strip().encode())
    report = order_import.run(file, order_import.load(MAPPING), by=admin)
    assert [problem.row for problem in report.problems] == [5]
    return Books(on_hand=Decimal(16), value=Decimal("49.00"))


def test_imported_items_are_bought_received_and_issued(api, staff, manager, books):
    buy_receive_and_issue(
        staff=api(staff),
        manager=api(manager),
        sku="BOLT-M8-ZINC",
        supplier="KIGALI-STEEL-LTD",
        store="MAIN-STORE",
        before=books,
    )

    # In figures: 49.00 + 15.50 + 21.70 for 28, of which 9 go at 86.20 x 9/28 = 27.71.
    (bolt,) = data(api(staff).get("/api/inventory/items", {"q": "bolt zinc"}))
    assert (bolt["quantity"], bolt["stock_value"], bolt["average_cost"]) == ("19", "58.49", "3.07842105")
    assert not list(offences())


def test_the_imported_orders_read_as_any_other(api, staff, books):
    orders = data(api(staff).get("/api/purchase-orders", {"q": "P-17"}))

    (order,) = orders
    assert (order["po_number"], order["status"]) == ("PO-2023-00001", "partially_delivered")
    assert (order["total_amount"], order["created_by"]["name"]) == ("45.00", "Order import")
    waiting = next(line for line in order["lines"] if line["item"]["sku"] == "NUT-M8")
    assert (waiting["quantity"], waiting["outstanding_quantity"]) == ("500", "500")


def test_what_is_outstanding_of_an_imported_order_can_be_received(api, staff, books):
    (order,) = data(api(staff).get("/api/purchase-orders", {"q": "P-17"}))

    delivered = data(api(staff).post(f"/api/purchase-orders/{order['id']}/deliver"))

    assert delivered["status"] == "delivered"
    (nut,) = data(api(staff).get("/api/inventory/items", {"q": "NUT-M8"}))
    assert (nut["quantity"], nut["average_cost"]) == ("500", "0.04")


def test_movements_are_told_by_the_day_on_which_they_happened(api, staff, books):
    found = data(
        api(staff).get("/api/inventory/movements", {"date_from": "2023-05-01", "date_to": "2023-05-31"})
    )

    (movement,) = found
    assert (movement["occurred_at"], movement["quantity"]) == ("2023-05-11T12:00:00Z", "6")
    assert movement["to_location"]["code"] == "HALL-2"
