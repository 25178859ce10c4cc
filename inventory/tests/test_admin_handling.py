"""The page on which several lines are posted at once, and slips undone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory import handling
from inventory.handling import Line
from inventory.models import Lot, StockMovement, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from ipms import mail
from ipms.testing.back_office import count_queries, enter, form, messages, send

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:inventory_handling")


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


@pytest.fixture
def bolt(shelf):
    item = ItemFactory(sku="BOLT", name="Bolt", barcode="4006381333931")
    stock(item, shelf, 10)
    return item


@pytest.fixture
def nut(shelf):
    item = ItemFactory(sku="NUT", name="Nut")
    stock(item, shelf, 2)
    return item


def lines(*rows):
    """What is typed into the rows: (item, quantity) each."""
    names = {
        f"line-{index}-{name}": value
        for index, row in enumerate(rows)
        for name, value in zip(("item", "quantity", "lot"), row, strict=False)
    }
    return {"line-TOTAL_FORMS": str(max(3, len(rows))), **names}


def post(client, *rows, **head):
    head = {"kind": "issue", "location": "shelf", "post": "1", **head}
    return send(client, PAGE, **head, **lines(*rows))


def test_several_lines_are_issued_at_once(staff, shelf, bolt, nut):
    page = post(enter(staff), ("4006381333931", "4"), ("nut", "1,5"), reference="WO-7", reason="Repair")

    assert messages(page) == ["Issue: 2 lines were posted."]
    assert (on_hand(bolt), on_hand(nut)) == (6, Decimal("0.5"))
    assert {(m.reference, m.reason, m.actor) for m in StockMovement.objects.filter(kind="issue")} == {
        ("WO-7", "Repair", staff)
    }


def test_kind_and_place_stay_for_the_next_lines(staff, shelf, bolt):
    ward = LocationFactory(code="WARD")

    page = post(enter(staff), ("BOLT", "4"), kind="transfer", to_location="ward")

    assert (on_hand(bolt, shelf), on_hand(bolt, ward)) == (6, 4)
    kept = form(page)
    assert (kept["kind"], kept["location"], kept["to_location"]) == ("transfer", "SHELF", "WARD")
    assert kept["line-0-item"] == ""


def test_errors_stand_beside_their_lines_and_nothing_is_lost(staff, bolt, nut):
    page = post(enter(staff), ("BOLT", "4"), ("NUT", "5"), reference="WO-7")

    first, second, *_empty = page.context["lines"]
    assert first.errors == {}
    assert second.errors == {"quantity": ["SHELF can give only 2 EA of NUT, not 5."]}
    assert on_hand(bolt) == 10
    typed = form(page)
    assert (typed["line-0-item"], typed["line-1-quantity"], typed["reference"]) == ("BOLT", "5", "WO-7")


def test_an_unknown_item_is_told_beside_its_line(staff, bolt):
    page = post(enter(staff), ("BOLT", "1"), ("9999", "1"), ("bol", "1"))

    errors = [line.errors.get("item") for line in page.context["lines"]][:3]
    assert errors == [None, ["No item is known as “9999”."], ["Which one? BOLT Bolt"]]
    assert on_hand(bolt) == 10


def test_a_barcode_in_the_quantity_is_not_taken_for_one(staff, bolt):
    page = post(enter(staff), ("BOLT", "4006381333931"))

    assert "looks like a barcode" in page.context["lines"][0].errors["quantity"][0]


def test_a_symbol_that_comes_in_fills_lot_and_expiry(staff, shelf):
    serum = ItemFactory(sku="SERUM", barcode="09506000134352", tracking=Tracking.LOT)

    post(enter(staff), ("01095060001343521731063010L-7", "5"), kind="receipt")

    assert str(Lot.objects.get(item=serum, number="L-7").expires_on) == "2031-06-30"
    assert on_hand(serum) == 5


def test_the_qr_code_of_a_label_is_its_item_and_lot(staff, shelf, bolt):
    serum = ItemFactory(sku="SERUM", tracking=Tracking.LOT)
    lot = stock(serum, shelf, 5, lot="L-7").lot
    opens = [
        mail.absolute(reverse(f"admin:inventory_{name}_change", args=[key]))
        for name, key in (("item", bolt.pk), ("lot", lot.pk))
    ]

    post(enter(staff), (opens[0], "4"), (opens[1], "2"))

    assert (on_hand(bolt), on_hand(serum)) == (6, 3)
    assert StockMovement.objects.get(kind="issue", item=serum).lot == lot


def test_a_form_that_comes_twice_is_posted_once(staff, bolt):
    client = enter(staff)
    sent = {**form(client.get(PAGE)), "kind": "issue", "location": "SHELF", "post": "1"} | lines(
        ("BOLT", "4")
    )

    client.post(PAGE, sent)
    page = client.post(PAGE, sent, follow=True)

    assert "The form came twice; it was carried out once." in messages(page)
    assert on_hand(bolt) == 6


def test_enter_without_the_script_looks_the_line_up_and_posts_nothing(staff, bolt):
    client = enter(staff)

    page = send(
        client, PAGE, kind="issue", location="SHELF", check="1", **lines(*[("4006381333931", "4")] * 3)
    )

    assert [line.scan.item for line in page.context["lines"]][:3] == [bolt] * 3
    assert len(page.context["lines"].forms) == 4
    assert form(page)["line-3-quantity"] == "1"
    assert on_hand(bolt) == 10


def test_a_form_without_lines_is_told(staff, shelf):
    page = post(enter(staff))

    assert page.context["head"].non_field_errors() == ["Scan or type at least one item."]


def test_a_transfer_names_where_it_goes(staff, bolt):
    page = post(enter(staff), ("BOLT", "4"), kind="transfer", to_location="NOWHERE")

    assert page.context["head"].errors == {"to_location": ["There is no place “NOWHERE”."]}


def test_the_script_is_told_what_a_scan_means(staff, shelf, bolt):
    told = enter(staff).get(PAGE, {"find": "4006381333931", "place": "SHELF"}).json()

    assert (told["sku"], told["name"], told["stands"]) == ("BOLT", "Bolt", "10 EA available")
    assert enter(staff).get(PAGE, {"find": "9999"}).json() == {
        "error": "No item is known as “9999”.",
        "choices": [],
    }


def test_a_word_is_short_for_an_item_and_a_number_is_not(staff, bolt):
    ItemFactory(sku="NUT-10", name="Nut")
    client = enter(staff)

    assert client.get(PAGE, {"find": "bol"}).json()["sku"] == "BOLT"
    assert client.get(PAGE, {"find": "NUT-1"}).json() == {
        "error": "Which one?",
        "choices": [{"sku": "NUT-10", "name": "Nut"}],
    }


def test_people_see_and_undo_what_they_posted(staff, shelf, bolt):
    client = enter(staff)
    post(client, ("BOLT", "4"))
    movement = StockMovement.objects.get(kind="issue")
    sent = {**form(client.get(PAGE)), "undo": movement.pk, "reason": "Wrong bin"}

    client.post(PAGE, sent)
    page = client.post(PAGE, sent, follow=True)

    assert StockMovement.objects.get(reverses=movement).reason == "Wrong bin"
    assert on_hand(bolt) == 10
    (row,) = page.context["last"]
    assert (row["movement"], row["is_reversed"], row["can_be_undone"]) == (movement, True, False)


def test_what_somebody_else_posted_is_neither_shown_nor_undone(staff, shelf, bolt):
    (movement,) = handling.issue([Line(item=bolt, quantity=Decimal(4))], location=shelf, by=UserFactory())
    client = enter(staff)

    page = client.post(PAGE, {"undo": movement.pk, "reason": "Mine"}, follow=True)

    assert messages(page) == ["Somebody else posted this: a manager can reverse it."]
    assert list(page.context["last"]) == []
    assert on_hand(bolt) == 6


def test_only_who_may_move_stock_comes_here(staff):
    staff.groups.clear()

    assert enter(staff).get(PAGE).status_code == 403


def test_the_page_costs_the_same_for_many_lines(staff, shelf):
    items = [ItemFactory(tracking=Tracking.LOT) for _ in range(8)]
    for item in items:
        stock(item, shelf, 50, lot="L-1", expires_on=timezone.localdate() + timedelta(days=9))
    client = enter(staff)
    post(client, (items[0].sku, "1"))
    token = form(client.get(PAGE))

    def costs(*rows, name):
        sent = {**token, "_once": name * 32, "kind": "issue", "location": "SHELF", "post": "1"} | lines(*rows)
        return count_queries(lambda: client.post(PAGE, sent))

    one = costs((items[0].sku, "1", "L-1"), name="a")
    many = costs(*[(item.sku, "1", "L-1") for item in items], name="b")
    assert many == one
    few_shown = count_queries(lambda: client.get(PAGE))
    post(client, *[(item.sku, "1") for item in items])
    assert count_queries(lambda: client.get(PAGE)) == few_shown
