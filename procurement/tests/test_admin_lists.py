import pytest
from django.urls import reverse

from inventory.tests.factories import ItemFactory
from ipms.testing.back_office import count_queries, enter, form, press
from procurement.models import GoodsReceipt
from procurement.tests.back_office import ORDERS, page
from procurement.tests.factories import approved_order, line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db


def test_orders_are_found_by_number_supplier_and_item(staff):
    found = order(line(ItemFactory(name="Hexagon bolt")), supplier=SupplierFactory(name="Kigali Steel"))
    order()
    client = enter(staff)

    for typed in (found.po_number, "steel kigali", "hexagon"):
        assert list(client.get(ORDERS, {"q": typed}).context["cl"].result_list) == [found]


@pytest.mark.parametrize("which", ["status__exact=approved", "due=overdue", "supplier__id__exact={supplier}"])
def test_orders_are_filtered(staff, which):
    late = approved_order(expected_date="2020-01-01")
    order()

    answer = enter(staff).get(f"{ORDERS}?{which.format(supplier=late.supplier_id)}")

    assert list(answer.context["cl"].result_list) == [late]


@pytest.mark.parametrize("name", ["purchaseorder", "purchaseorderline", "orderhistory", "goodsreceipt"])
def test_each_list_costs_the_same_queries_for_one_row_as_for_ten(staff, name):
    client = enter(staff)
    url = reverse(f"admin:procurement_{name}_changelist")

    def more():
        press(client, page(approved_order()), "/do/receive-all/")

    more()
    client.get(url)
    one = count_queries(lambda: client.get(url))
    for _number in range(9):
        more()

    assert count_queries(lambda: client.get(url)) == one


@pytest.mark.parametrize(
    "name", ["purchaseorder", "purchaseorderline", "orderhistory", "goodsreceipt", "goodsreceiptline"]
)
def test_an_export_costs_the_same_queries_for_one_row_as_for_ten(manager, name):
    client = enter(manager)
    url = reverse(f"admin:procurement_{name}_export")
    filled = {**form(client.get(url)), "format": "1"}

    def more():
        press(client, page(approved_order()), "/do/receive-all/")

    more()
    one = count_queries(lambda: client.post(url, filled))
    for _number in range(9):
        more()

    assert count_queries(lambda: client.post(url, filled)) == one


def test_the_page_of_an_order_costs_the_same_queries_for_two_lines_as_for_twenty(staff):
    client = enter(staff)
    small = approved_order(*[line() for _number in range(2)])
    large = approved_order(*[line() for _number in range(20)])
    client.get(page(small))

    few = count_queries(lambda: client.get(page(small)))

    assert count_queries(lambda: client.get(page(large))) == few


def test_a_receipt_shows_its_lines(staff):
    bolt = ItemFactory(name="Hexagon bolt")
    due = approved_order(line(bolt, quantity=10))
    client = enter(staff)
    press(client, page(due), "/do/receive-all/")

    shown = client.get(reverse("admin:procurement_goodsreceipt_change", args=[GoodsReceipt.objects.get().pk]))

    assert "Hexagon bolt" in shown.content.decode()
