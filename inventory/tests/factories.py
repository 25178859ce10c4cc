from decimal import Decimal

import factory

from accounts.tests.factories import UserFactory
from inventory import stock as stores
from inventory.models import Category, Item, Location, LocationKind, StockBalance


class CategoryFactory(factory.django.DjangoModelFactory):
    name = factory.Sequence("Category {}".format)
    slug = factory.Sequence("category-{}".format)

    class Meta:
        model = Category


class LocationFactory(factory.django.DjangoModelFactory):
    code = factory.Sequence("W{:03}".format)
    name = factory.LazyAttribute(lambda location: f"Warehouse {location.code}")
    kind = LocationKind.WAREHOUSE

    class Meta:
        model = Location


class ItemFactory(factory.django.DjangoModelFactory):
    """An item as it comes back from the database, with its valuation."""

    sku = factory.Sequence("ITEM-{:04}".format)
    name = factory.Sequence("Bolt M{}".format)
    currency = "USD"
    unit_id = "EA"

    class Meta:
        model = Item


def stock(item, location, quantity, **how):
    """Receive stock the way people do; answers with the movement."""
    how.setdefault("by", UserFactory())
    (movement,) = stores.add(item, quantity=Decimal(quantity), location=location, **how)
    return movement


def on_hand(item, location=None):
    """What stands of an item, at one location or everywhere."""
    balances = StockBalance.objects.filter(item=item)
    if location is not None:
        balances = balances.filter(location=location)
    return sum(balance.on_hand for balance in balances)
