"""The report on purchase orders: what is added up, what is late, how long things take."""

from decimal import Decimal

import pytest

from inventory.tests.factories import ItemFactory, LocationFactory
from ipms.models import SiteSettings
from ipms.testing.back_office import count_queries
from procurement import ordering
from procurement.models import ImportedLine
from procurement.tests.factories import line, order
from reporting import purchase_report, purchase_tables
from reporting.tests.orders import bought, day, noon, ordered, received
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

TODAY = noon("2023-06-30")


def report(**selection):
    return purchase_report.build(at=TODAY, **selection)


def sums(rows, key):
    """Orders, amount and spend of each row, by its key."""
    return {getattr(row[key], "code", row[key]): (row["orders"], row["amount"], row["spend"]) for row in rows}


@pytest.fixture
def steel():
    return SupplierFactory(code="STEEL", name="Kigali Steel", country="RW")


@pytest.fixture
def tools():
    return SupplierFactory(code="TOOLS", name="Nairobi Tools", country="KE")


def test_spend_is_what_is_approved_and_amount_is_everything(steel):
    ordered("2023-05-02", line(quantity=10, unit_price="7.25", tax_rate="18"), supplier=steel)
    order(line(quantity=4, unit_price=5), supplier=steel, ordered_on=day("2023-05-03"))
    given_up = order(line(quantity=1, unit_price=3), supplier=steel, ordered_on=day("2023-05-04"))
    ordering.cancel(given_up, by=given_up.created_by, reason="Found some in the cellar")

    found = report()

    assert found["totals"] == {
        "orders": 3,
        "amount": Decimal("108.55"),
        "spend": Decimal("85.55"),
        "overdue": 0,
        "currency": "USD",
    }
    assert sums(found["by_status"], "status") == {
        "draft": (0, 0, 0),
        "pending": (1, Decimal("20.00"), 0),
        "approved": (1, Decimal("85.55"), Decimal("85.55")),
        "rejected": (0, 0, 0),
        "partially_delivered": (0, 0, 0),
        "delivered": (0, 0, 0),
        "cancelled": (1, Decimal("3.00"), 0),
    }
    assert found["as_of"] == TODAY


def test_spend_is_told_by_supplier_country_destination_and_month(steel, tools):
    main, depot = LocationFactory(code="MAIN"), LocationFactory(code="DEPOT")
    ordered("2023-03-31", line(quantity=1, unit_price=10), supplier=steel, deliver_to=main)
    ordered("2023-05-01", line(quantity=1, unit_price=25), supplier=tools, deliver_to=depot)
    ordered("2023-05-31", line(quantity=1, unit_price=5), supplier=steel, deliver_to=depot)

    found = report()

    assert sums(found["by_supplier"], "supplier") == {"TOOLS": (1, 25, 25), "STEEL": (2, 15, 15)}
    assert [row["supplier"].code for row in found["by_supplier"]] == ["TOOLS", "STEEL"]
    assert sums(found["by_country"], "country") == {"KE": (1, 25, 25), "RW": (2, 15, 15)}
    assert sums(found["by_location"], "location") == {"DEPOT": (2, 30, 30), "MAIN": (1, 10, 10)}
    assert sums(found["by_month"], "month") == {
        day("2023-03-01"): (1, 10, 10),
        day("2023-04-01"): (0, 0, 0),
        day("2023-05-01"): (2, 30, 30),
    }


def test_selection_is_by_supplier_status_and_day_of_the_order(steel, tools):
    ordered("2023-05-01", supplier=steel)
    ordered("2023-05-31", supplier=steel)
    ordered("2023-06-01", supplier=steel)
    ordered("2023-05-15", supplier=tools)
    order(supplier=steel, ordered_on=day("2023-05-15"))

    of_may = report(
        supplier=steel,
        status=["approved", "delivered"],
        date_from=day("2023-05-01"),
        date_to=day("2023-05-31"),
    )

    assert of_may["totals"]["orders"] == 2
    assert sums(of_may["by_status"], "status") == {"approved": (2, 40, 40), "delivered": (0, 0, 0)}


def test_an_order_without_an_exchange_rate_is_named_apart(steel):
    ordered("2023-05-02", line(quantity=1, unit_price=10), supplier=steel)
    order(line(quantity=3, unit_price=500), supplier=steel, currency="RWF", ordered_on=day("2023-05-02"))

    found = report()

    assert (found["totals"]["orders"], found["totals"]["amount"]) == (2, Decimal("10.00"))
    assert found["without_rate"] == [{"currency": "RWF", "orders": 1, "amount": Decimal(1500)}]


def test_foreign_orders_count_at_their_frozen_rate(steel):
    ordered(
        "2023-05-02", line(quantity=3, unit_price=100), supplier=steel, currency="EUR", exchange_rate="1.08"
    )

    assert report()["totals"]["spend"] == Decimal("324.00")


