"""What was used and what stood there meanwhile: by hand, and against plain sums over the ledger."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from accounts.tests.factories import UserFactory
from inventory import ledger, stock
from inventory.models import LocationKind, StockMovement
from inventory.stock import virtual_location
from inventory.tests.factories import ItemFactory, LocationFactory
from inventory.tests.factories import stock as receive
from ipms.errors import DomainError
from reporting import consumption

pytestmark = pytest.mark.django_db

START = datetime(2024, 6, 3, tzinfo=UTC)
END = START + timedelta(days=10)


def on_day(number):
    return START + timedelta(days=number)


def issue(item, shelf, quantity, day):
    (movement,) = stock.remove(
        item, quantity=Decimal(quantity), location=shelf, by=UserFactory(), occurred_at=on_day(day)
    )
    return movement


def move(item, source, target, quantity, day):
    stock.transfer(
        item,
        quantity=Decimal(quantity),
        from_location=source,
        to_location=target,
        by=UserFactory(),
        occurred_at=on_day(day),
    )


def look(item, **how):
    return consumption.by_item(since=START, until=END, **how)[item.pk]


@pytest.fixture
def shelf():
    return LocationFactory()


@pytest.fixture
def bolt(shelf):
    """A hundred bolts at 4 that stood there long before."""
    item = ItemFactory()
    receive(item, shelf, 100, unit_cost=Decimal(4), occurred_at=on_day(-30))
    return item


def test_the_average_stock_is_weighted_by_how_long_it_stood_there(bolt, shelf):
    issue(bolt, shelf, 50, day=4)

    used = look(bolt)

    assert (used.quantity, used.value) == (50, 200)
    assert used.stock_value == 400 * 4 / 10 + 200 * 6 / 10


def test_what_was_used_before_or_after_does_not_count(bolt, shelf):
    issue(bolt, shelf, 10, day=-1)
    issue(bolt, shelf, 20, day=11)

    used = look(bolt)

    assert (used.quantity, used.value) == (0, 0)
    assert used.stock_value == 360


def test_a_reversed_issue_was_never_used(bolt, shelf):
    ledger.reverse(issue(bolt, shelf, 10, day=4), by=UserFactory(manager=True), reason="Wrong item")

    assert consumption.by_item(since=START, until=datetime.now(UTC))[bolt.pk].value == 0


def test_at_a_location_stands_its_share_of_the_value(bolt, shelf):
    annex = LocationFactory()
    move(bolt, shelf, annex, 25, day=-5)
    issue(bolt, annex, 10, day=0)

    used = look(bolt, locations=[annex.pk])

    assert used.value == 40
    assert used.stock_value == 60
    assert look(bolt, locations=[shelf.pk]).value == 0


def test_months_have_their_value_and_their_issues(bolt, shelf):
    issue(bolt, shelf, 10, day=0)
    issue(bolt, shelf, 5, day=1)
    ledger.reverse(issue(bolt, shelf, 7, day=2), by=UserFactory(manager=True), reason="Wrong item")

    rows = [*consumption.by_month(since=START, until=datetime.now(UTC))]

    assert rows == [(START.date().replace(day=1), Decimal(60), 2)]


@pytest.mark.parametrize(
    ("used", "standing", "turnover", "days"),
    [
        pytest.param("1200", "300", "4", "91.3", id="four times a year"),
        pytest.param("0", "300", "0", None, id="nothing used"),
        pytest.param("50", "0", None, "0", id="nothing stood there"),
    ],
)
def test_turnover_and_days_of_inventory(used, standing, turnover, days):
    used, standing = Decimal(used), Decimal(standing)

    assert consumption.turnover(used, standing) == (turnover and Decimal(turnover))
    assert consumption.days_of_inventory(used, standing, days=365) == (days and Decimal(days))


@pytest.mark.parametrize("seed", range(5))
def test_sums_equal_a_plain_walk_through_the_ledger(seed, shelf):
    chance = random.Random(seed)  # noqa: S311 - a random history, no secret
    places, goods = [shelf, LocationFactory()], [ItemFactory(), ItemFactory()]
    for day in sorted(chance.uniform(-20, 12) for _number in range(60)):
        item, place = chance.choice(goods), chance.choice(places)
        quantity = chance.randint(1, 30)
        try:
            match chance.choice(["receive", "receive", "issue", "issue", "move", "reverse"]):
                case "receive":
                    receive(item, place, quantity, unit_cost=chance.randint(1, 9), occurred_at=on_day(day))
                case "issue":
                    issue(item, place, quantity, day)
                case "move":
                    move(item, *chance.sample(places, 2), quantity, day)
                case "reverse":
                    last = StockMovement.objects.filter(item=item).order_by("-pk").first()
                    if last:
                        ledger.reverse(last, by=UserFactory(manager=True), reason="Mistake")
        except DomainError:
            continue  # short of stock: so it is in life

    found = consumption.by_item(since=START, until=END)

    expected = _plain()
    assert {pk: (Fraction(use.quantity), Fraction(use.value)) for pk, use in found.items()} == {
        pk: (quantity, value) for pk, (quantity, value, _standing) in expected.items()
    }
    for pk, (_quantity, _value, standing) in expected.items():
        assert float(found[pk].stock_value) == pytest.approx(float(standing))


def _plain():
    used_at = virtual_location(LocationKind.CONSUMPTION)
    sums = defaultdict(lambda: [Fraction(0), Fraction(0), Fraction(0)])
    movements = StockMovement.objects.filter(occurred_at__lt=END)
    for movement in movements.select_related("from_location", "to_location", "reverses"):
        comes, goes = movement.to_location, movement.from_location
        quantity, value = Fraction(movement.quantity), Fraction(movement.value)
        moment = (movement.reverses or movement).occurred_at
        gate = comes.is_real - goes.is_real
        used = (comes == used_at) - (goes == used_at)
        if not gate and not used:
            continue
        entry = sums[movement.item_id]
        if moment >= START:
            entry[0] += used * quantity
            entry[1] += used * value
        left = END - max(movement.occurred_at, START)
        entry[2] += gate * value * Fraction(left / timedelta(microseconds=1)) / Fraction(10 * 86400 * 10**6)
    # What only moved inside is in the answer too, with nothing used.
    for item in movements.values_list("item", flat=True):
        sums[item]
    return sums
