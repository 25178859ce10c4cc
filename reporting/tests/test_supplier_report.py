"""The report on suppliers: each figure by its definition, and the score made of them."""

from decimal import Decimal

import pytest

from inventory.tests.factories import ItemFactory
from ipms.testing.back_office import count_queries
from procurement.tests.factories import line, order
from reporting import supplier_report, supplier_tables
from reporting.tests.orders import bought, day, noon, ordered, received
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

TODAY = noon("2023-06-30")


def report(**selection):
    return supplier_report.build(at=TODAY, **selection)["suppliers"]


def figures_of(supplier, **selection):
    (row,) = report(supplier=supplier, **selection)
    return row


@pytest.fixture
def steel():
    return SupplierFactory(code="STEEL", name="Kigali Steel", country="RW")


@pytest.fixture
def tools():
    return SupplierFactory(code="TOOLS", name="Nairobi Tools", country="KE")


@pytest.fixture
def bolt():
    return ItemFactory()


def test_orders_and_spend_are_those_the_company_is_committed_to(steel, bolt):
    bought("2023-05-01", steel, bolt, quantity=10, unit_price=2)
    bought("2023-05-02", steel, bolt, quantity=1, unit_price="2.50")
    order(line(bolt), supplier=steel, ordered_on=day("2023-05-03"))

    figures = figures_of(steel)

    assert (figures["orders"], figures["spend"]) == (2, Decimal("22.50"))


def test_on_time_is_by_receipt_line_and_the_expected_day_itself_is_in_time(steel, bolt):
    two_lines = ordered("2023-05-01", line(bolt), line(), supplier=steel, expected="2023-05-10")
    received(two_lines, "2023-05-10", 10, 4)
    received(two_lines, "2023-05-11", 0, 6)
    received(bought("2023-05-01", steel, bolt), "2023-06-01")  # never promised: neither early nor late

    assert figures_of(steel)["on_time_rate"] == Decimal("0.6667")


def test_fill_is_what_came_of_lines_whose_day_has_passed(steel, bolt):
    short = ordered("2023-05-01", line(bolt), line(quantity=1000), supplier=steel, expected="2023-06-29")
    received(short, "2023-05-10", 10, 500)
    bought("2023-05-01", steel, bolt, expected="2023-06-30")
    bought("2023-05-01", steel, bolt)

    assert figures_of(steel)["fill_rate"] == Decimal("0.7500")


def test_lead_time_runs_from_the_order_to_each_receipt_line(steel, bolt):
    received(bought("2023-05-01", steel, bolt), "2023-05-11")
    received(bought("2023-05-01", steel, bolt), "2023-05-21")

    figures = figures_of(steel)

    # The mean of 10 and 20 is 15, their sample standard deviation the root of 50.
    assert figures["average_lead_time_days"] == Decimal("15.00")
    assert figures["lead_time_reliability"] == Decimal("0.5286")


def test_one_receipt_says_nothing_of_reliability(steel, bolt):
    received(bought("2023-05-01", steel, bolt), "2023-05-11")

    assert figures_of(steel)["lead_time_reliability"] is None


class TestPriceVariance:
    def test_is_against_what_everybody_took_in_the_twelve_months_before(self, steel, tools, bolt):
        bought("2022-06-01", tools, bolt, quantity=30, unit_price=2)
        bought("2023-05-30", steel, bolt, quantity=10, unit_price=6)
        bought("2023-05-31", steel, bolt, quantity=10, unit_price="3.30")

        figures = figures_of(steel, date_from=day("2023-05-31"))

        # Usual was (30 x 2 + 10 x 6) / 40 = 3.00.
        assert figures["price_variance"] == Decimal("0.1000")

    def test_leaves_out_what_is_older_than_twelve_months(self, steel, tools, bolt):
        bought("2022-05-30", tools, bolt, unit_price=1)
        bought("2022-05-31", tools, bolt, unit_price=2)
        bought("2023-05-31", steel, bolt, unit_price=3)

        assert figures_of(steel)["price_variance"] == Decimal("0.5000")

    def test_leaves_out_orders_of_the_same_day(self, steel, tools, bolt):
        bought("2023-05-31", tools, bolt, unit_price=1)
        bought("2023-05-31", steel, bolt, unit_price=3)

        assert figures_of(steel)["price_variance"] is None

    def test_weighs_lines_by_their_spend(self, steel, tools, bolt):
        nut = ItemFactory()
        bought("2023-05-01", tools, bolt, quantity=1, unit_price=100)
        bought("2023-05-01", tools, nut, quantity=1, unit_price=1)
        ordered("2023-05-31", line(bolt, 9, 90), line(nut, 100, 2), supplier=steel)

        # Paid 810 + 200 for what would have come to 900 + 100.
        assert figures_of(steel)["price_variance"] == Decimal("0.0100")

    def test_is_in_base_currency_and_without_tax(self, steel, tools, bolt):
        bought("2023-05-01", tools, bolt, unit_price=2)
        euros = line(bolt, 10, 2, tax_rate="18")
        ordered("2023-05-31", euros, supplier=steel, currency="EUR", exchange_rate="1.10")

        assert figures_of(steel)["price_variance"] == Decimal("0.1000")


