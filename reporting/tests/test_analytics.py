"""The report on use, demand and reordering: figures by hand, filters, and how it is shown."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone

from inventory.tests.factories import CategoryFactory, LocationFactory
from ipms import site
from ipms.testing.back_office import count_queries, enter
from procurement.tests.factories import line
from procurement.tests.shelves import bought, used_item
from reporting import analytics_report
from reporting.tests.orders import ordered
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

URL = "/api/reports/analytics"
STEADY = [7] * 60


def report(**how):
    return analytics_report.build(at=timezone.now(), **how)


def by_sku(rows):
    return {row["item"].sku: row for row in rows}


@pytest.fixture
def bolts():
    return CategoryFactory(name="Bolts", slug="bolts")


def test_items_are_classed_by_value_and_by_regularity(bolts):
    used_item(*STEADY, left=5, sku="STEADY", category=bolts)
    used_item(*[0] * 58, 3, 0, left=5, sku="RARE", category=bolts)
    used_item(left=5, sku="IDLE", category=bolts)

    found = report()["abc_xyz"]

    items = by_sku(found["items"])
    assert (items["STEADY"]["abc"], items["STEADY"]["xyz"]) == ("A", "X")
    assert (items["RARE"]["abc"], items["RARE"]["xyz"]) == ("C", "Z")
    assert "IDLE" not in items
    cells = {(cell["abc"], cell["xyz"]): cell["items"] for cell in found["matrix"]}
    assert len(cells) == 9
    assert (cells["A", "X"], cells["C", "Z"], sum(cells.values())) == (1, 2, 3)
    assert found["total_value"] == sum(cell["value"] for cell in found["matrix"])


def test_turnover_is_what_was_used_over_what_stood_there(bolts):
    # 7 a week at 4 for 52 weeks and more; 3 are left at the end.
    used_item(*STEADY, left=3, sku="STEADY", category=bolts)

    found = report()["turnover"]

    (item,) = found["items"]
    assert item["consumption"] in (51 * 28, 52 * 28)  # the Mondays of a year but this week's
    # It falls from about 364 + 3 to 3 over the year: half of it on the average.
    assert item["average_stock_value"] == pytest.approx(Decimal(4 * (364 / 2 + 3)), rel=Decimal("0.03"))
    assert item["turnover"] == round(item["consumption"] / item["average_stock_value"], 2)
    assert found["totals"] == {**found["totals"], "consumption": item["consumption"]}
    assert [(row["category"].code, row["consumption"]) for row in found["by_category"]] == [
        ("bolts", item["consumption"])
    ]


def test_trends_are_by_month_without_a_gap_this_month_included():
    item = used_item(*STEADY, left=3)
    bought(item, 10, "2.50", days_ago=0)

    found = report(months=3)

    this_month = timezone.localdate().replace(day=1)
    assert [row["month"] for row in found["consumption_trend"]][-1] == this_month
    assert len(found["consumption_trend"]) == len(found["spend_trend"]) == 3
    assert found["spend_trend"][-1] == {"month": this_month, "amount": Decimal("25.00"), "orders": 1}
    full = found["consumption_trend"][1]
    assert full["issues"] in (4, 5)
    assert full["value"] == full["issues"] * 28


def test_spend_of_a_category_is_that_of_its_lines_in_base_currency(bolts):
    bolt, nut = used_item(7, left=1, category=bolts), used_item(7, left=1)
    today = timezone.localdate().isoformat()
    ordered(today, line(bolt, 10, 3, tax_rate="18"), line(nut, 10, 50), currency="EUR", exchange_rate="1.1")

    assert report(category=bolts)["spend_trend"][-1]["amount"] == Decimal("38.94")
    assert report()["spend_trend"][-1]["amount"] == Decimal("588.94")


def test_forecasts_and_suggestions_are_those_of_replenishment():
    item = used_item(*STEADY, left=3, sku="STEADY", lead_time_days=10)
    bought(item, took=2)

    found = report()

    (forecast,) = found["forecast"]
    assert (forecast["per_week"], forecast["per_day"], forecast["kind"]) == (7, 1, "smooth")
    (suggestion,) = found["reorder_suggestions"]
    assert (suggestion["reorder_point"], suggestion["quantity"]) == (10, 36)
    assert suggestion["why"].startswith("Available 4 EA, on order 0: no more than the reorder point of 10.")


def test_lists_hold_the_items_that_matter_most():
    for number in range(4):
        used_item(*[7 * (number + 1)] * 20, left=1, sku=f"ITEM-{number}", lead_time_days=10)

    found = report(top=2)

    assert [row["item"].sku for row in found["abc_xyz"]["items"]] == ["ITEM-3", "ITEM-2"]
    assert [row["item"].sku for row in found["forecast"]] == ["ITEM-3", "ITEM-2"]
    assert len(found["reorder_suggestions"]) == len(found["turnover"]["items"]) == 2
    assert found["abc_xyz"]["total_items"] == 4


def test_filters_keep_a_category_a_location_or_a_supplier(bolts):
    annex, seller = LocationFactory(), SupplierFactory()
    below = CategoryFactory(parent=bolts)
    used_item(*STEADY, left=1, sku="BELOW", category=below)
    used_item(*STEADY, left=1, sku="ANNEX", shelf=annex)
    bought(used_item(*STEADY, left=1, sku="BOUGHT"), supplier=seller)

    for how, sku in (
        ({"category": bolts}, "BELOW"),
        ({"location": annex}, "ANNEX"),
        ({"supplier": seller}, "BOUGHT"),
    ):
        found = report(**how)
        for name in (found["abc_xyz"]["items"], found["turnover"]["items"], found["forecast"]):
            assert [row["item"].sku for row in name] == [sku]


def test_figures_are_exact_text_over_the_api(api, manager):
    item = used_item(*STEADY, left=3, sku="STEADY", lead_time_days=10)
    bought(item, took=2)

    found = api(manager).get(URL).json()["data"]

    assert set(found) == {
        "consumption_trend",
        "spend_trend",
        "abc_xyz",
        "turnover",
        "forecast",
        "reorder_suggestions",
        "currency",
        "as_of",
    }
    assert found["forecast"][0]["per_week"] == "7"
    assert found["forecast"][0]["item"] == {"id": item.pk, "sku": "STEADY", "name": item.name, "unit": "EA"}
    assert found["consumption_trend"][0]["value"].endswith(".00")
    assert found["reorder_suggestions"][0]["unit_price"] == "2.50"


def test_an_empty_site_has_an_empty_report(api, manager):
    found = api(manager).get(URL).json()["data"]

    assert found["forecast"] == found["reorder_suggestions"] == found["turnover"]["items"] == []
    assert found["turnover"]["totals"]["turnover"] is None
    assert len(found["consumption_trend"]) == 12


@pytest.mark.parametrize(
    "query",
    ["top=0", "top=201", "months=0", "category=no-such", "location=x", "format=doc", "supplier=x"],
)
def test_a_value_that_cannot_be_meant_is_refused(api, manager, query):
    response = api(manager).get(f"{URL}?{query}")

    assert (response.status_code, response.json()["code"]) == (400, "VALIDATION_ERROR")


def test_the_report_is_for_managers(api, staff):
    assert api().get(URL).status_code == 401
    assert api(staff).get(URL).status_code == 403


@pytest.mark.parametrize("format", ["csv", "xlsx", "pdf"])
def test_the_report_is_a_file_too(api, manager, format):
    bought(used_item(*STEADY, left=3, lead_time_days=10), took=2)

    response = api(manager).get(f"{URL}?format={format}")

    assert response.status_code == 200
    assert b"".join(response.streaming_content) if response.streaming else response.content


def test_the_report_is_a_page_of_the_back_office(manager):
    bought(used_item(*STEADY, left=3, name="Steel rod", lead_time_days=10), took=2)

    page = enter(manager).get("/admin/reports/analytics/").content.decode()

    assert "Steel rod" in page
    assert "Reorder suggestions" in page


def test_any_number_of_items_costs_the_same_queries(bolts):
    seller = SupplierFactory()
    site.current()

    def cost():
        cache.clear()
        return count_queries(report)

    bought(used_item(*[7] * 5, left=3, category=bolts), supplier=seller, took=2)
    one = cost()
    for _number in range(4):
        bought(used_item(*[7] * 5, left=3, category=CategoryFactory()), supplier=seller, took=2)

    assert cost() == one
