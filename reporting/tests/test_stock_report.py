"""The report on stock: what there is, where, how old, what is low, what lies dead, what matters."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory import ledger
from inventory import stock as stores
from inventory.models import ItemValuation, StockBalance
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, stock
from ipms.testing.back_office import count_queries
from reporting import stock_report, stock_tables
from reporting.stock_history import Moment

pytestmark = pytest.mark.django_db


def report(**asked):
    return stock_report.build(now=timezone.now(), **asked)


def days_ago(days):
    return timezone.now() - timedelta(days)


def receive(item, place, quantity, *, days=0, cost=1):
    return stock(item, place, quantity, unit_cost=Decimal(cost), occurred_at=days_ago(days))


def issue(item, place, quantity, *, days=0):
    movement, *_more = stores.remove(
        item, quantity=Decimal(quantity), location=place, by=UserFactory(), occurred_at=days_ago(days)
    )
    return movement


def by(rows, key):
    """Items, quantity and value of each row, by its key."""
    return {row[key] and row[key].code: (row["items"], row["quantity"], row["stock_value"]) for row in rows}


def ages(found):
    return {row["bucket"]: (row["items"], row["quantity"], row["stock_value"]) for row in found["ageing"]}


@pytest.fixture
def main():
    return LocationFactory(code="MAIN")


@pytest.fixture
def bolt():
    return ItemFactory(sku="BOLT")


def test_sums_by_category_and_location_add_up_to_the_totals(main, bolt):
    line = LocationFactory(code="LINE")
    rod = ItemFactory(category=CategoryFactory(slug="metal"))
    receive(rod, main, 3, cost="3.3333")
    receive(bolt, main, 10, cost=2)
    receive(bolt, line, 5, cost=2)
    ItemFactory()  # of which there is nothing

    found = report()

    assert found["totals"] == {
        "items": 2,
        "quantity": 18,
        "stock_value": Decimal("40.00"),
        "currency": "USD",
        "low_stock": 0,
        "dead_stock": 0,
        "dead_stock_value": 0,
    }
    assert by(found["by_category"], "category") == {None: (1, 15, 30), "metal": (1, 3, 10)}
    assert by(found["by_location"], "location") == {"MAIN": (2, 13, 30), "LINE": (1, 5, 10)}


def test_stock_is_as_it_was_and_as_it_was_known(main, bolt):
    receive(bolt, main, 10, days=20)
    issue(bolt, main, 4, days=10)

    assert report()["totals"]["quantity"] == 6
    assert report(at=Moment(as_of=days_ago(15)))["totals"]["quantity"] == 10
    assert report(at=Moment(as_of=days_ago(25)))["totals"]["quantity"] == 0
    unknown = report(at=Moment(as_of=days_ago(15), known_at=days_ago(12)))  # all was posted today
    assert (unknown["totals"]["items"], unknown["by_location"], unknown["abc"][0]["items"]) == (0, [], 0)


def test_category_and_location_narrow_all_parts(main, bolt):
    metal = CategoryFactory()
    rod = ItemFactory(category=CategoryFactory(parent=metal), reorder_level=50)
    shelf = LocationFactory(parent=main)
    for item in (rod, bolt):
        receive(item, shelf, 10, days=400)
        receive(item, LocationFactory(), 10, days=1)
        issue(item, shelf, 1, days=300)

    found = report(category=metal, location=main)

    assert (found["totals"]["items"], found["totals"]["quantity"]) == (1, 9)
    assert [row["item"].id for row in found["low_stock"]] == [rod.pk]
    assert [row["item"].id for row in found["dead_stock"]] == [rod.pk]
    assert sum(row["quantity"] for row in found["ageing"]) == 9
    assert [row["items"] for row in found["abc"]] == [1, 0, 0]


class TestLowStock:
    def test_lists_what_is_at_its_level_the_least_covered_first(self, main):
        half, empty, ample = (ItemFactory(reorder_level=10) for _ in range(3))
        no_level = ItemFactory()
        ItemFactory(reorder_level=10, is_active=False)
        for item, quantity in ((half, 5), (ample, 11), (no_level, 1)):
            receive(item, main, quantity)

        found = report()

        assert [(row["item"].id, row["status"]) for row in found["low_stock"]] == [
            (empty.pk, "out-of-stock"),
            (half.pk, "low-stock"),
        ]
        assert found["totals"]["low_stock"] == 2

    def test_counts_what_is_available_now_and_what_was_on_hand_then(self, main):
        bolt = ItemFactory(reorder_level=10)
        receive(bolt, main, 15, days=9)
        StockBalance.objects.filter(item=bolt).update(reserved=6)
        ItemValuation.objects.filter(item=bolt).update(reserved=6)

        now, then = report(), report(at=Moment(as_of=days_ago(1)))

        assert [row["available"] for row in now["low_stock"]] == [9]
        assert then["low_stock"] == []

    def test_at_a_location_the_whole_item_is_compared_with_its_level(self, main):
        scarce, ample = ItemFactory(reorder_level=10), ItemFactory(reorder_level=10)
        for item in (scarce, ample):
            receive(item, main, 4)
        receive(ample, LocationFactory(), 40)

        assert [row["item"].id for row in report(location=main)["low_stock"]] == [scarce.pk]


class TestDeadStock:
    def test_is_what_was_there_and_was_not_issued_for_long(self, main, bolt):
        used, fresh, gone = (ItemFactory() for _ in range(3))
        for item in (bolt, used, gone):
            receive(item, main, 10, days=400, cost=3)
        issue(bolt, main, 1, days=200)
        issue(used, main, 1, days=100)
        issue(gone, main, 10, days=300)
        receive(fresh, main, 10, days=20)

        found = report()

        (row,) = found["dead_stock"]
        assert (row["item"].id, row["quantity"], row["stock_value"]) == (bolt.pk, 9, 27)
        assert row["days_idle"] == 200
        assert row["last_issued_on"] == days_ago(200).date()
        assert (found["totals"]["dead_stock"], found["totals"]["dead_stock_value"]) == (1, 27)

    def test_an_issue_that_was_reversed_is_none(self, main, bolt):
        receive(bolt, main, 10, days=400)
        ledger.reverse(issue(bolt, main, 1, days=5), by=UserFactory(), reason="Mistake")

        (row,) = report()["dead_stock"]

        assert (row["last_issued_on"], row["days_idle"]) == (None, 400)

    def test_may_die_sooner(self, main, bolt):
        receive(bolt, main, 10, days=40)

        assert report(days=30)["totals"]["dead_stock"] == 1
        assert report(days=41)["totals"]["dead_stock"] == 0


class TestAgeing:
    def test_what_is_there_is_what_came_last(self, main, bolt):
        for quantity, days in ((50, 500), (20, 200), (10, 100), (5, 40), (2, 3)):
            receive(bolt, main, quantity, days=days, cost=2)
        issue(bolt, main, 52, days=1)

        found = report()

        assert ages(found) == {
            "0-30": (1, 2, 4),
            "31-90": (1, 5, 10),
            "91-180": (1, 10, 20),
            "181-365": (1, 18, 36),
            ">365": (0, 0, 0),
        }

    def test_days_are_counted_at_the_moment_that_is_asked(self, main, bolt):
        receive(bolt, main, 5, days=40)

        assert ages(report(at=Moment(as_of=days_ago(20))))["0-30"] == (1, 5, 5)

    @pytest.mark.parametrize(
        ("days", "bucket"), [(30, "0-30"), (31, "31-90"), (365, "181-365"), (366, ">365")]
    )
    def test_a_day_belongs_to_one_age(self, main, bolt, days, bucket):
        receive(bolt, main, 5, days=days)

        assert ages(report())[bucket] == (1, 5, 5)

    def test_a_receipt_that_was_reversed_makes_nothing_younger(self, main, bolt):
        receive(bolt, main, 5, days=100)
        ledger.reverse(receive(bolt, main, 5, days=2), by=UserFactory(), reason="Twice")

        assert ages(report())["91-180"] == (1, 5, 5)

    def test_at_a_location_an_item_has_the_ages_that_it_has_over_all(self, main, bolt):
        receive(bolt, main, 6, days=100, cost="0.5")
        receive(bolt, LocationFactory(), 3, days=2, cost="0.5")

        found = ages(report(location=main))

        assert (found["0-30"], found["91-180"]) == ((1, 2, 1), (1, 4, 2))


class TestAbc:
    def test_the_item_that_crosses_a_border_belongs_above_it(self, main):
        for used in (79, 10, 6, 4, 1):
            item = ItemFactory()
            receive(item, main, 100, days=60)
            issue(item, main, used, days=30)
        receive(ItemFactory(), main, 7, days=60)

        found = report()["abc"]

        assert [(row["class"], row["items"], row["consumption_value"], row["share"]) for row in found] == [
            ("A", 2, 89, Decimal("0.89")),
            ("B", 1, 6, Decimal("0.06")),
            ("C", 3, 5, Decimal("0.05")),
        ]
        assert found[2]["stock_value"] == 96 + 99 + 7

    def test_what_came_back_was_not_used(self, main, bolt):
        receive(bolt, main, 100, days=60)
        issue(bolt, main, 10, days=400)
        ledger.reverse(issue(bolt, main, 10, days=3), by=UserFactory(), reason="Mistake")
        issue(bolt, main, 10, days=3)

        assert report()["abc"][0]["consumption_value"] == 10

    def test_without_use_there_are_no_shares(self):
        assert [(row["items"], row["share"]) for row in report()["abc"]] == [(0, None)] * 3


def test_number_of_queries_does_not_grow(main):
    def fill():
        item = ItemFactory(category=CategoryFactory(), reorder_level=100)
        receive(item, LocationFactory(), 10, days=300)

    fill()
    report()
    few = count_queries(report)
    for _ in range(5):
        fill()

    assert count_queries(report) == few <= 9


def test_document_shows_what_was_computed(main, bolt):
    receive(bolt, main, 10, days=400, cost=3)
    at = Moment(as_of=days_ago(1))

    document = stock_tables.document(report(at=at), {"at": at, "category": None})

    tables = {table.name: list(table.rows) for table in document.tables}
    assert tables["totals"][0]["stock_value"] == 30
    assert tables["by-location"][0]["code"] == "MAIN"
    assert tables["dead-stock"][0]["sku"] == "BOLT"
    assert [chart.points[-1][1] for chart in document.charts] == [30, 30]
    assert [label for label, _text in document.parameters] == ["As of"]
    assert document.as_of == at.as_of


def test_a_list_that_is_cut_says_so_and_its_total_is_of_all(main, monkeypatch):
    monkeypatch.setattr(stock_report, "MOST_ROWS", 1)
    for cost in (1, 3):
        receive(ItemFactory(reorder_level=50), main, 10, days=400, cost=cost)

    document = stock_tables.document(report(), {})

    low, dead = (table for table in document.tables if table.name in ("low-stock", "dead-stock"))
    assert low.note == "The 1 least covered of 2 items."
    assert dead.note == "The 1 of most value, of 2 items; the total is of all."
    assert [row["stock_value"] for row in dead.rows] == [30]
    assert dead.totals["stock_value"] == 40
