"""The reports on orders and suppliers over the API: who sees them, what they take, how they look."""

import csv
import io

import pytest

from inventory.tests.factories import ItemFactory
from ipms.testing.back_office import count_queries
from procurement.tests.factories import line, order
from reporting.tests.orders import bought, day, ordered, received
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

ORDERS, SUPPLIERS = "/api/reports/purchase-orders", "/api/reports/suppliers"


@pytest.fixture
def steel():
    return SupplierFactory(code="STEEL", name="Kigali Steel", country="RW")


def data(response):
    assert response.status_code == 200, response.content
    return response.json()["data"]


@pytest.mark.parametrize("url", [ORDERS, SUPPLIERS])
def test_reports_are_for_managers(api, staff, manager, url):
    assert api().get(url).status_code == 401
    refused = api(staff).get(url)
    assert (refused.status_code, refused.json()["code"]) == (403, "PERMISSION_DENIED")
    assert api(manager).get(url).status_code == 200


def test_amounts_are_exact_text_in_base_currency(api, manager, steel):
    ordered("2023-05-02", line(quantity=10, unit_price="7.25", tax_rate="18"), supplier=steel)

    found = data(api(manager).get(ORDERS))

    sums = {"orders": 1, "amount": "85.55", "spend": "85.55"}
    reference = {"id": steel.pk, "code": "STEEL", "name": "Kigali Steel"}
    assert found["totals"] == {**sums, "overdue": 0, "currency": "USD"}
    assert found["by_supplier"] == [{"supplier": reference, **sums}]
    assert found["by_country"] == [{"country": "RW", **sums}]
    assert found["by_month"] == [{"month": "2023-05", **sums}]
    assert found["as_of"].endswith("Z")


def test_an_amount_without_a_rate_is_in_its_own_currency(api, manager, steel):
    order(line(quantity=3, unit_price=500), supplier=steel, currency="RWF", ordered_on=day("2023-05-02"))

    found = data(api(manager).get(ORDERS))

    assert found["without_rate"] == [{"currency": "RWF", "orders": 1, "amount": "1500"}]


def test_where_no_destination_is_named_it_is_null(api, manager, steel):
    order(line(quantity=1, unit_price=3), supplier=steel, deliver_to=None)

    (row,) = data(api(manager).get(ORDERS))["by_location"]

    assert row == {"location": None, "orders": 1, "amount": "3.00", "spend": "0.00"}


def test_late_orders_are_named(api, manager, steel):
    late = bought("2023-05-01", steel, ItemFactory(), expected="2023-05-20")

    (row,) = data(api(manager).get(ORDERS))["overdue"]

    assert (row["id"], row["po_number"], row["expected_date"]) == (late.pk, late.po_number, "2023-05-20")
    assert (row["amount"], row["outstanding_amount"]) == ("20.00", "20.00")


@pytest.mark.parametrize("key", ["STEEL", "steel", "id"])
def test_a_supplier_is_named_by_its_code_or_id(api, manager, steel, key):
    bought("2023-05-01", steel, ItemFactory())
    bought("2023-05-01", SupplierFactory(), ItemFactory())

    wanted = {"supplier": steel.pk if key == "id" else key}

    assert data(api(manager).get(ORDERS, wanted))["totals"]["orders"] == 1
    assert len(data(api(manager).get(SUPPLIERS, wanted))["suppliers"]) == 1


def test_several_states_and_dates_can_be_asked_for(api, manager, steel):
    bought("2023-05-01", steel, ItemFactory())
    order(supplier=steel, ordered_on=day("2023-05-31"))
    bought("2023-06-01", steel, ItemFactory())
    wanted = {"status": "approved, pending", "date_from": "2023-05-01", "date_to": "2023-05-31"}

    found = data(api(manager).get(ORDERS, wanted))

    assert {row["status"]: row["orders"] for row in found["by_status"]} == {"pending": 1, "approved": 1}


@pytest.mark.parametrize(
    ("url", "parameter", "value"),
    [
        (ORDERS, "status", "lost"),
        (ORDERS, "status", "approved,lost"),
        (ORDERS, "date_from", "31.05.2023"),
        (ORDERS, "date_to", "2023-02-30"),
        (ORDERS, "supplier", "NOBODY"),
        (ORDERS, "format", "docx"),
        (SUPPLIERS, "date_from", "yesterday"),
        (SUPPLIERS, "country", "XX"),
        (SUPPLIERS, "supplier", "0"),
        (SUPPLIERS, "ordering", "charm"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(api, manager, url, parameter, value):
    refused = api(manager).get(url, {parameter: value})

    assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(refused.json()["details"]) == [parameter]


def test_suppliers_show_their_figures_and_null_where_none_is_known(api, manager, steel):
    received(bought("2023-05-01", steel, ItemFactory(), expected="2023-05-10"), "2023-05-09")

    found = data(api(manager).get(SUPPLIERS, {"country": "rw"}))

    assert found["suppliers"] == [
        {
            "supplier": {"id": steel.pk, "code": "STEEL", "name": "Kigali Steel"},
            "orders": 1,
            "spend": "20.00",
            "on_time_rate": "1",
            "fill_rate": "1",
            "average_lead_time_days": "8",
            "lead_time_reliability": None,
            "price_variance": None,
            "score": "100",
        }
    ]
    assert found["weights"] == {"on_time": 40, "fill": 25, "price": 20, "lead_time": 15}
    assert (found["currency"], found["as_of"][-1]) == ("USD", "Z")


def test_a_file_says_what_the_answer_says(api, manager, steel):
    received(bought("2023-05-01", steel, ItemFactory(), expected="2023-05-10"), "2023-05-11")
    bought("2023-05-01", SupplierFactory(code="TOOLS", name="Tools; Ltd"), ItemFactory(), unit_price="1.25")
    told = data(api(manager).get(SUPPLIERS))["suppliers"]

    file = api(manager).get(SUPPLIERS, {"format": "csv"})

    rows = list(csv.DictReader(io.StringIO(b"".join(file).decode("utf-8-sig"))))
    assert [(row["Code"], row["Spend"], row["On time"], row["Score"]) for row in rows[:2]] == [
        (one["supplier"]["code"], one["spend"], one["on_time_rate"] or "", one["score"] or "") for one in told
    ]
    assert (rows[2]["Supplier"], rows[2]["Orders"], rows[2]["Spend"]) == ("Total", "2", "32.50")


@pytest.mark.parametrize("url", [ORDERS, SUPPLIERS])
def test_queries_do_not_grow_with_what_is_reported(api, manager, steel, url):
    client = api(manager)
    bought("2023-05-01", steel, ItemFactory(), expected="2023-05-10")
    client.get(url)  # what a first request looks up once
    one = count_queries(lambda: client.get(url, {"date_from": "2023-01-01"}))
    for _one in range(3):
        bought("2023-05-01", SupplierFactory(), ItemFactory(), expected="2023-05-10")

    assert count_queries(lambda: client.get(url, {"date_from": "2022-01-01"})) == one
