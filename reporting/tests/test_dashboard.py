"""The figures of the dashboard: what each counts, what it leaves out, and when there is none."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts import notifications
from accounts.models import Kind
from accounts.tests.factories import UserFactory
from inventory import ledger
from inventory import stock as stores
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms.models import SiteSettings
from ipms.testing.back_office import count_queries
from procurement import ordering
from procurement.tests.factories import line, order
from reporting import analytics_report, dashboard
from reporting.tests.orders import bought, ordered, received
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

SUMMARY, METRICS = "/api/dashboard/summary", "/api/dashboard/metrics"


def metrics():
    return dashboard.metrics(now=timezone.now())


def summary():
    return dashboard.summary(now=timezone.now())


def days_ago(days):
    return timezone.now() - timedelta(days)


def day(days):
    """The day so many days ago, as text."""
    return days_ago(days).date().isoformat()


def receive(item, place, quantity, *, days=0, cost=1):
    return stock(item, place, quantity, unit_cost=Decimal(cost), occurred_at=days_ago(days))


def issue(item, place, quantity, *, days=0):
    (movement,) = stores.remove(
        item, quantity=Decimal(quantity), location=place, by=UserFactory(), occurred_at=days_ago(days)
    )
    return movement


@pytest.fixture
def main():
    return LocationFactory(code="MAIN")


@pytest.fixture
def bolt():
    return ItemFactory(sku="BOLT", name="Bolt")


class TestSummary:
    def test_counts_items_by_their_status(self, main):
        plenty, little, _nothing = (ItemFactory(reorder_level=10) for _ in range(3))
        ItemFactory(is_active=False)
        receive(plenty, main, 11, cost=2)
        receive(little, main, 10, cost=2)

        found = summary()

        assert found["items"] == {
            "total": 4,
            "active": 3,
            "in_stock": 1,
            "low_stock": 1,
            "out_of_stock": 1,
        }
        assert (found["stock_value"], found["currency"]) == (42, "USD")

    def test_counts_orders_by_their_status_and_those_that_are_late(self):
        bought(day(30), SupplierFactory(), ItemFactory(), expected=day(1))
        received(bought(day(30), SupplierFactory(), ItemFactory(), expected=day(9)), day(5))
        order(expected_date=days_ago(3).date())  # nobody has approved it

        orders = summary()["purchase_orders"]

        assert {name: count for name, count in orders.items() if count} == {
            "approved": 1,
            "delivered": 1,
            "pending": 1,
            "overdue": 1,
        }

    def test_active_suppliers_can_be_ordered_from(self):
        SupplierFactory()
        SupplierFactory(on_hold=True)
        SupplierFactory(is_active=False)

        assert summary()["suppliers"] == {"total": 3, "active": 1}


class TestTurnover:
    def test_is_what_was_used_over_what_stood_there(self, main, bolt):
        receive(bolt, main, 100, days=400, cost=2)
        issue(bolt, main, 60, days=182.5)

        found = metrics()

        # 200 for half a year, 80 for the other half.
        assert found["stock_turnover"] == Decimal("0.86")
        assert found["days_of_inventory"] == Decimal("425.8")

    def test_is_that_of_the_analytics(self, main, bolt):
        now = timezone.now()
        receive(bolt, main, 100, days=500, cost="1.37")
        issue(bolt, main, 31, days=200)
        ledger.reverse(issue(bolt, main, 7, days=100), by=UserFactory(), reason="Mistake")
        receive(bolt, main, 55, days=20, cost="2.11")
        issue(bolt, main, 12, days=3)

        found = dashboard.metrics(now=now)

        of_analytics = analytics_report.build(at=now)["turnover"]["totals"]
        assert found["stock_turnover"] == of_analytics["turnover"]
        assert found["days_of_inventory"] == of_analytics["days_of_inventory"]

    def test_most_used_items_come_first(self, main, bolt):
        nut, gold = ItemFactory(sku="NUT"), ItemFactory(sku="GOLD")
        for item, cost, used in ((bolt, 2, 20), (nut, 1, 30), (gold, 100, 0)):
            receive(item, main, 100, days=20, cost=cost)
            if used:
                issue(item, main, used, days=3)
        issue(bolt, main, 5, days=6)

        top = metrics()["top_items"]

        assert [(row["item"].code, row["quantity"], row["value"]) for row in top] == [
            ("BOLT", 25, 50),
            ("NUT", 30, 30),
        ]


class TestAvailability:
    def test_stockout_rate_is_the_part_of_the_time_without_stock(self, main, bolt):
        receive(bolt, main, 10, days=60)
        issue(bolt, main, 10, days=15)
        receive(bolt, main, 10, days=6)  # nine days without
        receive(ItemFactory(), main, 10, days=60)
        ItemFactory()  # never moved
        gone = ItemFactory(is_active=False)

        assert metrics()["stockout_rate"] == Decimal("0.15")
        assert gone.pk

    def test_an_item_counts_from_its_first_movement(self, main, bolt):
        receive(bolt, main, 10, days=20)
        issue(bolt, main, 10, days=10)

        assert metrics()["stockout_rate"] == Decimal("0.5")

    def test_an_item_that_ran_out_long_ago_is_out_all_the_time(self, main, bolt):
        receive(bolt, main, 10, days=90)
        issue(bolt, main, 10, days=80)

        assert (metrics()["stockout_rate"], metrics()["fill_rate"]) == (1, 0)

    def test_fill_rate_weighs_the_time_by_the_value_that_is_used(self, main, bolt):
        receive(bolt, main, 100, days=60, cost=3)
        issue(bolt, main, 100, days=15)
        receive(bolt, main, 10, days=3, cost=3)  # twelve days of thirty, of three quarters of the demand
        nut = ItemFactory()
        receive(nut, main, 200, days=60)
        issue(nut, main, 100, days=20)

        assert metrics()["fill_rate"] == Decimal("0.7")


class TestPurchasing:
    def test_cycle_is_from_the_order_to_its_last_receipt(self):
        slow = ordered(day(40), line(quantity=10), line(quantity=10))
        received(slow, day(20), 10)
        received(slow, day(10), 0, 10)
        received(ordered(day(20), line()), day(15))
        ordered(day(300), line())  # not complete
        received(ordered(day(500), line()), day(400))  # too long ago

        assert metrics()["po_cycle_days"] == Decimal("17.5")

    def test_punctual_is_what_came_on_the_expected_day_or_before(self):
        received(ordered(day(40), line(), line(), expected=day(20)), day(20))
        received(ordered(day(40), line(), expected=day(20)), day(21))
        received(ordered(day(40), line()), day(20))  # nobody said when
        received(ordered(day(40), line(), expected=day(20)), day(10))

        assert metrics()["on_time_delivery_rate"] == Decimal("0.75")

    def test_spend_is_of_committed_orders_by_their_day(self):
        today = timezone.now().date()
        for days, price in ((0, 100), (29, 20), (30, 3), (800, 1000)):
            ordered(day(days), line(quantity=1, unit_price=price))
        order(line(quantity=1, unit_price=5000))
        given_up = order(line(quantity=1, unit_price=3))
        ordering.cancel(given_up, by=given_up.created_by, reason="Found some in the cellar")

        found = metrics()

        assert found["spend_30d"] == 120
        months = found["spend_by_month"]
        assert (len(months), months[-1]["month"]) == (12, today.replace(day=1))
        assert sum(month["amount"] for month in months) == 123


def test_movements_are_counted_by_the_day_they_happened(main, bolt):
    receive(bolt, main, 10, days=2, cost=3)
    receive(bolt, main, 10, days=2, cost=3)
    issue(bolt, main, 4, days=1)
    line = LocationFactory()
    stores.transfer(bolt, quantity=Decimal(1), from_location=main, to_location=line, by=UserFactory())
    receive(bolt, main, 10, days=31)

    found = metrics()["movements_by_day"]

    assert [row["date"] for row in found] == [days_ago(back).date() for back in range(29, -1, -1)]
    assert found[-3] == {"date": found[-3]["date"], "in": 2, "out": 0, "value_in": 60, "value_out": 0}
    assert (found[-2]["out"], found[-1]["in"], found[-1]["out"]) == (1, 0, 0)
    assert sum(row["in"] for row in found) == 2


def test_what_cannot_be_measured_is_null():
    found = metrics()

    rates = ("stock_turnover", "days_of_inventory", "fill_rate", "stockout_rate")
    assert [found[name] for name in rates] == [None] * 4
    assert (found["po_cycle_days"], found["on_time_delivery_rate"]) == (None, None)
    assert (found["spend_30d"], found["top_items"]) == (0, [])


def test_number_of_queries_does_not_grow(main):
    def fill():
        item = ItemFactory()
        receive(item, main, 10, days=3)
        issue(item, main, 1, days=1)
        received(bought(day(9), SupplierFactory(), item, expected=day(5)), day(5))

    fill()
    summary(), metrics()
    few = count_queries(summary), count_queries(metrics)
    for _ in range(3):
        fill()

    assert (count_queries(summary), count_queries(metrics)) == few
    assert few[0] <= 6
    assert few[1] <= 8


class TestApi:
    def test_summary_is_for_all_and_metrics_for_managers(self, api, staff, manager):
        assert [api().get(url).status_code for url in (SUMMARY, METRICS)] == [401, 401]
        assert [api(staff).get(url).status_code for url in (SUMMARY, METRICS)] == [200, 403]
        assert [api(manager).get(url).status_code for url in (SUMMARY, METRICS)] == [200, 200]

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("url", [SUMMARY, METRICS, "/api/reports/inventory"])
    def test_a_site_that_nobody_has_set_up_has_its_figures(self, api, manager, url):
        SiteSettings.objects.all().delete()

        assert api(manager).get(url).status_code == 200

    def test_summary_tells_each_their_own_notifications(self, api, staff, manager):
        notifications.notify([staff], Kind.JOB_FAILED, key="1", title="Night", job="x", error="y")

        assert [
            api(person).get(SUMMARY).json()["data"]["notifications_unread"] for person in (staff, manager)
        ] == [1, 0]

    def test_summary_has_the_shape_of_the_contract(self, api, staff, main, bolt):
        receive(bolt, main, 3, cost="2.5")

        found = api(staff).get(SUMMARY).json()["data"]

        as_of = found.pop("as_of")
        assert as_of.endswith("Z")
        assert found == {
            "items": {"total": 1, "active": 1, "in_stock": 1, "low_stock": 0, "out_of_stock": 0},
            "stock_value": "7.50",
            "currency": "USD",
            "purchase_orders": {
                "draft": 0,
                "pending": 0,
                "approved": 0,
                "rejected": 0,
                "partially_delivered": 0,
                "delivered": 0,
                "cancelled": 0,
                "overdue": 0,
            },
            "suppliers": {"total": 0, "active": 0},
            "notifications_unread": 0,
        }

    def test_metrics_have_the_shape_of_the_contract(self, api, manager, main, bolt):
        receive(bolt, main, 100, days=60, cost=2)
        issue(bolt, main, 5, days=3)

        found = api(manager).get(METRICS).json()["data"]

        assert found["top_items"] == [
            {
                "item": {"id": bolt.pk, "sku": "BOLT", "name": "Bolt"},
                "unit": "EA",
                "quantity": "5",
                "value": "10.00",
            }
        ]
        assert (found["fill_rate"], found["stockout_rate"], found["spend_30d"]) == ("1", "0", "0.00")
        assert found["movements_by_day"][-4] == {
            "date": day(3),
            "in": 0,
            "out": 1,
            "value_in": "0.00",
            "value_out": "10.00",
        }
        assert found["spend_by_month"][-1] == {"month": f"{timezone.now():%Y-%m}", "amount": "0.00"}
        assert found["as_of"].endswith("Z")

    def test_summary_is_new_as_soon_as_stock_has_moved(self, api, staff, main, bolt):
        client = api(staff)
        assert client.get(SUMMARY).json()["data"]["stock_value"] == "0.00"

        receive(bolt, main, 3, cost=2)

        assert client.get(SUMMARY).json()["data"]["stock_value"] == "6.00"