def test_overdue_is_what_was_expected_before_today_and_has_not_all_come(steel):
    bolts = line(quantity=10, unit_price=2)
    late = ordered("2023-05-01", bolts, line(quantity=4, unit_price=5), supplier=steel, expected="2023-06-19")
    received(late, "2023-06-20", 10, 1)
    ordered("2023-05-01", supplier=steel, expected="2023-06-30")
    received(ordered("2023-05-01", supplier=steel, expected="2023-06-19"), "2023-06-25")
    order(supplier=steel, expected_date=day("2023-06-19"))

    found = report()

    assert found["totals"]["overdue"] == 1
    (row,) = found["overdue"]
    assert (row["po_number"], row["days_late"], row["status"]) == (late.po_number, 11, "partially_delivered")
    assert (row["amount"], row["outstanding_amount"]) == (Decimal("40.00"), Decimal("15.00"))


def test_only_the_longest_late_are_listed_but_all_are_counted(steel, monkeypatch):
    monkeypatch.setattr(purchase_report, "MOST_OVERDUE", 1)
    ordered("2023-05-01", supplier=steel, expected="2023-06-20")
    worst = ordered("2023-05-01", supplier=steel, expected="2023-05-20")

    found = report()

    assert [row["id"] for row in found["overdue"]] == [worst.pk]
    assert found["totals"]["overdue"] == 2


def test_cycle_time_runs_from_order_to_approval_to_receipts(steel):
    two_parts = ordered("2023-05-01", line(quantity=10), supplier=steel, approved="2023-05-03")
    received(two_parts, "2023-05-11", 4)
    received(two_parts, "2023-05-31", 6)
    at_once = ordered("2023-05-01", supplier=steel, approved="2023-05-02")
    received(at_once, "2023-05-04")
    ordered("2023-05-01", supplier=steel, approved="2023-05-07")

    spans = report()["cycle_time"]

    def span(orders, median, mean):
        return {"orders": orders, "median_days": Decimal(median), "mean_days": Decimal(mean)}

    assert spans == {
        "ordered_to_approved": span(3, 2, 3),
        "approved_to_first_receipt": span(2, 5, 5),
        "ordered_to_first_receipt": span(2, "6.5", "6.5"),
        "first_receipt_to_delivered": span(2, 10, 10),
        "ordered_to_delivered": span(2, "16.5", "16.5"),
    }


def test_an_imported_order_says_nothing_of_approvals(steel):
    came = bought("2013-05-01", steel, ItemFactory())
    ImportedLine.objects.create(source="old books", key="1", order_line=came.lines.get())
    received(came, "2013-05-11")

    spans = report()["cycle_time"]

    assert spans["ordered_to_approved"] == {"orders": 0, "median_days": None, "mean_days": None}
    assert spans["approved_to_first_receipt"]["orders"] == 0
    assert spans["ordered_to_delivered"]["median_days"] == 10


def test_days_are_those_of_the_site(steel):
    SiteSettings.objects.update_or_create(pk=1, defaults={"timezone": "Pacific/Auckland"})
    came = bought("2023-05-01", steel, ItemFactory())
    received(came, "2023-05-11")  # at noon UTC, when it is the 12th in Auckland

    assert report()["cycle_time"]["ordered_to_delivered"]["median_days"] == 11


def test_nothing_at_all_is_a_report_too():
    found = report()

    assert (found["totals"]["orders"], found["totals"]["amount"]) == (0, 0)
    assert found["by_supplier"] == found["by_month"] == found["overdue"] == []


def test_queries_do_not_grow_with_the_orders(steel, tools):
    def cost():
        return count_queries(report)

    ordered("2023-05-01", supplier=steel, expected="2023-06-01")
    one = cost()
    for supplier in (steel, tools, SupplierFactory()):
        ordered("2023-04-01", supplier=supplier, expected="2023-06-01")

    assert cost() == one <= 12


def test_tables_say_what_was_asked_and_add_up(steel):
    ordered("2023-05-02", line(quantity=1, unit_price=10), supplier=steel, expected="2023-05-20")
    asked = {"supplier": steel, "status": ["approved"], "date_from": day("2023-05-01")}

    document = purchase_tables.document(report(**asked), asked)

    assert document.parameters == [
        ("Supplier", "STEEL Kigali Steel"),
        ("Status", "Approved"),
        ("Ordered from", "2023-05-01"),
    ]
    tables = {table.name: list(table.rows) for table in document.tables}
    assert tables["by-supplier"][0]["label"] == "Kigali Steel"
    assert tables["by-country"][0]["label"] == "Rwanda"
    assert tables["by-month"][0]["label"] == "2023-05"
    assert tables["overdue"][0]["supplier_name"] == "Kigali Steel"
    assert [chart.points for chart in document.charts] == [
        [("May 23", Decimal("10.00"))],
        [("Kigali Steel", Decimal("10.00"))],
    ]
