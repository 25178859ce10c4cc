"""What the page of an order says, and what is told while its lines are entered."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory
from ipms.testing.back_office import count_queries, enter, form, send
from procurement import ordering, receiving
from procurement.admin import next_step
from procurement.models import PurchaseOrder
from procurement.receiving import Arrival
from procurement.tests.back_office import NEW, page
from procurement.tests.factories import approved_order, line, order
from procurement.tests.shelves import bought
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

OFFER = reverse("admin:procurement_purchaseorder_offer")


def next_of(made, user):
    """What the page says is next."""
    cards = enter(user).get(page(made)).context["cards_above"]
    (told,) = [entry["context"]["sentence"] for entry in cards if type(entry["card"]).__name__ == "NextStep"]
    return told


def test_its_maker_reads_who_else_may_approve_it(staff):
    mine = order(by=staff)
    manager = UserFactory(manager=True, first_name="Amina", last_name="Hassan")

    assert next_of(mine, staff) == "Waiting for approval by somebody other than you: Amina Hassan."
    assert next_of(mine, manager) == "Waiting for your decision."


def test_above_every_limit_nobody_may(staff):
    UserFactory(manager=True)
    dear = order(line(quantity=1, unit_price=1_000_001), by=staff)

    assert next_of(dear, staff) == "Nobody may approve it: no limit reaches 1,000,001.00 USD."


def test_many_who_may_approve_are_not_all_named(staff):
    managers = UserFactory.create_batch(6, manager=True)
    mine = order(by=staff)

    assert next_of(mine, staff).endswith("or others.")
    assert {next_of(mine, manager) for manager in managers} == {"Waiting for your decision."}


@pytest.mark.parametrize(
    ("days", "told"),
    [
        pytest.param(None, "2 lines are to come: receive what has come.", id="no day"),
        pytest.param(-1, "2 lines are to come, expected since {}: ask the supplier.", id="late"),
        pytest.param(1, "2 lines are to come, expected on {}: receive what has come.", id="soon"),
    ],
)
def test_an_approved_order_says_what_is_to_come(staff, days, told):
    day = None if days is None else timezone.localdate() + timedelta(days=days)
    due = approved_order(line(), line(), expected_date=day)

    shown = next_of(due, staff)

    assert shown == told.format(f"{day.day} {day:%b %Y}" if day else "")


def test_what_is_left_of_a_part_is_counted(staff):
    due = approved_order(line(), line())
    first = due.lines.first()
    receiving.receive(due, by=staff, arrivals=[Arrival(line_id=first.pk, quantity=first.quantity)])

    assert next_of(due, staff) == "1 of 2 lines is still to come: receive what has come."


def test_the_history_is_told_in_words(staff, manager):
    made = order(by=staff, submit=False)
    ordering.submit(made, by=staff)
    ordering.reject(made, by=manager, reason="Too dear")
    ordering.submit(made, by=staff)
    ordering.approve(made, by=manager)
    receiving.receive(made, by=staff)

    told = [next_step.in_words(transition) for transition in made.history.select_related("by")]

    assert told == [
        f"{staff} made it as a draft",
        f"{staff} asked for approval",
        f"{manager} rejected it",
        f"{staff} asked for approval again",
        f"{manager} approved it",
        f"{staff} received all that was to come",
    ]


def test_a_line_shows_what_is_outstanding_and_what_was_paid_before(staff):
    bolt = ItemFactory()
    before = bought(bolt, unit_price=2, days_ago=10)
    due = approved_order(line(bolt, 10, "2.50"))
    first = due.lines.get()
    receiving.receive(due, by=staff, arrivals=[Arrival(line_id=first.pk, quantity=Decimal(4))])

    shown = enter(staff).get(page(due)).content.decode()

    assert "+25&nbsp;%" in shown
    assert before.po_number in shown
    assert '6&nbsp;<span class="unit">EA</span>' in shown


@pytest.mark.parametrize("make", [order, approved_order], ids=["pending", "approved"])
def test_the_page_of_an_order_costs_the_same_queries_for_one_line_as_for_twenty(manager, make):
    bolt = ItemFactory()
    bought(bolt)
    one, many = make(line(bolt)), make(*(line(bolt) for _number in range(20)))
    client = enter(manager)
    client.get(page(one))

    assert count_queries(lambda: client.get(page(one))) == count_queries(lambda: client.get(page(many)))


@pytest.mark.parametrize("typed", ["bolt-1", "5901234123457", "Bolt"])
def test_an_item_is_offered_at_what_its_supplier_took_last(staff, typed):
    bolt = ItemFactory(sku="BOLT-1", name="Bolt", barcode="5901234123457")
    supplier = SupplierFactory(currency="USD")
    before = bought(bolt, unit_price="2.40", supplier=supplier)

    told = enter(staff).get(OFFER, {"find": typed, "supplier": supplier.pk, "currency": ""}).json()

    assert (told["id"], told["price"], told["currency"]) == (bolt.pk, "2.4", "USD")
    assert told["told"].startswith(f"{bolt}: 2.4 USD, last paid to this supplier ({before.po_number} of ")


def test_what_is_alike_is_asked_about_and_what_is_not_known_is_said(staff):
    ItemFactory(name="Long bolt")
    ItemFactory(name="Short bolt")
    client = enter(staff)

    alike = client.get(OFFER, {"find": "bolt"}).json()
    unknown = client.get(OFFER, {"find": "zzz"}).json()

    assert (alike["error"], len(alike["choices"])) == ("Which one?", 2)
    assert unknown == {"error": "No item is known as “zzz”.", "choices": []}


def test_an_inactive_item_is_not_offered(staff):
    gone = ItemFactory(is_active=False)

    assert enter(staff).get(OFFER, {"item": gone.pk}).json()["error"] == f"{gone} is inactive."


def test_all_that_is_wrong_with_a_new_order_is_said_at_once(staff):
    held, whole, bolt = SupplierFactory(on_hold=True), ItemFactory(unit_id="PR"), ItemFactory()

    answer = send(
        enter(staff),
        NEW,
        **{
            "supplier": held.pk,
            "ordered_on": "",
            "lines-0-item": whole.pk,
            "lines-0-quantity": "1.5",
            "lines-0-unit_price": "2",
            "lines-1-item": bolt.pk,
            "lines-1-quantity": "",
            "lines-1-unit_price": "2",
        },
    )

    head, lines = answer.context["adminform"].form.errors, answer.context["inline_admin_formsets"][0].formset
    assert set(head) == {"supplier", "ordered_on"}
    assert [set(problems) for problems in lines.errors[:2]] == [{"quantity"}, {"quantity"}]
    assert form(answer)["lines-0-quantity"] == "1.5"
    assert not PurchaseOrder.objects.exists()


def test_an_order_without_lines_says_so_beside_what_else_is_wrong(staff):
    answer = send(enter(staff), NEW, supplier="", reference="Q-1")

    lines = answer.context["inline_admin_formsets"][0].formset
    assert set(answer.context["adminform"].form.errors) == {"supplier"}
    assert lines.non_form_errors() == ["An order has at least one line."]
