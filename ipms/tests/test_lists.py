"""Pages, feeds, filters, search and order."""

from datetime import date
from decimal import Decimal

import pytest

from ipms.models import ExchangeRate, OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]


@pytest.fixture
def rates():
    """Ten days of euros, two of francs."""
    days = [("EUR", day) for day in range(1, 11)] + [("RWF", day) for day in (1, 2)]
    return ExchangeRate.objects.bulk_create(
        ExchangeRate(
            currency=currency,
            rate=Decimal(day),
            valid_from=date(2031, 5, day),
            source="" if currency == "RWF" else "central bank",
        )
        for currency, day in days
    )


@pytest.fixture
def events():
    return [OutboxEvent.objects.create(topic=f"event {number}", payload={}) for number in range(1, 8)]


def topics(response):
    return [row["topic"].removeprefix("event ") for row in response.json()["data"]]


def days(response):
    return [row["valid_from"][-2:] for row in response.json()["data"]]


def test_page_says_where_it_stands(api, staff, rates):
    response = api(staff).get("/api/rates", {"page": 2, "per_page": 5})

    assert response.json().keys() == {"data", "pagination"}
    assert len(response.json()["data"]) == 5
    assert response.json()["pagination"] == {
        "page": 2,
        "pages": 3,
        "per_page": 5,
        "total": 12,
        "has_next": True,
        "has_prev": True,
    }


def test_empty_list_has_one_page(api, staff):
    assert api(staff).get("/api/rates").json() == {
        "data": [],
        "pagination": {
            "page": 1,
            "pages": 1,
            "per_page": 20,
            "total": 0,
            "has_next": False,
            "has_prev": False,
        },
    }


@pytest.mark.parametrize("page", ["0", "-1", "2", "9" * 29])
def test_page_that_does_not_exist_is_not_found(api, staff, rates, page):
    response = api(staff).get("/api/rates", {"page": page})

    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "query",
    [
        {"per_page": "0"},
        {"per_page": "201"},
        {"per_page": "-5"},
        {"per_page": "many"},
        {"per_page": ""},
        {"page": "first"},
        {"page": "1.5"},
        {"page": ""},
        {"page": "9" * 5000},
        {"ordering": "source"},
        {"ordering": "currency,,rate"},
        {"currency": "XXX"},
        {"currency": "EUR,XXX"},
        {"valid_since": "yesterday"},
        {"valid_since": "2031-02-30"},
        {"valid_since": "05/01/2031"},
        {"is_manual": "perhaps"},
        {"q": "x" * 201},
    ],
    ids=lambda query: "&".join(f"{name}={value[:20]}" for name, value in query.items()),
)
def test_value_that_cannot_be_meant_is_refused_by_name(api, staff, rates, query):
    response = api(staff).get("/api/rates", query)

    assert (response.status_code, response.json()["code"]) == (400, "VALIDATION_ERROR")
    assert response.json()["details"].keys() == query.keys()


def test_filters_choose(api, staff, rates):
    client = api(staff)

    assert client.get("/api/rates", {"currency": "RWF"}).json()["pagination"]["total"] == 2
    assert client.get("/api/rates", {"currency": "RWF,EUR"}).json()["pagination"]["total"] == 12
    assert client.get("/api/rates", {"is_manual": "true"}).json()["pagination"]["total"] == 2
    assert client.get("/api/rates", {"is_manual": "false"}).json()["pagination"]["total"] == 10
    between = {"valid_since": "2031-05-03", "valid_until": "2031-05-04"}
    assert days(client.get("/api/rates", between)) == ["04", "03"]


def test_day_ends_when_it_ends(api, staff, events):
    client = api(staff)
    today = events[0].created_at.date().isoformat()

    assert len(topics(client.get("/api/rates/events", {"date_to": today}))) == 7
    assert len(topics(client.get("/api/rates/events", {"date_to": "9999-12-31"}))) == 7
    assert topics(client.get("/api/rates/events", {"date_to": "2001-01-01"})) == []


@pytest.mark.parametrize("moment", ["2001-01-01T00:00:00Z", "2001-01-01T00:00:00+02:00", "2001-01-01"])
def test_moment_may_have_an_offset(api, staff, events, moment):
    assert len(topics(api(staff).get("/api/rates/events", {"since": moment}))) == 7


@pytest.mark.parametrize("moment", ["soon", "0001-01-01T00:00:00+23:00", "2031-13-01T00:00:00Z"])
def test_moment_that_is_none_is_refused(api, staff, moment):
    response = api(staff).get("/api/rates/events", {"since": moment})

    assert (response.status_code, response.json()["details"].keys()) == (400, {"since"})


