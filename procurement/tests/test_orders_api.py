"""Purchase orders of the API: shape, status, permissions, filters. The rules are tested at the domain."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory, LocationFactory
from ipms.models import ExchangeRate
from procurement import ordering
from procurement.models import ApprovalLimit, PurchaseOrder
from procurement.tests.factories import approved_order, line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

URL = "/api/purchase-orders"

LINE_FIELDS = {
    "id",
    "item",
    "description",
    "quantity",
    "unit_price",
    "tax_rate",
    "line_total",
    "received_quantity",
    "outstanding_quantity",
}
ORDER_FIELDS = {
    "id",
    "po_number",
    "supplier",
    "status",
    "currency",
    "exchange_rate",
    "subtotal",
    "tax_amount",
    "total_amount",
    "total_base",
    "expected_date",
    "deliver_to",
    "notes",
    "reference",
    "lines",
    "created_by",
    "approved_by",
    "approved_at",
    "rejected_by",
    "rejection_reason",
    "delivered_at",
    "history",
    "created_at",
    "updated_at",
}


def one(made, verb=""):
    return f"{URL}/{made.pk}" + (f"/{verb}" if verb else "")


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    return answer.json().get("details", {})


def small(record, *names):
    return {name: getattr(record, name) for name in ("id", *names)}


@pytest.fixture
def asked():
    """What a client sends for a new order of one line."""
    supplier, bolt = SupplierFactory(currency="USD"), ItemFactory()
    return {
        "supplier": supplier.pk,
        "lines": [{"item": bolt.pk, "quantity": "10", "unit_price": "2.5"}],
    }


def test_an_order_is_made_and_answered_in_full(api, staff):
    supplier, store = SupplierFactory(code="KS", currency="USD"), LocationFactory(code="MAIN")
    bolt, nut = ItemFactory(sku="BOLT-8", name="Bolt M8"), ItemFactory(sku="NUT-8")

    answer = api(staff).post(
        URL,
        {
            "supplier": "ks",
            "expected_date": "2031-06-20",
            "deliver_to": "main",
            "notes": "By lorry",
            "reference": "REQ-7",
            "lines": [
                {"item": "bolt-8", "quantity": 2.5, "unit_price": 1.1, "tax_rate": 18},
                {
                    "item": nut.pk,
                    "quantity": "10.0000",
                    "unit_price": "0.00333333",
                    "description": "Galvanised",
                },
            ],
        },
    )

    assert answer.status_code == 201
    made = answer.json()["data"]
    assert made.keys() == ORDER_FIELDS
    assert made["po_number"] == f"PO-{timezone.localdate().year}-00001"
    first, second = made["lines"]
    assert first.keys() == second.keys() == LINE_FIELDS
    assert {**first, "id": 0} == {
        "id": 0,
        "item": {"id": bolt.pk, "sku": "BOLT-8", "name": "Bolt M8"},
        "description": "Bolt M8",
        "quantity": "2.5",
        "unit_price": "1.10",
        "tax_rate": "18",
        "line_total": "2.75",
        "received_quantity": "0",
        "outstanding_quantity": "2.5",
    }
    assert (second["quantity"], second["unit_price"], second["tax_rate"]) == ("10", "0.00333333", "0")
    assert (second["line_total"], second["description"]) == ("0.03", "Galvanised")
    figures = ("subtotal", "tax_amount", "total_amount", "total_base", "exchange_rate", "currency")
    assert [made[name] for name in figures] == ["2.78", "0.50", "3.28", "3.28", "1", "USD"]
    assert made["supplier"] == small(supplier, "code", "name")
    assert made["deliver_to"] == small(store, "code", "name")
    person = {"id": staff.pk, "email": staff.email, "name": str(staff)}
    assert made["created_by"] == person
    assert [made[name] for name in ("status", "expected_date", "notes", "reference")] == [
        "pending",
        "2031-06-20",
        "By lorry",
        "REQ-7",
    ]
    (step,) = made["history"]
    assert {**step, "at": ""} == {"from": None, "to": "pending", "by": person, "at": "", "comment": ""}
    assert step["at"].endswith("Z")
    empty = ("approved_by", "approved_at", "rejected_by", "delivered_at")
    assert ([made[name] for name in empty], made["rejection_reason"]) == ([None] * 4, "")
    assert api(staff).get(f"{URL}/{made['id']}").json()["data"] == made


def test_submit_false_makes_a_draft_that_is_submitted_later(api, staff, asked):
    client = api(staff)

    draft = client.post(URL, {**asked, "submit": False}).json()["data"]
    submitted = client.post(f"{URL}/{draft['id']}/submit", {"comment": "Please"})

    assert draft["status"] == "draft"
    assert (submitted.status_code, submitted.json()["data"]["status"]) == (200, "pending")
    assert submitted.json()["data"]["history"][1]["comment"] == "Please"


@pytest.mark.parametrize(
    ("currency", "figures"),
    [
        pytest.param("rwf", ["101", "18", "119"], id="no decimals"),
        pytest.param("USD", ["100.50", "18.09", "118.59"], id="two decimals"),
        pytest.param("TND", ["100.500", "18.090", "118.590"], id="three decimals"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(api, staff, asked, currency, figures):
    asked["lines"][0] |= {"quantity": 3, "unit_price": "33.5", "tax_rate": "18"}

    made = api(staff).post(URL, {**asked, "currency": currency}).json()["data"]

    assert [made[name] for name in ("subtotal", "tax_amount", "total_amount")] == figures
    assert made["lines"][0]["line_total"] == figures[0]
    assert made["currency"] == currency.upper()


def test_the_total_in_base_currency_is_null_until_a_rate_is_known(api, staff, asked):
    client = api(staff)

    unknown = client.post(URL, {**asked, "currency": "EUR"}).json()["data"]
    ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.08"), valid_from=timezone.localdate())
    known = client.post(URL, {**asked, "currency": "EUR"}).json()["data"]

    assert (unknown["exchange_rate"], unknown["total_base"]) == (None, None)
    assert (known["exchange_rate"], known["total_base"]) == ("1.08", "27.00")


@pytest.mark.parametrize(
    ("change", "details"),
    [
        pytest.param({"supplier": None}, {"supplier"}, id="no supplier"),
        pytest.param({"supplier": "NOBODY"}, {"supplier"}, id="unknown supplier"),
        pytest.param({"supplier": 999_999}, {"supplier"}, id="unknown supplier id"),
        pytest.param({"supplier": True}, {"supplier"}, id="a flag for a supplier"),
        pytest.param({"supplier": 10**30}, {"supplier"}, id="a supplier beyond numbers"),
        pytest.param({"currency": "XXX"}, {"currency"}, id="no ISO currency"),
        pytest.param({"currency": ""}, {"currency"}, id="an empty currency"),
        pytest.param({"expected_date": "soon"}, {"expected_date"}, id="a date in words"),
        pytest.param({"expected_date": "2031-02-30"}, {"expected_date"}, id="a day that is none"),
        pytest.param({"deliver_to": "NOWHERE"}, {"deliver_to"}, id="unknown location"),
        pytest.param({"deliver_to": "@consumption"}, {"deliver_to"}, id="outside the gate"),
        pytest.param({"reference": "x" * 101}, {"reference"}, id="too long a reference"),
        pytest.param({"submit": "perhaps"}, {"submit"}, id="neither true nor false"),
        pytest.param({"colour": "red"}, {"colour"}, id="unknown field"),
        pytest.param({"lines": []}, {"lines"}, id="no lines"),
        pytest.param({"lines": None}, {"lines"}, id="null for lines"),
        pytest.param({"lines": {}}, {"lines"}, id="an object for lines"),
        pytest.param({"lines": "two"}, {"lines"}, id="text for lines"),
    ],
)
def test_what_cannot_be_taken_is_marked(api, staff, asked, change, details):
    answer = api(staff).post(URL, {**asked, **change})

    marked = refused(answer, 400, "VALIDATION_ERROR")
    assert set(marked) == details
    assert all(isinstance(sentences, list) for sentences in marked.values())
    assert not PurchaseOrder.objects.exists()


@pytest.mark.parametrize("missing", ["supplier", "lines"])
def test_an_order_needs_a_supplier_and_lines(api, staff, asked, missing):
    del asked[missing]

    assert set(refused(api(staff).post(URL, asked), 400, "VALIDATION_ERROR")) == {missing}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        pytest.param({"quantity": "0"}, {"quantity"}, id="no quantity"),
        pytest.param({"quantity": "-1"}, {"quantity"}, id="a negative quantity"),
        pytest.param({"quantity": "1.00001"}, {"quantity"}, id="too fine a quantity"),
        pytest.param({"quantity": "many"}, {"quantity"}, id="a quantity in words"),
        pytest.param({"quantity": 10**40}, {"quantity"}, id="a quantity beyond its column"),
        pytest.param({"quantity": None}, {"quantity"}, id="null for a quantity"),
        pytest.param({"unit_price": "-0.01"}, {"unit_price"}, id="a negative price"),
        pytest.param({"unit_price": "0.000000001"}, {"unit_price"}, id="too fine a price"),
        pytest.param({"unit_price": "1e12"}, {"unit_price"}, id="a price beyond its column"),
        pytest.param({"tax_rate": "101"}, {"tax_rate"}, id="more tax than price"),
        pytest.param({"tax_rate": "0.00001"}, {"tax_rate"}, id="too fine a tax rate"),
        pytest.param({"item": "NOTHING"}, {"item"}, id="unknown item"),
        pytest.param({"item": [1]}, {"item"}, id="a list for an item"),
        pytest.param({"description": "x" * 301}, {"description"}, id="too long a description"),
        pytest.param({"colour": "red", "quantity": 0}, {"colour", "quantity"}, id="two faults"),
    ],
)
@pytest.mark.parametrize("verb", ["post", "put", "patch"])
def test_the_fault_of_a_line_is_marked_on_that_line(api, staff, asked, verb, change, fields):
    fine = asked["lines"][0]
    body = {**asked, "lines": [fine, {**fine, **change}]}
    url = URL if verb == "post" else one(order(by=staff))

    details = refused(getattr(api(staff), verb)(url, body), 400, "VALIDATION_ERROR")

    assert set(details) == {"lines"}
    nothing, errors = details["lines"]
    assert (nothing, set(errors)) == ({}, fields)
    assert all(isinstance(sentences, list) for sentences in errors.values())


@pytest.mark.parametrize("missing", ["item", "quantity", "unit_price"])
@pytest.mark.parametrize("verb", ["post", "put", "patch"])
def test_a_line_is_never_half_a_line(api, staff, asked, verb, missing):
    del asked["lines"][0][missing]
    url = URL if verb == "post" else one(order(by=staff))

    details = refused(getattr(api(staff), verb)(url, asked), 400, "VALIDATION_ERROR")

    assert details == {"lines": [{missing: ["This field is required."]}]}


@pytest.mark.parametrize(
    "row", [None, 5, "ten bolts", ["BOLT-8", 10]], ids=["null", "number", "text", "list"]
)
def test_a_line_that_is_no_object_is_marked(api, staff, asked, row):
    asked["lines"].append(row)

    nothing, errors = refused(api(staff).post(URL, asked), 400, "VALIDATION_ERROR")["lines"]

    assert (nothing, bool(errors)) == ({}, True)


@pytest.mark.parametrize("state", [{"is_active": False}, {"on_hold": True}], ids=["inactive", "on hold"])
def test_a_supplier_that_cannot_be_used_is_marked(api, staff, asked, state):
    asked["supplier"] = SupplierFactory(**state).code

    assert set(refused(api(staff).post(URL, asked), 400, "VALIDATION_ERROR")) == {"supplier"}


@pytest.mark.parametrize("verb", ["put", "patch"])
def test_a_change_touches_only_what_was_sent(api, staff, verb):
    made = order(line(), line(), by=staff, reference="REQ-7")
    before = api(staff).get(one(made)).json()["data"]

    answer = getattr(api(staff), verb)(one(made), {"notes": "By lorry"})

    assert answer.status_code == 200
    after = answer.json()["data"]
    assert {name for name in before if before[name] != after[name]} == {"notes", "updated_at"}


def test_lines_are_replaced_whole(api, staff):
    nut, made = ItemFactory(sku="NUT-8"), order(line(), line(), by=staff)

    answer = api(staff).patch(
        one(made), {"lines": [{"item": "NUT-8", "quantity": "3", "unit_price": "0.5"}], "deliver_to": None}
    )

    changed = answer.json()["data"]
    assert [row["item"]["id"] for row in changed["lines"]] == [nut.pk]
    assert (changed["total_amount"], changed["deliver_to"]) == ("1.50", None)


@pytest.mark.parametrize("verb", ["put", "patch"])
def test_what_was_read_can_be_sent_back(api, staff, verb):
    made = order(line(quantity="2.5", unit_price="0.00333333", tax_rate="18"), line(), by=staff)
    before = api(staff).get(one(made)).json()["data"]

    answer = getattr(api(staff), verb)(one(made), before)

    assert answer.status_code == 200
    after = answer.json()["data"]
    assert {name for name in before if before[name] != after[name]} == {"lines", "updated_at"}
    without_ids = [[{**row, "id": 0} for row in read["lines"]] for read in (before, after)]
    assert without_ids[0] == without_ids[1]


def test_a_change_on_an_outdated_version_changes_nothing(api, staff):
    client, made = api(staff), order(by=staff)
    outdated = client.get(one(made))["ETag"]
    current = client.patch(one(made), {"notes": "First"}, headers={"If-Match": outdated})["ETag"]

    answer = client.patch(one(made), {"notes": "Second"}, headers={"If-Match": outdated})

    refused(answer, 412, "PRECONDITION_FAILED")
    again = client.patch(one(made), {"notes": "Third"}, headers={"If-Match": current})
    assert again.json()["data"]["notes"] == "Third"


def test_every_answer_with_an_order_names_its_version(api, staff, manager, asked):
    made = api(staff).post(URL, {**asked, "deliver_to": LocationFactory().pk})
    approved = api(manager).post(f"{URL}/{made.json()['data']['id']}/approve")
    delivered = api(staff).post(f"{URL}/{made.json()['data']['id']}/deliver")

    read = api(staff).get(f"{URL}/{made.json()['data']['id']}")
    assert len({made["ETag"], approved["ETag"], delivered["ETag"]}) == 3
    assert read["ETag"] == delivered["ETag"]


@pytest.mark.parametrize("verb", ["put", "patch"])
def test_an_approved_order_is_not_edited(api, manager, verb):
    made = approved_order()

    details = refused(getattr(api(manager), verb)(one(made), {"notes": "Later"}), 409, "INVALID_STATE")

    assert details == {"status": "approved", "allowed": ["partially_delivered", "delivered", "cancelled"]}


def test_a_rejected_order_is_pending_again_when_it_is_edited(api, staff, manager):
    made = order(by=staff)

    rejected = api(manager).post(one(made, "reject"), {"reason": "Too dear"}).json()["data"]
    revised = api(staff).put(one(made), {"notes": "Cheaper"}).json()["data"]

    assert (rejected["status"], rejected["rejection_reason"]) == ("rejected", "Too dear")
    assert rejected["rejected_by"]["id"] == manager.pk
    assert revised["status"] == "pending"
    assert [(step["from"], step["to"]) for step in revised["history"]] == [
        (None, "pending"),
        ("pending", "rejected"),
        ("rejected", "pending"),
    ]


def test_approving_answers_with_who_when_and_at_what_rate(api, manager, asked, staff):
    made = api(staff).post(URL, {**asked, "currency": "EUR"}).json()["data"]

    answer = api(manager).post(
        f"{URL}/{made['id']}/approve", {"comment": "Within budget", "exchange_rate": "1.0823"}
    )

    assert answer.status_code == 200
    approved = answer.json()["data"]
    assert (approved["status"], approved["approved_by"]["id"]) == ("approved", manager.pk)
    assert (approved["exchange_rate"], approved["total_base"]) == ("1.0823", "27.06")
    assert approved["approved_at"].endswith("Z")
    assert approved["history"][-1]["comment"] == "Within budget"


def test_approving_without_any_rate_asks_for_one(api, manager):
    made = order(currency="EUR")

    details = refused(api(manager).post(one(made, "approve")), 400, "VALIDATION_ERROR")

    assert set(details) == {"exchange_rate"}


@pytest.mark.parametrize(
    "body",
    [
        {"exchange_rate": "0"},
        {"exchange_rate": "-1"},
        {"exchange_rate": "one"},
        {"exchange_rate": "1e11"},
        {"exchange_rate": "0.00000000001"},
        {"exchange_rate": [1]},
    ],
)
def test_a_rate_that_cannot_be_is_marked(api, manager, body):
    made = order(currency="EUR")

    assert set(refused(api(manager).post(one(made, "approve"), body), 400, "VALIDATION_ERROR")) == {
        "exchange_rate"
    }


def test_the_maker_does_not_decide(api, manager):
    made = order(by=manager)

    refused(api(manager).post(one(made, "approve")), 403, "SELF_APPROVAL")
    refused(api(manager).post(one(made, "reject"), {"reason": "No"}), 403, "SELF_APPROVAL")


def test_nobody_approves_above_the_limit(api, manager):
    ApprovalLimit.objects.filter(group=Group.objects.get(name="manager")).update(amount=19)
    made = order(line(quantity=10, unit_price=2))

    details = refused(api(manager).post(one(made, "approve")), 403, "APPROVAL_LIMIT")

    assert details == {"total": "20.00", "limit": "19.00", "currency": "USD"}


@pytest.mark.parametrize("verb", ["reject", "cancel"])
@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": None}, {"reason": ["x"]}])
def test_a_reason_is_needed(api, manager, verb, body):
    made = order()

    assert set(refused(api(manager).post(one(made, verb), body), 400, "VALIDATION_ERROR")) == {"reason"}


def test_cancelling_says_why(api, staff):
    made = order(by=staff)

    cancelled = api(staff).post(one(made, "cancel"), {"reason": "Not needed"}).json()["data"]

    assert (cancelled["status"], cancelled["history"][-1]["comment"]) == ("cancelled", "Not needed")


@pytest.mark.parametrize(
    ("verb", "status"),
    [
        ("submit", "pending"),
        ("approve", "cancelled"),
        ("reject", "approved"),
        ("deliver", "pending"),
        ("cancel", "rejected"),
    ],
)
def test_a_move_that_the_status_forbids_names_what_is_allowed(api, manager, verb, status):
    made = approved_order() if status == "approved" else order()
    if status == "cancelled":
        ordering.cancel(made, by=manager, reason="No")
    if status == "rejected":
        ordering.reject(made, by=manager, reason="No")

    answer = api(manager).post(one(made, verb), {"reason": "No"} if verb in ("reject", "cancel") else {})

    details = refused(answer, 409, "INVALID_STATE")
    assert (set(details), details["status"]) == ({"status", "allowed"}, status)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        pytest.param("staff", {"get", "post", "deliver"}, id="staff makes and receives"),
        pytest.param(
            "manager",
            {"get", "post", "put", "patch", "submit", "approve", "reject", "cancel", "deliver"},
            id="a manager does all to the orders of others",
        ),
    ],
)
def test_each_role_does_what_it_may_to_the_orders_of_others(api, request, asked, role, allowed):
    client = api(request.getfixturevalue(role))

    answers = {
        "get": client.get(one(order())),
        "post": client.post(URL, asked),
        "put": client.put(one(order()), {"notes": "x"}),
        "patch": client.patch(one(order()), {"notes": "x"}),
        "submit": client.post(one(order(submit=False), "submit")),
        "approve": client.post(one(order(), "approve")),
        "reject": client.post(one(order(), "reject"), {"reason": "No"}),
        "cancel": client.post(one(approved_order(), "cancel"), {"reason": "No"}),
        "deliver": client.post(one(approved_order(), "deliver")),
    }

    assert {verb for verb, answer in answers.items() if answer.status_code < 300} == allowed
    assert {a.json()["code"] for v, a in answers.items() if v not in allowed} <= {"PERMISSION_DENIED"}


def test_what_a_role_may_do_is_what_its_group_says(api, staff):
    made = order(by=staff)
    Group.objects.get(name="staff").permissions.clear()

    refused(api(staff).get(one(made)), 403, "PERMISSION_DENIED")
    refused(api(staff).post(one(made, "approve")), 403, "PERMISSION_DENIED")


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_missing_permission_is_told_before_anything_about_the_order(api, staff, verb):
    made = approved_order(by=staff)

    refused(api(staff).post(one(made, verb), {}), 403, "PERMISSION_DENIED")


def test_nobody_orders_without_a_login(api, asked):
    refused(api().get(URL), 401, "NOT_AUTHENTICATED")
    refused(api().post(URL, asked), 401, "NOT_AUTHENTICATED")


@pytest.mark.parametrize("verb", ["", "submit", "approve", "reject", "deliver", "cancel", "receipts"])
@pytest.mark.parametrize("pk", ["999999", "99999999999999999999"])
def test_an_order_that_is_not_there_is_not_found(api, manager, verb, pk):
    client, url = api(manager), f"{URL}/{pk}/{verb}".rstrip("/")

    refused(
        client.get(url) if verb in ("", "receipts") else client.post(url, {"reason": "No"}), 404, "NOT_FOUND"
    )


def test_an_order_is_never_deleted(api, admin):
    refused(api(admin).delete(one(order())), 405, "METHOD_NOT_ALLOWED")


def test_a_retry_with_its_key_orders_once(api, staff, manager, asked):
    client, key = api(staff), {"Idempotency-Key": "form-17"}

    first, again = (client.post(URL, asked, headers=key) for _ in range(2))
    made = first.json()["data"]["id"]
    approved, again_approved = (
        api(manager).post(f"{URL}/{made}/approve", headers={"Idempotency-Key": "click-1"}) for _ in range(2)
    )

    assert (again.status_code, again.json()) == (201, first.json())
    assert (again_approved.status_code, again_approved.json()) == (200, approved.json())
    assert again_approved["Idempotency-Replayed"] == "true"
    assert PurchaseOrder.objects.count() == 1


def test_a_refusal_takes_no_number(api, staff, asked):
    client = api(staff)
    client.post(URL, {**asked, "lines": [{**asked["lines"][0], "tax_rate": "101"}]})

    made = client.post(URL, asked).json()["data"]

    assert made["po_number"].endswith("-00001")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", ["c", "b", "a"], id="newest first"),
        pytest.param("q=PO-{year}-00002", ["b"], id="number"),
        pytest.param("q=00002", ["b"], id="end of the number"),
        pytest.param("q=po-{year}", ["c", "b", "a"], id="beginning of the number"),
        pytest.param("q=req-77", ["a"], id="reference"),
        pytest.param("q=steel", ["a"], id="supplier"),
        pytest.param("q=arusha", ["c", "b"], id="supplier of two"),
        pytest.param("q=washer", ["c", "b"], id="item of a line"),
        pytest.param("q=WSH-8", ["c", "b"], id="sku of a line"),
        pytest.param("q=washer 00002", ["b"], id="item and number"),
        pytest.param("q=washer steel", [], id="item and supplier that never met"),
        pytest.param("q=arsuha", ["c", "b"], id="a slip of the finger"),
        pytest.param("q=%25", [], id="a percent sign"),
        pytest.param("q=nothing", [], id="nothing"),
        pytest.param("status=approved", ["b"], id="status"),
        pytest.param("status=pending,approved", ["b", "a"], id="two statuses"),
        pytest.param("supplier=AB", ["c", "b"], id="supplier by code"),
        pytest.param("created_by=kofi@example.com", ["a"], id="maker by email"),
        pytest.param("supplier=AB&status=cancelled", ["c"], id="two filters"),
        pytest.param("ordering=total_base", ["b", "c", "a"], id="by total"),
        pytest.param("ordering=-supplier,po_number", ["a", "b", "c"], id="by supplier and number"),
    ],
)
def test_the_list_finds(api, staff, query, found):
    kofi, ama = UserFactory(email="kofi@example.com"), UserFactory()
    steel = SupplierFactory(name="Kigali Steel", code="KS")
    bolts = SupplierFactory(name="Arusha Bolts", code="AB")
    rod, washer = ItemFactory(name="Iron rod", sku="ROD-12"), ItemFactory(name="Washer", sku="WSH-8")
    order(line(rod, 10, 30), by=kofi, supplier=steel, reference="REQ-77", notes="a")
    approved_order(line(washer, 10, 1), line(rod), by=ama, supplier=bolts, notes="b")
    cancelled = order(line(washer, 20, 3), by=ama, supplier=bolts, notes="c")
    ordering.cancel(cancelled, by=ama, reason="No")

    answer = api(staff).get(f"{URL}?{query.format(year=timezone.localdate().year)}")

    assert answer.status_code == 200
    assert [row["notes"] for row in answer.json()["data"]] == found
    assert answer.json()["pagination"]["total"] == len(found)


def test_filters_take_ids_as_well(api, staff):
    made = order(by=staff)
    order()

    client = api(staff)
    for query in (f"created_by={staff.pk}", f"supplier={made.supplier_id}"):
        assert [row["id"] for row in client.get(f"{URL}?{query}").json()["data"]] == [made.pk]


def test_days_bound_when_an_order_was_made(api, staff):
    order()
    today = timezone.now().date()
    yesterday, tomorrow = today - timedelta(1), today + timedelta(1)

    client = api(staff)
    assert client.get(f"{URL}?date_from={today}&date_to={today}").json()["pagination"]["total"] == 1
    assert client.get(f"{URL}?date_to={yesterday}").json()["pagination"]["total"] == 0
    assert client.get(f"{URL}?date_from={tomorrow}").json()["pagination"]["total"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "status=unknown",
        "status=pending,unknown",
        "supplier=NOBODY",
        "created_by=nobody@example.com",
        "date_from=yesterday",
        "date_to=2031-13-01",
        "ordering=colour",
        "per_page=201",
        "q=" + "x" * 201,
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(api, staff, query):
    refused(api(staff).get(f"{URL}?{query}"), 400, "VALIDATION_ERROR")


def test_a_supplier_with_orders_stays(api, admin):
    supplier = order().supplier

    refused(api(admin).delete(f"/api/suppliers/{supplier.pk}"), 409, "IN_USE")

    supplier.refresh_from_db()
    assert supplier.pk


@pytest.mark.parametrize("call", ["list", "search", "read", "make", "change", "approve"])
def test_each_call_costs_the_same_queries_for_one_line_as_for_fifty(
    api, staff, manager, django_assert_num_queries, django_assert_max_num_queries, call
):
    by_staff, by_manager, supplier = api(staff), api(manager), SupplierFactory(name="Kigali Steel")
    items = ItemFactory.create_batch(50)

    def bodies(count):
        return {
            "supplier": supplier.code,
            "lines": [{"item": item.sku, "quantity": 1, "unit_price": 1} for item in items[:count]],
        }

    def run(count):
        made = order(*(line(item) for item in items[:count]), by=staff, supplier=supplier)
        return {
            "list": lambda: by_staff.get(f"{URL}?per_page=50"),
            "search": lambda: by_staff.get(f"{URL}?per_page=50&q=kigali"),
            "read": lambda: by_staff.get(one(made)),
            "make": lambda: by_staff.post(URL, bodies(count)),
            "change": lambda: by_staff.put(one(made), bodies(count)),
            "approve": lambda: by_manager.post(one(made, "approve")),
        }[call]

    run(1)()
    task = run(1)
    with django_assert_max_num_queries(50) as for_one:
        assert task().status_code < 300
    task = run(50)
    with django_assert_num_queries(len(for_one)):
        assert task().status_code < 300
