"""The report on stock over the API: who sees it, what it takes, how it looks."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, stock

pytestmark = pytest.mark.django_db

URL = "/api/reports/inventory"


def data(response):
    assert response.status_code == 200, response.content
    return response.json()["data"]


@pytest.fixture
def rod():
    return ItemFactory(sku="ROD", name="Rod", category=CategoryFactory(slug="metal", name="Metal"))


@pytest.fixture
def main():
    return LocationFactory(code="MAIN", name="Main store")


def test_report_is_for_managers(api, staff, manager):
    assert api().get(URL).status_code == 401
    refused = api(staff).get(URL)
    assert (refused.status_code, refused.json()["code"]) == (403, "PERMISSION_DENIED")
    assert api(manager).get(URL).status_code == 200


def test_figures_are_exact_text(api, manager, rod, main):
    stock(rod, main, "2.5", unit_cost=Decimal("3.10"))

    found = data(api(manager).get(URL))

    sums = {"items": 1, "quantity": "2.5", "stock_value": "7.75"}
    dead = {"low_stock": 0, "dead_stock": 0, "dead_stock_value": "0.00"}
    assert found["totals"] == {**sums, "currency": "USD", **dead}
    metal = {"id": rod.category.pk, "slug": "metal", "name": "Metal"}
    assert found["by_category"] == [{"category": metal, **sums}]
    assert found["by_location"] == [
        {"location": {"id": main.pk, "code": "MAIN", "name": "Main store"}, **sums}
    ]
    assert found["ageing"][0] == {"bucket": "0-30", "from_days": 0, "to_days": 30, **sums}
    assert found["abc"][2] == {
        "class": "C",
        "items": 1,
        "consumption_value": "0.00",
        "share": None,
        "stock_value": "7.75",
    }
    assert found["as_of"].endswith("Z")
    assert found["known_at"] is None


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00"])
def test_a_past_moment_is_a_date_or_a_time(api, manager, rod, main, form):
    now = timezone.now()
    stock(rod, main, 5, occurred_at=now - timedelta(days=9))
    # A plus sign that nobody escaped.
    asked = (now - timedelta(days=5)).strftime(form)

    found = data(api(manager).get(f"{URL}?as_of={asked}"))

    assert found["totals"]["quantity"] == "5"
    assert found["as_of"] < now.isoformat()
    assert data(api(manager).get(URL, {"as_of": "2001-01-01"}))["totals"]["quantity"] == "0"
    assert data(api(manager).get(URL, {"as_of": asked, "known_at": asked}))["totals"]["quantity"] == "0"


def test_today_is_no_future(api, manager, rod, main):
    stock(rod, main, 5)

    assert data(api(manager).get(URL, {"as_of": f"{timezone.now():%Y-%m-%d}"}))["totals"]["quantity"] == "5"


def test_report_is_new_as_soon_as_stock_has_moved(api, manager, rod, main):
    client = api(manager)
    first = data(client.get(URL))

    assert data(client.get(URL))["as_of"] == first["as_of"]
    stock(rod, main, 5)
    assert data(client.get(URL))["totals"]["quantity"] == "5"


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("as_of", "9999-12-31"),
        ("as_of", "2999-01-01T00:00:00Z"),
        ("known_at", "2999-01-01"),
        ("as_of", "yesterday"),
        ("as_of", "2023-02-30"),
        ("as_of", "0001-01-01T00:00:00+05:00"),
        ("as_of", "T"),
        ("category", "lost"),
        ("location", "lost"),
        ("location", "@supplier"),
        ("days", "0"),
        ("format", "docx"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(api, manager, parameter, value):
    refused = api(manager).get(URL, {parameter: value})

    assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(refused.json()["details"]) == [parameter]


@pytest.mark.parametrize("value", ["0001-01-01", "0001-01-01T00:00:00Z"])
def test_before_all_time_there_was_nothing(api, manager, rod, main, value):
    stock(rod, main, 5)

    assert data(api(manager).get(URL, {"as_of": value}))["totals"]["quantity"] == "0"


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("csv", "text/csv"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("pdf", "application/pdf"),
    ],
)
def test_report_is_a_file_too(api, manager, rod, main, name, media):
    stock(rod, main, 5)

    response = api(manager).get(URL, {"format": name})

    assert response.status_code == 200
    assert response["Content-Type"].startswith(media)
    assert b"".join(response)