def test_order_is_by_what_is_asked_then_by_key(api, staff, rates):
    rows = api(staff).get("/api/rates", {"ordering": "-currency,valid_from"}).json()["data"]

    assert [(row["currency"], row["valid_from"][-2:]) for row in rows[:4]] == [
        ("RWF", "01"),
        ("RWF", "02"),
        ("EUR", "01"),
        ("EUR", "02"),
    ]


def test_equals_keep_one_order_over_all_pages(api, staff, rates):
    client = api(staff)
    pages = [
        client.get("/api/rates", {"ordering": "currency", "per_page": 3, "page": page})
        for page in (1, 2, 3, 4)
    ]

    ids = [row["id"] for page in pages for row in page.json()["data"]]

    assert ids == sorted(rate.pk for rate in rates)


def test_search_wants_every_word(api, staff, rates):
    client = api(staff)

    assert client.get("/api/rates", {"q": "bank eur"}).json()["pagination"]["total"] == 10
    assert client.get("/api/rates", {"q": "bank rwf"}).json()["pagination"]["total"] == 0
    assert client.get("/api/rates", {"q": "  "}).json()["pagination"]["total"] == 12


def test_detail_is_not_filtered(api, staff, rates):
    response = api(staff).get(f"/api/rates/{rates[0].pk}", {"q": "nothing", "currency": "RWF"})

    assert response.status_code == 200


def test_list_costs_the_same_for_any_number_of_rows(api, staff, rates, django_assert_num_queries):
    client = api(staff)

    with django_assert_num_queries(4):  # who, what is allowed, how many, which
        client.get("/api/rates", {"per_page": 2})
    with django_assert_num_queries(4):
        client.get("/api/rates", {"per_page": 12})


def test_feed_goes_to_its_end_and_back(api, staff, events):
    client = api(staff)

    first = client.get("/api/rates/events", {"cursor": "", "per_page": 3})
    second = client.get("/api/rates/events", {"cursor": first.json()["pagination"]["next"], "per_page": 3})
    last = client.get("/api/rates/events", {"cursor": second.json()["pagination"]["next"], "per_page": 3})
    back = client.get("/api/rates/events", {"cursor": last.json()["pagination"]["previous"], "per_page": 3})
    begin = client.get("/api/rates/events", {"cursor": back.json()["pagination"]["previous"], "per_page": 3})

    assert [topics(page) for page in (first, second, last)] == [["7", "6", "5"], ["4", "3", "2"], ["1"]]
    assert [topics(page) for page in (back, begin)] == [["4", "3", "2"], ["7", "6", "5"]]
    assert first.json()["pagination"].keys() == {"next", "previous", "per_page"}
    assert first.json()["pagination"]["previous"] is None
    assert last.json()["pagination"]["next"] is None
    assert begin.json()["pagination"]["previous"] is None


def test_feed_is_not_moved_by_what_comes_meanwhile(api, staff, events):
    client = api(staff)
    first = client.get("/api/rates/events", {"cursor": "", "per_page": 3})
    OutboxEvent.objects.create(topic="event 8", payload={})

    second = client.get("/api/rates/events", {"cursor": first.json()["pagination"]["next"], "per_page": 3})

    assert topics(second) == ["4", "3", "2"]


def test_feed_counts_nothing(api, staff, events, django_assert_num_queries):
    client = api(staff)

    with django_assert_num_queries(3):
        client.get("/api/rates/events", {"cursor": ""})


def test_feed_is_a_list_of_pages_too(api, staff, events):
    response = api(staff).get("/api/rates/events", {"per_page": 2, "page": 2})

    assert topics(response) == ["3", "4"]
    assert response.json()["pagination"]["total"] == 7


def test_empty_feed_has_no_further_page(api, staff):
    pagination = api(staff).get("/api/rates/events", {"cursor": ""}).json()["pagination"]

    assert pagination == {"next": None, "previous": None, "per_page": 20}


@pytest.mark.parametrize(
    "cursor", ["x", "!!!", "b2xkZXI6", "b2xkZXI6eA", "b2xkZXI6OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "é"]
)
def test_cursor_that_is_none_of_ours_is_refused(api, staff, cursor):
    response = api(staff).get("/api/rates/events", {"cursor": cursor})

    assert (response.status_code, response.json()["details"].keys()) == (400, {"cursor"})


def test_feed_has_its_own_order(api, staff):
    response = api(staff).get("/api/rates/events", {"cursor": "", "ordering": "topic"})

    assert (response.status_code, response.json()["details"].keys()) == (400, {"ordering"})