@pytest.mark.parametrize(
    ("parts", "points"),
    [
        pytest.param(("1", "1", "0", "1"), "100.0", id="all one could wish for"),
        pytest.param(("0", "0", "0.2", "0"), "0.0", id="nothing at all"),
        pytest.param(("0.5", "0.8", "0.05", "0.6"), "64.0", id="each part by its weight"),
        pytest.param(("1", "1", "-0.3", "1"), "100.0", id="cheaper than usual is no more than perfect"),
        pytest.param(("1", "1", "0.9", "1"), "80.0", id="much dearer is no less than nothing"),
        pytest.param(("0.5", None, None, None), "50.0", id="on time alone is known"),
        pytest.param(("0.5", "1", None, None), "69.2", id="on time and fill are known"),
        pytest.param((None, None, None, None), None, id="nothing is known"),
    ],
)
def test_score_weighs_what_is_known(parts, points):
    on_time, fill, variance, reliability = (None if part is None else Decimal(part) for part in parts)

    found = supplier_report.score(
        on_time=on_time, fill=fill, price_variance=variance, lead_time_reliability=reliability
    )

    assert found == (None if points is None else Decimal(points))


def test_best_score_comes_first_and_unknown_ones_last(steel, tools, bolt):
    untried = SupplierFactory(code="UNTRIED")
    received(bought("2023-05-01", steel, bolt, expected="2023-05-10"), "2023-05-12")
    received(bought("2023-05-01", tools, bolt, expected="2023-05-10"), "2023-05-09")
    bought("2023-05-01", untried, ItemFactory())

    by_score, by_name = report(), report(ordering="supplier")

    assert [row["supplier"].code for row in by_score] == ["TOOLS", "STEEL", "UNTRIED"]
    assert by_score[-1]["score"] is None
    assert [row["supplier"].code for row in by_name] == ["STEEL", "TOOLS", "UNTRIED"]


def test_selection_is_by_country_and_day_of_the_order(steel, tools, bolt):
    bought("2023-04-30", steel, bolt, unit_price=1)
    bought("2023-05-01", steel, bolt, unit_price=2)
    bought("2023-06-01", steel, bolt, unit_price=4)
    bought("2023-05-01", tools, bolt)

    found = report(country="RW", date_from=day("2023-05-01"), date_to=day("2023-05-31"))

    assert [(row["supplier"].code, row["orders"], row["spend"]) for row in found] == [("STEEL", 1, 20)]


def test_dates_at_the_ends_of_the_calendar_are_taken(steel, bolt):
    bought("2023-05-01", steel, bolt)

    assert figures_of(steel, date_from=day("0001-01-01"), date_to=day("9999-12-31"))["orders"] == 1


def test_queries_do_not_grow_with_suppliers(steel, tools, bolt):
    bought("2023-05-01", steel, bolt)
    one = count_queries(report)
    received(bought("2023-05-01", tools, bolt, expected="2023-05-10"), "2023-05-12")
    bought("2023-05-01", SupplierFactory(), bolt)

    assert count_queries(report) == one <= 2


def test_table_has_a_line_for_each_supplier_and_charts_the_largest_first(steel, tools, bolt):
    bought("2023-05-01", steel, bolt, unit_price=1)
    bought("2023-05-01", tools, bolt, unit_price=2)

    document = supplier_tables.document(supplier_report.build(at=TODAY), {"country": "RW"})

    (table,) = document.tables
    assert {row["code"]: row["spend"] for row in table.rows} == {"STEEL": 10, "TOOLS": 20}
    assert document.charts[0].points == [("Nairobi Tools", 20), ("Kigali Steel", 10)]
    assert document.parameters == [("Country", "Rwanda")]
