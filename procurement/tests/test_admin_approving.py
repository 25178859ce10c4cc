"""The page on which a manager decides on many orders."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory
from ipms.models import ExchangeRate
from ipms.testing.back_office import count_queries, enter, form, messages
from procurement import ordering
from procurement.models import OrderStatus, PurchaseOrder
from procurement.tests.back_office import action, page, status
from procurement.tests.factories import line, order
from procurement.tests.shelves import bought
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:procurement_approving")


def rows(client, url=LIST):
    return {row.order.po_number: row for row in client.get(url).context["rows"]}


def send(client, url=LIST, **values):
    """Open the list and press what `values` say."""
    return client.post(url, {**form(client.get(url)), **values}, follow=True)


def test_the_list_shows_what_matters_of_each_order(manager):
    bolt, maker = ItemFactory(name="Bolt"), UserFactory(first_name="Ama", last_name="Mensah")
    bought(bolt, unit_price=2)
    pending = order(line(bolt, 10, "2.50"), line(), by=maker, expected_date=timezone.localdate())

    row = rows(enter(manager))[pending.po_number]

    assert (row.count, row.dearest.name, row.dearest.rise) == (2, "Bolt", 25)
    shown = enter(manager).get(LIST).content.decode()
    for told in (
        pending.po_number,
        pending.supplier.name,
        "Ama Mensah",
        "45.00",
        "+25 % against last paid: Bolt",
    ):
        assert told in shown


def test_what_one_may_not_approve_is_said_and_has_no_box(manager):
    mine, dear = order(by=manager), order(line(quantity=1, unit_price=1_000_001))
    foreign, fine = order(currency="EUR"), order()

    found = rows(enter(manager))

    assert found[mine.po_number].obstacle == "You made it: somebody else has to decide."
    assert found[dear.po_number].obstacle == "Above your limit of 1,000,000.00 USD."
    assert found[foreign.po_number].obstacle == "No rate of EUR is known: open it and enter one."
    assert found[fine.po_number].obstacle == ""
    shown = enter(manager).get(LIST).content.decode()
    assert shown.count('name="order"') == 1


def test_a_rate_that_was_entered_since_counts(manager):
    foreign = order(line(quantity=10, unit_price=2), currency="EUR")
    ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.10"), valid_from="2020-01-01")

    row = rows(enter(manager))[foreign.po_number]

    assert (row.obstacle, row.order.total_base) == ("", 22)


def test_one_order_is_approved_by_one_button(manager):
    pending, other = order(), order()

    answer = send(enter(manager), approve=pending.pk)

    assert (status(pending), status(other)) == (OrderStatus.APPROVED, OrderStatus.PENDING)
    assert messages(answer) == [f"1 order was approved: {pending}."]


def test_fifty_are_approved_at_once_and_those_refused_stay_with_the_reason(manager):
    fine = [order() for _number in range(48)]
    mine, dear = order(by=manager), order(line(quantity=1, unit_price=1_000_001))

    answer = send(enter(manager), decide="approve", order=[made.pk for made in (*fine, mine, dear)])

    assert PurchaseOrder.objects.filter(status=OrderStatus.APPROVED, approved_by=manager).count() == 48
    assert messages(answer)[0].startswith("48 orders were approved: PO-")
    left = {row.order.po_number: row.refused for row in answer.context["rows"]}
    assert left == {
        mine.po_number: f"You made {mine}: somebody else has to decide on it.",
        dear.po_number: f"{dear} comes to 1000001.00 USD; you may approve up to 1000000.00.",
    }


def test_what_was_decided_meanwhile_is_named(manager):
    pending = order()
    client = enter(manager)
    old = form(client.get(LIST))
    ordering.approve(pending, by=UserFactory(admin=True))

    answer = client.post(LIST, {**old, "decide": "approve", "order": [pending.pk]}, follow=True)

    assert messages(answer) == [f"{pending} is approved: this cannot be done now."]
    assert answer.context["rows"] == []


def test_what_was_changed_since_the_list_was_opened_is_not_approved(manager, staff):
    pending = order(by=staff)
    client = enter(manager)
    old = form(client.get(LIST))
    ordering.revise(pending, by=staff, lines=[line(quantity=500)])

    answer = client.post(LIST, {**old, "approve": pending.pk}, follow=True)

    assert status(pending) == OrderStatus.PENDING
    (row,) = answer.context["rows"]
    assert "was changed after you had opened it" in row.refused


def test_one_is_rejected_with_its_reason_which_the_history_keeps(manager):
    pending = order()
    client = enter(manager)

    answer = send(client, reject=pending.pk)
    (row,) = answer.context["rows"]
    assert (row.reason_error, status(pending)) == ("Say why.", OrderStatus.PENDING)
    answer = send(client, **{"reject": pending.pk, f"reason-{pending.pk}": "Too dear"})

    assert messages(answer) == [f"1 order was rejected: {pending}."]
    assert (status(pending), pending.history.last().comment) == (OrderStatus.REJECTED, "Too dear")


def test_many_are_rejected_for_one_reason_and_stay_ticked_until_it_is_given(manager):
    first, second, third = order(), order(), order()
    client = enter(manager)
    ticked = [first.pk, second.pk]

    answer = send(client, decide="reject", order=ticked, reason=" ")
    assert answer.context["error"] == "Say why."
    assert [row.is_ticked for row in answer.context["rows"]] == [True, True, False]
    send(client, decide="reject", order=ticked, reason="Next year")

    assert [status(made) for made in (first, second, third)] == ["rejected", "rejected", "pending"]


def test_nothing_ticked_is_said(manager):
    order()

    assert send(enter(manager), decide="approve").context["error"] == "Tick the orders first."


def test_enter_in_a_field_decides_nothing(manager):
    pending = order()

    answer = send(enter(manager), look="1", order=[pending.pk], reason="Too dear")

    assert status(pending) == OrderStatus.PENDING
    assert answer.context["reason"] == "Too dear"


def test_the_same_form_twice_decides_once(manager):
    pending = order()
    client = enter(manager)
    filled = {**form(client.get(LIST)), "approve": pending.pk}

    for _number in range(2):
        answer = client.post(LIST, filled, follow=True)

    assert messages(answer) == [f"1 order was approved: {pending}."]
    assert pending.history.filter(to_status=OrderStatus.APPROVED).count() == 1


def test_the_list_is_filtered_and_sorted(manager):
    supplier, maker = SupplierFactory(), UserFactory()
    small, large = order(line(quantity=1, unit_price=5)), order(line(quantity=1, unit_price=500))
    theirs, old = order(supplier=supplier), order(by=maker)
    PurchaseOrder.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=9))
    client = enter(manager)

    def numbers(**asked):
        return [row.order.pk for row in client.get(LIST, asked).context["rows"]]

    assert numbers() == [old.pk, small.pk, large.pk, theirs.pk]
    assert numbers(sort="amount")[0] == large.pk
    assert numbers(supplier=supplier.pk) == [theirs.pk]
    assert numbers(maker=maker.pk) == [old.pk]
    assert numbers(amount="100,5") == [large.pk]
    assert numbers(days="9") == [old.pk]
    assert numbers(supplier="nobody", days="x") == [old.pk, small.pk, large.pk, theirs.pk]


def test_a_decision_keeps_the_filters_and_the_page(manager):
    supplier = SupplierFactory()
    pending, _other = order(supplier=supplier), order(supplier=supplier)
    url = f"{LIST}?supplier={supplier.pk}&page=1"

    answer = send(enter(manager), url, approve=pending.pk)

    assert answer.redirect_chain[-1][0] == url


def test_an_order_that_was_opened_from_the_list_leads_back_to_its_place(manager):
    supplier = SupplierFactory()
    pending = order(supplier=supplier)
    client = enter(manager)
    url = f"{LIST}?supplier={supplier.pk}"

    opened = client.get(rows(client, url)[pending.po_number].url)
    assert opened.context["back_url"] == f"{url}#order-{pending.pk}"
    (approve,) = [
        entry["url"] for entry in opened.context["object_action_buttons"] if entry["action"].name == "approve"
    ]
    answer = client.post(approve, form(client.get(approve)))

    assert status(pending) == OrderStatus.APPROVED
    assert answer["Location"] == url


@pytest.mark.parametrize("where", ["https://elsewhere.example/", "//elsewhere.example", "/admin/", "x"])
def test_the_way_back_leads_nowhere_else(manager, where):
    pending = order()

    opened = enter(manager).get(page(pending), {"back": where})

    assert opened.context["back_url"] == ""


def test_who_may_not_approve_does_not_get_in(staff):
    assert enter(staff).get(LIST).status_code == 403
    assert enter(staff).post(LIST, {"approve": order().pk}).status_code == 403


def test_the_list_costs_the_same_queries_for_one_order_as_for_fifty(manager):
    bolt = ItemFactory()
    bought(bolt)
    order(line(bolt), line())
    client = enter(manager)
    client.get(LIST)
    few = count_queries(lambda: client.get(LIST))
    for _number in range(49):
        order(line(bolt), line())

    assert count_queries(lambda: client.get(LIST)) == few
    assert few < 25


def test_pages_of_fifty(manager):
    for _number in range(51):
        order()

    client = enter(manager)
    assert [len(rows(client, f"{LIST}?page={number}")) for number in (1, 2, 3)] == [50, 1, 1]


def test_an_order_decided_on_its_own_page_is_as_it_was_seen(manager, staff):
    pending = order(by=staff)
    client = enter(manager)
    url = action(pending, "approve")
    old = form(client.get(url))
    ordering.revise(pending, by=staff, lines=[line(quantity=500)])

    answer = client.post(url, old)
    assert "was changed after you had opened it" in answer.context["form"].non_field_errors()[0]
    client.post(url, form(answer))

    assert status(pending) == OrderStatus.APPROVED
