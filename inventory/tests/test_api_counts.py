"""Stock counts over the API: shapes, permissions, what a blind count tells, and the number of queries."""

from decimal import Decimal

import pytest

from accounts.tests.factories import UserFactory
from inventory import stock as stores
from inventory.models import CountLine, StockCount, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from ipms.testing.back_office import count_queries

pytestmark = pytest.mark.django_db

URL = "/api/inventory/counts"


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


def make(client, **scope):
    answer = client.post(URL, scope)
    assert answer.status_code == 201, answer.json()
    return answer.json()["data"]


def enter(client, count, *lines):
    return client.post(f"{URL}/{count['id']}/enter", {"lines": list(lines)})


def test_a_count_goes_from_its_making_to_its_posting(api, staff, manager, shelf):
    bolt, milk = ItemFactory(sku="BOLT"), ItemFactory(sku="MILK", tracking=Tracking.LOT)
    stock(bolt, shelf, 10, unit_cost=Decimal("2.5"))
    stock(milk, shelf, 5, lot="L1", unit_cost=Decimal(1))
    keeper, boss = api(staff), api(manager)

    count = make(boss, location="shelf", notes="Half-year")
    url = f"{URL}/{count['id']}"
    first = keeper.get(f"{url}/lines", {"q": "bolt"}).json()["data"][0]
    entered = enter(
        keeper,
        count,
        {"line": first["id"], "counted": "8", "reason": "Broken"},
        {"item": "milk", "lot": "l1", "counted": 5},
        {"item": "milk", "location": "SHELF", "lot": "L2", "expires_on": "2099-01-31", "counted": "1.5"},
    )
    submitted = keeper.post(f"{url}/submit", {})
    approved = boss.post(f"{url}/approve", {"comment": "Seen"})

    assert count["number"].startswith("CNT-")
    assert count["progress"] == {"lines": 2, "counted": 0, "to_recount": 0}
    assert entered.status_code == 200, entered.json()
    assert entered.json()["data"]["count"]["progress"] == {"lines": 3, "counted": 3, "to_recount": 0}
    assert [
        (line["item"]["sku"], line["counted_quantity"], line["variance"], line["variance_value"])
        for line in entered.json()["data"]["lines"]
    ] == [("BOLT", "8", "-2", "-5.00"), ("MILK", "5", "0", "0.00"), ("MILK", "1.5", "1.5", "1.50")]
    assert submitted.json()["data"]["status"] == "submitted"
    assert approved.status_code == 200, approved.json()
    assert approved.json()["data"]["approved_by"]["email"] == manager.email
    assert [step["to"] for step in approved.json()["data"]["history"]] == [
        "open",
        "counting",
        "submitted",
        "posted",
    ]
    assert (on_hand(bolt), on_hand(milk)) == (8, Decimal("6.5"))
    line = keeper.get(f"{url}/lines", {"q": "bolt"}).json()["data"][0]
    movement = keeper.get(f"/api/inventory/movements/{line['movement']}").json()["data"]
    assert (movement["kind"], movement["document"], movement["reason"]) == (
        "count",
        count["number"],
        "Broken",
    )


def test_a_blind_count_does_not_tell_who_counts_what_the_books_say(api, staff, manager, shelf):
    stock(ItemFactory(sku="BOLT"), shelf, 10)
    keeper, boss = api(staff), api(manager)
    count = make(boss, location="SHELF", is_blind=True)
    lines = f"{URL}/{count['id']}/lines"
    hidden = ("book_quantity", "expected_quantity", "variance", "variance_value")

    entered = enter(keeper, count, {"item": "BOLT", "counted": 7}).json()["data"]["lines"][0]

    assert [entered[name] for name in hidden] == [None] * 4
    assert [keeper.get(lines).json()["data"][0][name] for name in hidden] == [None] * 4
    for query in ({"variance": "true"}, {"ordering": "id,-variance"}, {"ordering": "variance_value"}):
        assert keeper.get(lines, query).status_code == 403
    assert boss.get(lines, {"ordering": "-variance"}).json()["data"][0]["variance"] == "-3"
    keeper.post(f"{URL}/{count['id']}/submit", {})
    boss.post(f"{URL}/{count['id']}/approve", {})
    assert keeper.get(lines).json()["data"][0]["variance"] == "-3"


