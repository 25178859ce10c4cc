from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from accounts.tests.factories import UserFactory
from inventory import lots, verification, watch
from inventory import stock as stores
from inventory.errors import LedgerBroken
from inventory.models import Item, Lot, StockBalance, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms.models import OutboxEvent

pytestmark = pytest.mark.django_db

TODAY = date(2031, 3, 1)


def told(topic):
    return list(OutboxEvent.objects.filter(topic=topic).order_by("pk").values_list("payload", flat=True))


def set_level(item, level):
    Item.objects.filter(pk=item.pk).update(reorder_level=level)


def test_a_raised_level_is_told_once():
    bolt, shelf = ItemFactory(reorder_level=Decimal(5)), LocationFactory()
    stock(bolt, shelf, 8)
    set_level(bolt, 10)

    assert watch.tell_low_stock() == 1
    assert watch.tell_low_stock() == 0

    assert told("stock.low") == [{"item": bolt.pk, "available": "8"}]


def test_what_the_ledger_told_is_not_told_again():
    bolt, shelf = ItemFactory(reorder_level=Decimal(5)), LocationFactory()
    stock(bolt, shelf, 8)
    stores.remove(bolt, quantity=Decimal(4), location=shelf, by=UserFactory())

    assert watch.tell_low_stock() == 0

    assert len(told("stock.low")) == 1


def test_of_a_raised_level_the_next_posting_is_the_first_to_hear():
    bolt, shelf = ItemFactory(reorder_level=Decimal(5)), LocationFactory()
    stock(bolt, shelf, 8)
    set_level(bolt, 10)
    stores.remove(bolt, quantity=Decimal(1), location=shelf, by=UserFactory())

    assert watch.tell_low_stock() == 0

    assert told("stock.low") == [{"item": bolt.pk, "available": "7"}]


def test_a_level_lowered_and_raised_again_is_a_new_crossing():
    bolt, shelf = ItemFactory(reorder_level=Decimal(5)), LocationFactory()
    stock(bolt, shelf, 8)
    for level in (10, 5, 10):
        set_level(bolt, level)
        watch.tell_low_stock()

    assert len(told("stock.low")) == 2


def test_a_new_item_without_stock_has_fallen_nowhere():
    ItemFactory(reorder_level=Decimal(5))

    assert watch.tell_low_stock() == 0


def test_an_inactive_item_is_nobodys_concern():
    bolt, shelf = ItemFactory(reorder_level=Decimal(5)), LocationFactory()
    stock(bolt, shelf, 8)
    Item.objects.filter(pk=bolt.pk).update(reorder_level=10, is_active=False)

    assert watch.tell_low_stock() == 0


@pytest.fixture
def milk():
    """Milk in stock, of which a lot expires in 25 days."""
    item = ItemFactory(tracking=Tracking.LOT)
    lot = lots.ensure(item, number="L1", expires_on=TODAY + timedelta(days=25))
    stock(item, LocationFactory(), 10, lot="L1")
    return lot


def test_a_lot_is_told_once_for_each_threshold(milk):
    for days in (0, 1, 18, 19, 25, 26, 40):
        watch.warn_of_expiry(on=TODAY + timedelta(days=days), thresholds=[30, 7, 0])

    assert [(event["lot"], event["days_left"]) for event in told("lot.expiring")] == [
        (milk.pk, 25),
        (milk.pk, 7),
        (milk.pk, 0),
    ]
    assert told("lot.expiring")[0] == {
        "lot": milk.pk,
        "item": milk.item_id,
        "expires_on": "2031-03-26",
        "days_left": 25,
    }


def test_a_lot_that_comes_late_is_told_for_the_nearest_threshold_alone(milk):
    watch.warn_of_expiry(on=TODAY + timedelta(days=20), thresholds=[30, 7, 0])
    watch.warn_of_expiry(on=TODAY + timedelta(days=21), thresholds=[30, 7, 0])

    assert [event["days_left"] for event in told("lot.expiring")] == [5]


def test_a_corrected_expiry_is_warned_of_anew(milk):
    watch.warn_of_expiry(on=TODAY, thresholds=[30])
    Lot.objects.filter(pk=milk.pk).update(expires_on=TODAY + timedelta(days=20))

    assert watch.warn_of_expiry(on=TODAY, thresholds=[30]) == 1


def test_a_lot_that_is_used_up_is_nobodys_concern(milk):
    shelf = StockBalance.objects.get(lot=milk).location
    stores.remove(milk.item, quantity=Decimal(10), location=shelf, by=UserFactory())

    assert watch.warn_of_expiry(on=TODAY, thresholds=[30]) == 0


@pytest.mark.django_db(transaction=True)
def test_a_broken_ledger_is_told_with_what_differs():
    bolt, shelf = ItemFactory(), LocationFactory()
    stock(bolt, shelf, 8)
    assert verification.require_sound() == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_stockbalance SET on_hand = 9")

    with pytest.raises(LedgerBroken):
        verification.require_sound()

    (event,) = told("ledger.broken")
    assert event["count"] == 2
    assert event["offences"][0]["moved"] == "8.0000"
    assert event["offences"][0]["on_hand"] == "9.0000"
