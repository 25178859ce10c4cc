"""What those who keep the items are told of stock."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Kind, Notification
from inventory.models import Tracking
from inventory.stock import remove
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms import outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf():
    return LocationFactory()


@pytest.fixture
def bolt(shelf):
    item = ItemFactory(sku="BOLT", name="Bolt M8", reorder_level=10)
    stock(item, shelf, 20)
    return item


def issue(item, shelf, quantity, by):
    remove(item, quantity=Decimal(quantity), location=shelf, by=by)
    outbox.deliver()


def kinds(user):
    return [one.kind for one in Notification.objects.filter(user=user).order_by("pk")]


def test_low_stock_is_told_once_for_each_crossing(bolt, shelf, manager, admin, staff):
    for quantity in (10, 1, 1):
        issue(bolt, shelf, quantity, staff)

    assert kinds(manager) == kinds(admin) == [Kind.STOCK_LOW]
    assert kinds(staff) == []
    told = Notification.objects.get(user=manager)
    assert told.title == "BOLT Bolt M8 is low on stock"
    assert told.body == "Available: 10 EA. Reorder level: 10 EA."
    assert told.url == reverse("admin:inventory_item_change", args=[bolt.pk])

    stock(bolt, shelf, 20)
    issue(bolt, shelf, 20, staff)

    assert kinds(manager) == [Kind.STOCK_LOW, Kind.STOCK_LOW]


def test_stock_that_runs_out_is_told_apart(bolt, shelf, manager, staff):
    issue(bolt, shelf, 15, staff)
    issue(bolt, shelf, 5, staff)

    assert kinds(manager) == [Kind.STOCK_LOW, Kind.STOCK_OUT]


def test_expiring_lot_is_told_with_what_is_left_of_it(shelf, manager):
    day = date(2031, 2, 3)
    flour = ItemFactory(sku="FLOUR", name="Flour", tracking=Tracking.LOT, unit_id="KGM")
    lot = stock(flour, shelf, Decimal("2.5"), lot="L7", expires_on=day).lot

    for days_left in (30, -1):
        outbox.record(
            "lot.expiring", lot=lot.pk, item=flour.pk, expires_on=day.isoformat(), days_left=days_left
        )
    outbox.deliver()

    told = Notification.objects.filter(user=manager).order_by("pk")
    assert [one.title for one in told] == [
        "Lot L7 of FLOUR Flour expires on 3 Feb 2031",
        "Lot L7 of FLOUR Flour expired on 3 Feb 2031",
    ]
    assert told[0].body == "Days left: 30. On hand: 2.5 KGM."


def test_item_that_is_gone_is_told_to_nobody(manager):
    outbox.record("stock.low", item=999_999, available="1")
    outbox.record("lot.expiring", lot=999_999, item=1, expires_on="2031-02-03", days_left=1)

    assert outbox.deliver() == 2
    assert kinds(manager) == []
