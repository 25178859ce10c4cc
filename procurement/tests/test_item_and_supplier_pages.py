"""What the pages of items, lots and suppliers say of purchases."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory.models import Lot, Tracking
from inventory.tests.factories import ItemFactory
from ipms.testing.back_office import count_queries, enter
from procurement import prices, receiving
from procurement.receiving import Arrival
from procurement.tests.factories import approved_order, line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db


def page(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def text(answer):
    return answer.content.decode()


def days(number):
    return timezone.localdate() + timedelta(days=number)


@pytest.fixture
def bolt():
    return ItemFactory(sku="BOLT")


def test_each_supplier_has_its_last_price_in_its_own_and_in_base_currency(bolt):
    steel, tools = SupplierFactory(), SupplierFactory()
    approved_order(line(bolt, unit_price=2), supplier=steel, ordered_on=days(-60))
    approved_order(line(bolt, unit_price=3), supplier=steel, ordered_on=days(-30))
    approved_order(
        line(bolt, unit_price=300),
        supplier=tools,
        currency="KES",
        exchange_rate="0.0100",
        ordered_on=days(-9),
    )
    order(line(bolt, unit_price=99), supplier=steel)  # nobody approved it

    newest, before = prices.by_supplier(bolt)

    assert (newest.supplier, newest.last.unit_price, newest.last.in_base) == (tools, 300, Decimal(3))
    assert (newest.change, before.change) == (None, Decimal("0.5"))
    assert [paid.unit_price for paid in before.paid] == [3, 2]


def test_a_price_from_nothing_has_no_change(bolt):
    steel = SupplierFactory()
    approved_order(line(bolt, unit_price=0), supplier=steel, ordered_on=days(-60))
    approved_order(line(bolt, unit_price=3), supplier=steel, ordered_on=days(-30))

    (found,) = prices.by_supplier(bolt)

    assert found.change is None


def test_the_page_of_an_item_shows_what_is_late_first_and_the_trend_of_prices(staff, bolt):
    steel = SupplierFactory(name="Kigali Steel")
    approved_order(line(bolt, unit_price=2), supplier=steel, ordered_on=days(-60), expected_date=days(9))
    late = approved_order(
        line(bolt, unit_price=3), supplier=steel, ordered_on=days(-30), expected_date=days(-2)
    )

    shown = text(enter(staff).get(page(bolt)))

    to_come = shown[shown.index("To come") :]
    assert to_come.index(late.po_number) < to_come.index("badge--bad") < to_come.index("Approved")
    assert "▲ 50.0 %" in shown


def test_the_page_of_an_item_says_why_so_much_is_to_be_ordered(staff, bolt):
    bolt.reorder_level, bolt.reorder_quantity = 10, 40
    bolt.save()

    shown = text(enter(staff).get(page(bolt)))

    assert "no more than the reorder point of 10." in shown


def test_the_page_of_a_lot_tells_by_which_order_it_came(staff):
    yeast, steel = ItemFactory(tracking=Tracking.LOT), SupplierFactory(name="Kigali Yeast")
    made = approved_order(line(yeast, quantity=10), supplier=steel)
    arrival = Arrival(line_id=made.lines.get().pk, quantity=Decimal(10), lot="L1")
    receipt = receiving.receive(made, by=UserFactory(), arrivals=[arrival])

    shown = text(enter(staff).get(page(Lot.objects.get())))

    assert receipt.number in shown
    assert made.po_number in shown


def test_the_page_of_a_supplier_shows_how_to_reach_them_and_what_is_late(staff):
    steel = SupplierFactory(phone="+250 788 000", email="orders@steel.example")
    late = approved_order(line(unit_price=3), supplier=steel, expected_date=days(-2))
    order(supplier=steel)
    approved_order()

    shown = text(enter(staff).get(page(steel)))

    assert 'href="tel:+250788000"' in shown
    assert 'href="mailto:orders@steel.example"' in shown
    orders = shown[shown.index("<h2>Orders</h2>") :]
    assert orders.index(late.po_number) < orders.index("Pending")
    assert 'figure--bad">\n    <dt><a href=' in shown


def test_the_pages_cost_the_same_queries_for_one_order_as_for_ten(staff, bolt):
    steel = SupplierFactory()
    client = enter(staff)

    def cost():
        for record in (bolt, steel):
            client.get(page(record))
        return [count_queries(lambda record=record: client.get(page(record))) for record in (bolt, steel)]

    for number in (1, 2):
        approved_order(line(bolt), line(), supplier=steel, ordered_on=days(-number))
    few = cost()
    for number in range(3, 12):
        approved_order(line(bolt), line(), supplier=steel, ordered_on=days(-number))
        approved_order(line(bolt), supplier=SupplierFactory(), ordered_on=days(-number))

    assert cost() == few
    assert max(few) <= 40
