"""The suppliers of the API: shape, permissions, filters. Whether one may go is tested with the orders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from suppliers.models import Supplier
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

URL = "/api/suppliers"


def names(answer):
    return [row["name"] for row in answer.json()["data"]]


def test_a_supplier_is_entered_with_its_name_alone(api, manager):
    answer = api(manager).post(URL, {"name": "Kigali Steel Ltd"})

    assert answer.status_code == 201
    supplier = answer.json()["data"]
    stamps = {name: supplier.pop(name) for name in ("id", "created_at", "updated_at")}
    assert supplier == {
        "code": "KIGALI-STEEL-LTD",
        "name": "Kigali Steel Ltd",
        "email": "",
        "phone": "",
        "contact_person": "",
        "address": "",
        "city": "",
        "country": "",
        "tax_id": "",
        "currency": "USD",
        "payment_terms_days": 30,
        "lead_time_days": None,
        "is_active": True,
        "on_hold": False,
        "notes": "",
    }
    assert stamps["created_at"].endswith("Z")


def test_every_field_can_be_given_and_is_read_back(api, manager):
    given = {
        "code": "KS-1",
        "name": "Kigali Steel",
        "email": "sales@kigalisteel.example",
        "phone": "+250 788 000 000",
        "contact_person": "Aline Uwase",
        "address": "KN 5 Rd",
        "city": "Kigali",
        "tax_id": "101234567",
        "payment_terms_days": 45,
        "lead_time_days": 12,
        "is_active": True,
        "on_hold": True,
        "notes": "Closed in August.",
    }

    made = api(manager).post(URL, {**given, "country": "rw", "currency": "rwf"}).json()["data"]

    read = api(manager).get(f"{URL}/{made['id']}").json()["data"]
    assert read == made
    assert given.items() <= read.items()
    assert (read["country"], read["currency"]) == ("RW", "RWF")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "name", id="no name"),
        pytest.param({"name": " "}, "name", id="a blank name"),
        pytest.param({"name": "x" * 201}, "name", id="too long a name"),
        pytest.param({"name": ["A"]}, "name", id="a list for a name"),
        pytest.param({"name": "A", "email": "nobody"}, "email", id="no email address"),
        pytest.param({"name": "A", "country": "XX"}, "country", id="unknown country"),
        pytest.param({"name": "A", "country": "RWA"}, "country", id="three-letter country"),
        pytest.param({"name": "A", "country": {"code": "RW"}}, "country", id="an object for a country"),
        pytest.param({"name": "A", "currency": "XYZ"}, "currency", id="unknown currency"),
        pytest.param({"name": "A", "code": "a b"}, "code", id="space in the code"),
        pytest.param({"name": "A", "code": "taken"}, "code", id="code in use"),
        pytest.param({"name": "A", "payment_terms_days": -1}, "payment_terms_days", id="negative days"),
        pytest.param({"name": "A", "payment_terms_days": 1.5}, "payment_terms_days", id="half a day"),
        pytest.param({"name": "A", "lead_time_days": 99999}, "lead_time_days", id="more days than fit"),
        pytest.param({"name": "A", "lead_time_days": "soon"}, "lead_time_days", id="days in words"),
        pytest.param({"name": "A", "is_active": "perhaps"}, "is_active", id="neither true nor false"),
        pytest.param({"name": "A", "on_hold": None}, "on_hold", id="null for a flag"),
        pytest.param({"name": "A", "colour": "red"}, "colour", id="unknown field"),
    ],
)
def test_what_cannot_be_taken_is_marked(api, manager, body, field):
    SupplierFactory(code="TAKEN")

    answer = api(manager).post(URL, body)

    assert answer.status_code == 400
    assert answer.json()["code"] == "VALIDATION_ERROR"
    assert set(answer.json()["details"]) == {field}
    assert Supplier.objects.count() == 1


@pytest.mark.parametrize("body", [[], "text", 5, None], ids=["list", "text", "number", "null"])
def test_a_body_that_is_no_object_is_refused(api, manager, body):
    answer = api(manager).post(URL, body, format="json")

    assert answer.status_code == 400


@pytest.mark.parametrize("verb", ["put", "patch"])
def test_a_change_touches_only_what_was_sent(api, manager, verb):
    supplier = SupplierFactory(name="Kigali Steel", city="Kigali", on_hold=True)

    answer = getattr(api(manager), verb)(f"{URL}/{supplier.pk}", {"on_hold": False})

    assert answer.status_code == 200
    assert answer.json()["data"]["on_hold"] is False
    assert answer.json()["data"]["city"] == "Kigali"


def test_what_was_read_can_be_sent_back(api, manager):
    client, supplier = api(manager), SupplierFactory(name="Kigali Steel", country="RW")
    read = client.get(f"{URL}/{supplier.pk}").json()["data"]

    answer = client.put(
        f"{URL}/{supplier.pk}", {**read, "id": 77, "created_at": "2001-01-01T00:00:00Z", "city": "Huye"}
    )

    assert answer.status_code == 200
    changed = answer.json()["data"]
    assert {name for name in read if read[name] != changed[name]} == {"city", "updated_at"}  # fmt: skip


def test_an_empty_code_does_not_replace_the_one_that_stands(api, manager):
    supplier = SupplierFactory(code="KS")

    answer = api(manager).patch(f"{URL}/{supplier.pk}", {"code": ""})

    assert answer.status_code == 400
    assert set(answer.json()["details"]) == {"code"}


def test_a_change_on_an_outdated_version_changes_nothing(api, manager):
    client, supplier = api(manager), SupplierFactory(name="Kigali Steel")
    outdated = client.get(f"{URL}/{supplier.pk}")["ETag"]
    current = client.patch(f"{URL}/{supplier.pk}", {"city": "Huye"}, headers={"If-Match": outdated})["ETag"]

    refused = client.patch(f"{URL}/{supplier.pk}", {"city": "Musanze"}, headers={"If-Match": outdated})
    taken = client.patch(f"{URL}/{supplier.pk}", {"phone": "1"}, headers={"If-Match": current})

    assert (refused.status_code, refused.json()["code"]) == (412, "PRECONDITION_FAILED")
    assert taken.status_code == 200
    supplier.refresh_from_db()
    assert (supplier.city, supplier.phone) == ("Huye", "1")


def test_a_retry_with_its_key_enters_one_supplier(api, manager):
    client, key = api(manager), {"Idempotency-Key": "form-17"}

    first = client.post(URL, {"name": "Kigali Steel"}, headers=key)
    again = client.post(URL, {"name": "Kigali Steel"}, headers=key)

    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotency-Replayed"] == "true"
    assert Supplier.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        pytest.param("staff", {"get"}, id="staff reads"),
        pytest.param("manager", {"get", "post", "put", "patch"}, id="a manager writes"),
        pytest.param("admin", {"get", "post", "put", "patch", "delete"}, id="an admin deletes"),
    ],
)
def test_each_role_does_what_it_may(api, request, role, allowed):
    client, supplier = api(request.getfixturevalue(role)), SupplierFactory()
    one = f"{URL}/{supplier.pk}"

    answers = {
        "get": client.get(one),
        "post": client.post(URL, {"name": "Another"}),
        "put": client.put(one, {"city": "Huye"}),
        "patch": client.patch(one, {"city": "Huye"}),
        "delete": client.delete(one),
    }

    assert {verb for verb, answer in answers.items() if answer.status_code < 300} == allowed
    assert {a.json()["code"] for v, a in answers.items() if v not in allowed} <= {"PERMISSION_DENIED"}


def test_nobody_reads_without_a_login(api):
    answer = api().get(URL)

    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_AUTHENTICATED")


def test_a_supplier_that_is_gone_is_not_found(api, admin):
    client, supplier = api(admin), SupplierFactory()

    assert client.delete(f"{URL}/{supplier.pk}").status_code == 200
    answer = client.get(f"{URL}/{supplier.pk}")

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", ["Arusha Bolts", "Kigali Steel", "Lomé Ciment"], id="all by name"),
        pytest.param("q=steel", ["Kigali Steel"], id="a word"),
        pytest.param("q=steel kig", ["Kigali Steel"], id="words in any order, begun"),
        pytest.param("q=lome", ["Lomé Ciment"], id="without accents"),
        pytest.param("q=arsuha", ["Arusha Bolts"], id="a slip of the finger"),
        pytest.param("q=AB-1", ["Arusha Bolts"], id="the code"),
        pytest.param("q=nothing", [], id="nobody"),
        pytest.param("status=active", ["Kigali Steel"], id="usable now"),
        pytest.param("status=on-hold", ["Arusha Bolts"], id="on hold"),
        pytest.param("status=inactive", ["Lomé Ciment"], id="inactive, though on hold too"),
        pytest.param("status=active,on-hold", ["Arusha Bolts", "Kigali Steel"], id="two states"),
        pytest.param("country=rw", ["Kigali Steel"], id="country"),
        pytest.param("country=RW,TG", ["Kigali Steel", "Lomé Ciment"], id="two countries"),
        pytest.param("ordering=-name", ["Lomé Ciment", "Kigali Steel", "Arusha Bolts"], id="other way round"),
        pytest.param(
            "ordering=country,name", ["Kigali Steel", "Lomé Ciment", "Arusha Bolts"], id="by country"
        ),
    ],
)
def test_the_list_finds(api, staff, query, found):
    SupplierFactory(name="Kigali Steel", country="RW")
    SupplierFactory(name="Arusha Bolts", code="AB-1", country="TZ", on_hold=True)
    SupplierFactory(name="Lomé Ciment", country="TG", on_hold=True, is_active=False)

    assert names(api(staff).get(f"{URL}?{query}")) == found


def test_days_bound_when_a_supplier_was_last_changed(api, staff):
    SupplierFactory(name="Kigali Steel")
    today = timezone.now().date()
    yesterday, tomorrow = today - timedelta(1), today + timedelta(1)

    client = api(staff)
    assert names(client.get(f"{URL}?date_from={today}&date_to={today}")) == ["Kigali Steel"]
    assert names(client.get(f"{URL}?date_to={yesterday}")) == []
    assert names(client.get(f"{URL}?date_from={tomorrow}")) == []


@pytest.mark.parametrize(
    "query",
    [
        "status=unknown",
        "country=XX",
        "country=Rwanda",
        "date_from=yesterday",
        "date_to=2031-02-30",
        "ordering=password",
        "per_page=0",
        "per_page=201",
        "page=one",
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(api, staff, query):
    answer = api(staff).get(f"{URL}?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


def test_a_list_costs_the_same_queries_for_one_as_for_fifty(api, staff, django_assert_num_queries):
    client = api(staff)
    SupplierFactory()
    client.get(URL)

    with django_assert_num_queries(4) as for_one:  # who asks, may they, how many, the page
        client.get(f"{URL}?per_page=100")
    SupplierFactory.create_batch(49)
    with django_assert_num_queries(len(for_one)):
        client.get(f"{URL}?per_page=100")