def test_lines_are_found_by_what_is_still_to_do(api, staff, manager, shelf):
    for sku in ("A", "B", "C"):
        stock(ItemFactory(sku=sku, name=sku), shelf, 10)
    boss = api(manager)
    count = make(boss, location="SHELF")
    enter(api(staff), count, {"item": "B", "counted": 10}, {"item": "C", "counted": 9})
    lines = f"{URL}/{count['id']}/lines"

    def skus(**query):
        answer = boss.get(lines, query)
        assert answer.status_code == 200, answer.json()
        return [line["item"]["sku"] for line in answer.json()["data"]]

    assert skus() == ["A", "B", "C"]
    assert skus(uncounted="true") == ["A"]
    assert skus(uncounted="false") == ["B", "C"]
    assert skus(variance="true") == ["C"]
    assert skus(variance="false") == ["B"]
    assert skus(item="b") == ["B"]
    assert skus(location="shelf", ordering="-item") == ["C", "B", "A"]
    assert boss.get(lines, {"uncounted": "maybe"}).status_code == 400


def test_doubted_lines_go_back(api, staff, manager, shelf):
    stock(ItemFactory(sku="BOLT"), shelf, 10)
    keeper, boss = api(staff), api(manager)
    count = make(boss, location="SHELF")
    line = enter(keeper, count, {"item": "BOLT", "counted": 1}).json()["data"]["lines"][0]
    keeper.post(f"{URL}/{count['id']}/submit", {})

    answer = boss.post(f"{URL}/{count['id']}/recount", {"lines": [line["id"]], "comment": "Behind the rack"})

    assert answer.json()["data"]["status"] == "counting"
    assert answer.json()["data"]["progress"] == {"lines": 1, "counted": 0, "to_recount": 1}
    refused = keeper.post(f"{URL}/{count['id']}/submit", {"leave_uncounted": True})
    assert refused.json()["details"] == {"lines": ["1 line is still to be counted again."]}


def test_errors_stand_beside_their_lines(api, staff, manager, shelf):
    stock(ItemFactory(sku="BOLT"), shelf, 10)
    count = make(api(manager), location="SHELF")

    wrong = [{"item": "BOLT", "counted": "x"}, {"item": "GONE", "counted": 1}, {}]
    shape = enter(api(staff), count, *wrong)
    domain = enter(api(staff), count, {"item": "BOLT", "counted": 1}, {"counted": 1})

    assert [list(errors) for errors in shape.json()["details"]["lines"]] == [
        ["counted"],
        ["item"],
        ["counted"],
    ]
    assert [list(errors) for errors in domain.json()["details"]["lines"]] == [[], ["item"]]
    assert not CountLine.objects.filter(counted_quantity__isnull=False).exists()


def test_who_counted_does_not_approve(api, manager, shelf):
    stock(ItemFactory(sku="BOLT"), shelf, 10)
    boss = api(manager)
    count = make(boss, location="SHELF")
    enter(boss, count, {"item": "BOLT", "counted": 1})
    api(UserFactory()).post(f"{URL}/{count['id']}/submit", {})

    answer = boss.post(f"{URL}/{count['id']}/approve", {})

    assert (answer.status_code, answer.json()["code"]) == (403, "SELF_APPROVAL")


@pytest.mark.parametrize("verb", ["approve", "recount"])
def test_who_counts_does_not_decide(api, staff, manager, shelf, verb):
    stock(ItemFactory(), shelf, 10)
    count = make(api(manager), location="SHELF")

    assert api(staff).post(f"{URL}/{count['id']}/{verb}", {"lines": [1]}).status_code == 403
    assert api().post(f"{URL}/{count['id']}/{verb}", {}).status_code == 401


