"""What an item will probably cost."""

from decimal import Decimal

import pytest
from django.utils import timezone

from inventory.tests.factories import ItemFactory
from ipms.models import ExchangeRate
from procurement.likely_prices import Source, likely_price
from procurement.tests.shelves import bought
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db


def likely(item, *, supplier=None, currency="USD"):
    found = likely_price(item, supplier=supplier, currency=currency, on=timezone.localdate())
    return found and (found.unit_price, found.source)


@pytest.fixture
def euro():
    return ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.25"), valid_from="2020-01-01")


def test_what_this_supplier_took_last_counts_first():
    bolt, near, far = ItemFactory(), SupplierFactory(), SupplierFactory()
    bought(bolt, unit_price=2, days_ago=30, supplier=near)
    bought(bolt, unit_price=3, days_ago=20, supplier=near)
    bought(bolt, unit_price=9, days_ago=10, supplier=far)

    assert likely(bolt, supplier=near) == (3, Source.SUPPLIER)
    assert likely(bolt, supplier=SupplierFactory()) == (9, Source.LAST)


def test_the_price_of_a_supplier_is_in_the_currency_that_is_asked_for(euro):
    bolt, near = ItemFactory(), SupplierFactory()
    bought(bolt, unit_price=4, days_ago=30, supplier=near, currency="EUR", exchange_rate="1.20")
    bought(bolt, unit_price=5, days_ago=10, supplier=near)

    assert likely(bolt, supplier=near, currency="EUR") == (4, Source.SUPPLIER)
    assert likely(bolt, currency="EUR") == (4, Source.LAST)  # 5 dollars at 1.25


def test_of_what_was_never_bought_the_item_says_its_price(euro):
    bolt = ItemFactory(unit_price=Decimal(10), currency="USD")

    assert likely(bolt) == (10, Source.ITEM)
    assert likely(bolt, currency="EUR") == (8, Source.ITEM)


def test_nothing_is_known_without_a_price_or_a_rate():
    assert likely(ItemFactory(unit_price=0)) is None
    assert likely(ItemFactory(unit_price=Decimal(10), currency="USD"), currency="KES") is None
