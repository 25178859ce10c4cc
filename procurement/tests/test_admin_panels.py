from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms.testing.back_office import count_queries, enter
from procurement.tests.factories import approved_order, line, order

pytestmark = pytest.mark.django_db

HOME = reverse("admin:index")


def panels(user):
    """The panels of the first page by the name of their class, with what they show."""
    shown = enter(user).get(HOME).context["panels"]
    return {type(entry["panel"]).__name__: entry["context"] for entry in shown}


def figures(panel):
    return {str(figure.label): str(figure.value) for figure in panel["figures"]}


def test_each_role_finds_its_own_work(staff, manager):
    work = {"FindItem", "StockFigures", "OrderFigures", "ToReceive", "LowStock"}

    assert work <= set(panels(staff))
    assert not {"WaitingForApproval", "SpendByMonth", "LatestChanges"} & set(panels(staff))
    assert work | {"WaitingForApproval", "SpendByMonth"} <= set(panels(manager))


def test_the_figures_of_the_stores_are_those_of_the_ledger(staff):
    shelf = LocationFactory()
    stock(ItemFactory(), shelf, 10, unit_cost=Decimal("2.50"))
    stock(ItemFactory(reorder_level=5), shelf, 4, unit_cost=Decimal(1))
    ItemFactory()
    ItemFactory(is_active=False)

    shown = figures(panels(staff)["StockFigures"])

    assert shown == {
        "Active items": "3",
        "Low stock": "1",
        "Out of stock": "1",
        "Stock value, USD": "29",
    }


def test_a_manager_sees_what_waits_for_a_decision_and_not_the_own_orders(manager):
    theirs = order(line(quantity=10, unit_price=3))
    order(by=manager)

    (row,) = panels(manager)["WaitingForApproval"]["rows"]

    (first, _is_numeric), *_others, (amount, _is_figure) = row
    assert theirs.po_number in first
    assert "30.00" in amount


def test_what_is_to_come_stands_in_the_order_in_which_it_is_expected(staff):
    today = timezone.localdate()
    later = approved_order(expected_date=today + timedelta(days=9))
    late = approved_order(expected_date=today - timedelta(days=1))
    someday = approved_order()

    rows = panels(staff)["ToReceive"]["rows"]

    numbers = [next(o.po_number for o in (later, late, someday) if o.po_number in row[0][0]) for row in rows]
    assert numbers == [late.po_number, later.po_number, someday.po_number]
    assert figures(panels(staff)["OrderFigures"])["Overdue"] == "1"


def test_the_most_urgent_item_comes_first(staff):
    shelf = LocationFactory()
    low, lower = ItemFactory(sku="LOW", reorder_level=10), ItemFactory(sku="LOWER", reorder_level=100)
    stock(low, shelf, 9)
    stock(lower, shelf, 20)

    rows = panels(staff)["LowStock"]["rows"]

    assert ["LOWER" in rows[0][0][0], "LOW" in rows[1][0][0]] == [True, True]


def test_spend_is_what_was_approved_by_the_month_of_the_order(manager):
    today = timezone.localdate()
    approved_order(line(quantity=10, unit_price=3))
    approved_order(line(quantity=1, unit_price=5), ordered_on=today.replace(day=1) - timedelta(days=1))
    order(line(quantity=1000, unit_price=3))

    points = panels(manager)["SpendByMonth"]["chart"].points

    assert len(points) == 12
    assert [point.value for point in points[-2:]] == [5, 30]


def test_the_first_page_costs_the_same_queries_whatever_there_is_to_show(manager):
    client = enter(manager)
    order()
    approved_order()
    client.get(HOME)
    few = count_queries(lambda: client.get(HOME))
    for _number in range(6):
        order()
        approved_order()
        ItemFactory(reorder_level=5)

    assert count_queries(lambda: client.get(HOME)) == few