def test_everybody_may_begin_a_count_and_give_their_own_up(api, staff, shelf):
    stock(ItemFactory(sku="BOLT"), shelf, 10)
    count = make(api(staff), items=["bolt"])

    other = api(UserFactory()).post(f"{URL}/{count['id']}/cancel", {"reason": "Mine?"})
    answer = api(staff).post(f"{URL}/{count['id']}/cancel", {"reason": "A mistake"})
    again = api(staff).post(f"{URL}/{count['id']}/cancel", {"reason": "A mistake"})

    assert (other.status_code, answer.status_code, again.status_code) == (403, 200, 409)
    assert again.json()["details"] == {"status": "cancelled", "allowed": []}


def test_a_shortage_that_left_is_told_as_the_contract_says(api, staff, manager, shelf):
    bolt = ItemFactory(sku="BOLT")
    stock(bolt, shelf, 10)
    count = make(api(manager), location="SHELF")
    enter(api(staff), count, {"item": "BOLT", "counted": 2})
    stores.remove(bolt, quantity=Decimal(7), location=shelf, by=staff)
    api(staff).post(f"{URL}/{count['id']}/submit", {})

    answer = api(manager).post(f"{URL}/{count['id']}/approve", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "INSUFFICIENT_STOCK")
    assert answer.json()["details"]["requested"] == "8"
    assert answer.json()["details"]["available"] == "3"


@pytest.mark.parametrize(
    "scope",
    [{}, {"location": "NOWHERE"}, {"abc_class": "D"}, {"items": ["NONE"]}, {"items": "BOLT"}, {"where": 1}],
    ids=["empty", "no such place", "no such class", "no such item", "no list", "unknown field"],
)
def test_a_count_of_nothing_is_refused(api, manager, scope):
    assert api(manager).post(URL, scope).status_code == 400
    assert not StockCount.objects.exists()


def test_counts_are_filtered_and_searched(api, manager, shelf):
    stock(ItemFactory(sku="BOLT"), shelf, 10)
    boss = api(manager)
    one, two = make(boss, location="SHELF"), make(boss, items=["BOLT"], is_blind=True)

    def ids(**query):
        return [row["id"] for row in boss.get(URL, query).json()["data"]]

    assert ids() == [two["id"], one["id"]]
    assert ids(status="open", location="shelf") == [one["id"]]
    assert ids(is_blind="true") == [two["id"]]
    assert ids(q=one["number"]) == [one["id"]]
    assert ids(date_to="2020-01-01") == []
    assert boss.get(URL, {"status": "lost"}).status_code == 400


def test_a_retry_enters_once(api, staff, manager, shelf):
    stock(ItemFactory(sku="BOLT"), shelf, 10)
    count = make(api(manager), location="SHELF")
    client = api(staff)
    body = {"lines": [{"item": "BOLT", "counted": 9}]}

    first, second = (
        client.post(f"{URL}/{count['id']}/enter", body, headers={"Idempotency-Key": "till-7"})
        for _ in range(2)
    )

    assert second["Idempotency-Replayed"] == "true"
    assert first.json() == second.json()


def test_the_number_of_queries_does_not_depend_on_that_of_the_rows(api, staff, manager):
    def work(rows):
        place = LocationFactory()
        for number in range(rows):
            stock(ItemFactory(sku=f"{place.code}-{number}"), place, 10)
        boss = api(manager)
        count = make(boss, location=place.code)
        lines = f"{URL}/{count['id']}/lines"
        figures = [{"item": f"{place.code}-{number}", "counted": 9} for number in range(rows)]
        return [
            count_queries(lambda: boss.get(lines)),
            count_queries(lambda: enter(boss, count, *figures)),
            count_queries(lambda: boss.get(lines, {"variance": "true", "ordering": "variance_value"})),
        ]

    work(1)  # whatever is asked once for all is asked here

    assert work(9) == work(2)
    few = count_queries(lambda: api(manager).get(URL, {"per_page": 1}))
    assert count_queries(lambda: api(manager).get(URL)) == few
