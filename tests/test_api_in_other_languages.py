"""The API in other languages: its sentences are translated, and nothing that a program reads is."""

import json
import re
from datetime import date
from decimal import Decimal

import pytest

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from procurement.tests.factories import approved_order, line, order

pytestmark = pytest.mark.django_db

#: What a program reads in the sentences of an answer: these alone may differ from language to language.
_SENTENCES = {"message", "error", "title", "body", "label", "name", "why", "reasons"}
_FIGURE = re.compile(r"(?<=,)-?\d+(?:\.\d+)?(?=[,\r])")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture
def store():
    shelf = LocationFactory(code="SHELF-1", name="Shelf 1")
    price, level = Decimal("1234.56789"), Decimal("1500.5")
    item = ItemFactory(sku="BOLT-1", name="Bolt", unit_price=price, reorder_level=level)
    stock(item, shelf, Decimal("12345.6789"), unit_cost=Decimal("1234.5"))
    approved_order(
        line(item=item, quantity=Decimal("2500.25"), unit_price=1500), expected_date=date(2031, 2, 3)
    )
    order(line(item=item, quantity=Decimal("0.5"), unit_price=Decimal("1234.5")))
    return item


PAGES = [
    "/api/inventory/items",
    "/api/inventory/movements",
    "/api/inventory/locations",
    "/api/suppliers",
    "/api/purchase-orders",
    "/api/dashboard/summary",
    "/api/reports/inventory",
    "/api/reports/purchase-orders",
    "/api/reports/suppliers",
    "/api/notifications",
    "/api/auth/me",
    "/api/export/inventory?format=json",
]


def read(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return json.loads(content)


def without_moments_of_asking(value):
    """Leave out when it was asked, and what is said in sentences."""
    if isinstance(value, dict):
        return {
            key: without_moments_of_asking(one)
            for key, one in value.items()
            if key not in _SENTENCES | {"timestamp", "as_of", "exported_at", "last_login", "language"}
        }
    if isinstance(value, list):
        return [without_moments_of_asking(one) for one in value]
    return value


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("page", PAGES)
def test_figures_dates_and_names_of_fields_are_the_same_in_every_language(api, admin, store, page, language):
    client = api(admin)
    in_english = read(client.get(page, headers={"Accept-Language": "en"}))

    response = client.get(page, headers={"Accept-Language": language})

    assert response.headers["Content-Language"] == language
    answer = read(response)
    assert without_moments_of_asking(answer) == without_moments_of_asking(in_english)
    assert all(_MOMENT.fullmatch(answer[name]) for name in ("timestamp", "exported_at") if name in answer)


def csv_in(language, page, api):
    client = api(UserFactory(admin=True, language=language))
    return b"".join(client.get(page)).decode("utf-8-sig")


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_list_to_be_changed_and_imported_again_is_the_same_in_every_language(api, store, language):
    page = "/api/export/inventory?format=csv"

    assert csv_in(language, page, api) == csv_in("en", page, api)
    assert "12345.6789" in csv_in(language, page, api)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_report_has_its_headings_in_words_and_its_figures_for_programs(api, store, language):
    page = "/api/reports/inventory?format=csv"
    translated, in_english = csv_in(language, page, api), csv_in("en", page, api)

    assert _FIGURE.findall(translated) == _FIGURE.findall(in_english)
    assert translated.splitlines()[1] != in_english.splitlines()[1]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Please correct what is marked."), ("fr", "corriger"), ("ar", "تصحيح")],
)
def test_refusal_keeps_its_code_and_the_names_of_its_fields(api, admin, language, sentence):
    client = api(UserFactory(admin=True, language=language))

    answer = client.post("/api/inventory/items", {"name": "Bolt", "unit_price": "1,5"}).json()

    assert answer["code"] == "VALIDATION_ERROR"
    assert set(answer["details"]) == {"sku", "unit_price"}
    assert sentence in answer["error"]


def test_figure_with_a_comma_is_no_figure_of_the_api_in_french_either(api):
    client = api(UserFactory(admin=True, language="fr"))

    refused = client.post("/api/inventory/items", {"sku": "B", "name": "Bolt", "unit_price": "1 234,5"})

    assert refused.status_code == 400
    assert set(refused.json()["details"]) == {"unit_price"}


def test_shortage_is_told_in_french_with_figures_for_programs(api, store):
    client = api(UserFactory(language="fr"))

    refused = client.post(
        f"/api/inventory/items/{store.pk}/remove-stock", {"quantity": "99999.5", "location": "SHELF-1"}
    )

    answer = refused.json()
    assert (refused.status_code, answer["code"]) == (409, "INSUFFICIENT_STOCK")
    assert answer["details"]["requested"] == "99999.5"
    assert answer["details"]["available"] == "12345.6789"
    assert "BOLT-1" in answer["error"]
    assert not answer["error"].startswith("Only")
