"""The sheet of a stock count: what stands on it, who may print it, and the QR code that opens the count."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from inventory import count_entry, counting
from inventory.count_entry import Figure
from inventory.count_scope import Scope
from inventory.models import Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms.testing.back_office import count_queries, enter
from reporting.tests.paper_reader import symbols_of, text_of

pytestmark = pytest.mark.django_db

BLIND, TOLD = "admin:paper-count", "admin:paper-count-quantities"


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF-1", name="Shelf")


def begin(shelf, **how):
    return counting.create(Scope(location=shelf), by=UserFactory(manager=True), **how)


def sheet(person, count, name=BLIND):
    return enter(person).get(reverse(name, args=[count.pk]))


def test_a_blind_sheet_says_what_to_count_and_not_how_much(staff, shelf):
    bolt, milk = ItemFactory(sku="BOLT", name="Bolt"), ItemFactory(sku="MILK", tracking=Tracking.LOT)
    stock(bolt, shelf, 4711)
    stock(milk, shelf, 5, lot="H-2207", expires_on=date(2099, 1, 31))
    count = begin(shelf, notes="Gates closed")

    answer = sheet(staff, count)

    text = text_of(answer.content)
    assert answer["Content-Type"] == "application/pdf"
    for word in (count.number, "BOLT", "Bolt", "SHELF-1", "H-2207", "2099", "Gates closed", "_____"):
        assert word in text
    assert "4,711" not in text
    assert "By the books" not in text


def test_a_sheet_with_quantities_tells_them(staff, shelf):
    stock(ItemFactory(), shelf, 4711)

    text = text_of(sheet(staff, begin(shelf), TOLD).content)

    assert "By the books" in text
    assert "4,711" in text


def test_a_blind_count_has_no_sheet_with_quantities_for_who_counts(staff, manager, shelf):
    stock(ItemFactory(), shelf, 10)
    count = begin(shelf, is_blind=True)
    address = reverse(TOLD, args=[count.pk])
    page = reverse("admin:inventory_stockcount_change", args=[count.pk])

    assert sheet(staff, count, TOLD).status_code == 403
    assert sheet(manager, count, TOLD).status_code == 200
    assert address not in enter(staff).get(page).content.decode()
    assert enter(manager).get(page).content.decode().count(address) == 1
    assert reverse(BLIND, args=[count.pk]) in enter(staff).get(page).content.decode()


def test_what_is_counted_already_is_printed(staff, shelf):
    bolt = ItemFactory()
    stock(bolt, shelf, 10)
    count = begin(shelf, is_blind=True)
    count_entry.enter(count, [Figure(item=bolt, counted=Decimal("987"), reason="Loose")], by=staff)

    text = text_of(sheet(staff, count).content)

    assert "987" in text
    assert "Loose" in text


def test_its_code_opens_the_count(staff, shelf):
    stock(ItemFactory(), shelf, 10)
    count = begin(shelf)

    (symbol,) = symbols_of(sheet(staff, count).content)

    assert symbol.text.endswith(reverse("admin:inventory_stockcount_change", args=[count.pk]))


def test_a_long_sheet_costs_no_more_queries(staff, shelf):
    stock(ItemFactory(), shelf, 10)
    short = begin(shelf)
    for _ in range(40):
        stock(ItemFactory(), shelf, 10)
    long = begin(shelf)
    client = enter(staff)

    def ask(count):
        return count_queries(lambda: client.get(reverse(BLIND, args=[count.pk])))

    ask(short)  # whatever is asked once for all is asked here

    assert ask(long) == ask(short)
    assert "Page 2" in text_of(client.get(reverse(BLIND, args=[long.pk])).content)
