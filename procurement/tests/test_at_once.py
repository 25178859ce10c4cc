"""What many people do to orders at the same moment."""

from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory import verification
from inventory.models import Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand
from ipms.errors import InvalidInput
from procurement import ordering, receiving, replenishment
from procurement.drafts import OrderDraft
from procurement.errors import OrderStateForbids, OverReceipt
from procurement.models import GoodsReceipt, PurchaseOrder
from procurement.receiving import Arrival
from procurement.replenishment import Wanted
from procurement.tests.crowd import at_once
from procurement.tests.factories import approved_order, line, order
from procurement.tests.shelves import bought, used_item
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Changed(Exception):
    """Somebody thought better of it, after the number was taken."""


def refusals(answers, kind):
    return sum(isinstance(answer, kind) for answer in answers)


def numbers(kind, count):
    return [f"{kind}-{timezone.localdate().year}-{number:05}" for number in range(1, count + 1)]


def test_order_numbers_have_no_gap_though_many_are_made_and_some_given_up():
    buyer, bolt, supplier = UserFactory(), ItemFactory(), SupplierFactory()
    draft = OrderDraft(supplier=supplier, lines=[line(bolt)])

    def make_four(given_up):
        made = []
        for number in range(4):
            try:
                with transaction.atomic():
                    placed = ordering.place(draft, by=buyer)
                    if number == given_up:
                        raise Changed
                made.append(placed.po_number)
            except Changed:
                continue
        return made

    made = at_once(*(partial(make_four, thread % 4) for thread in range(16)))

    assert sorted(number for few in made for number in few) == numbers("PO", 48)
    assert PurchaseOrder.objects.count() == 48


def test_each_year_and_each_kind_of_document_counts_for_itself():
    buyer, bolt = UserFactory(), ItemFactory()
    last_year = timezone.localdate().replace(year=timezone.localdate().year - 1, day=1)

    made = [order(line(bolt), by=buyer, ordered_on=day) for day in (None, last_year, None, last_year)]
    received = receiving.receive(approved_order(line(bolt)), by=buyer)

    this, last = timezone.localdate().year, last_year.year
    assert [o.po_number for o in made] == [
        f"PO-{this}-00001",
        f"PO-{last}-00001",
        f"PO-{this}-00002",
        f"PO-{last}-00002",
    ]
    assert received.number == f"GRN-{this}-00001"


def test_second_click_on_approve_is_refused():
    made, managers = order(), [UserFactory(manager=True) for _ in range(4)]
    pages = [PurchaseOrder.objects.get(pk=made.pk) for _ in managers]

    answers = at_once(
        *(partial(ordering.approve, page, by=manager) for page, manager in zip(pages, managers, strict=True))
    )

    assert refusals(answers, OrderStateForbids) == 3
    assert made.history.filter(to_status="approved").count() == 1


def test_an_order_is_approved_or_revised_and_never_both_on_old_figures():
    buyer, manager, bolt = UserFactory(), UserFactory(manager=True), ItemFactory()
    made = order(line(bolt, 10, 1), by=buyer)
    for_buyer, for_manager = (PurchaseOrder.objects.get(pk=made.pk) for _ in range(2))

    at_once(
        partial(ordering.revise, for_buyer, by=buyer, lines=[line(bolt, 10, 99)]),
        partial(ordering.approve, for_manager, by=manager),
    )

    made.refresh_from_db()
    assert made.status == "approved"
    assert made.total_base == made.lines.get().line_total


def test_an_order_is_cancelled_or_received():
    keeper, manager, made = UserFactory(), UserFactory(manager=True), approved_order()
    one, other = (PurchaseOrder.objects.get(pk=made.pk) for _ in range(2))

    answers = at_once(
        partial(receiving.receive, one, by=keeper), partial(ordering.cancel, other, by=manager, reason="No")
    )

    made.refresh_from_db()
    assert refusals(answers, OrderStateForbids) == 1
    assert (made.status == "cancelled") == (not made.receipts.exists())


def test_deliveries_at_once_never_bring_more_than_was_ordered():
    keeper, bolt = UserFactory(), ItemFactory()
    made = approved_order(line(bolt, 50), deliver_to=LocationFactory())
    arrivals = [Arrival(line_id=made.lines.get().pk, quantity=Decimal(4))]
    papers = [PurchaseOrder.objects.get(pk=made.pk) for _ in range(16)]

    answers = at_once(*(partial(receiving.receive, paper, by=keeper, arrivals=arrivals) for paper in papers))

    assert (refusals(answers, GoodsReceipt), refusals(answers, OverReceipt)) == (12, 4)
    assert (on_hand(bolt), made.lines.get().received_quantity) == (48, 48)
    assert sorted(GoodsReceipt.objects.values_list("number", flat=True)) == numbers("GRN", 12)


def test_the_full_delivery_that_is_sent_twice_comes_once():
    keeper, bolt, made = UserFactory(), ItemFactory(), None
    made = approved_order(line(bolt, 50))
    papers = [PurchaseOrder.objects.get(pk=made.pk) for _ in range(8)]

    answers = at_once(*(partial(receiving.receive, paper, by=keeper) for paper in papers))

    assert (refusals(answers, GoodsReceipt), refusals(answers, OrderStateForbids)) == (1, 7)
    assert on_hand(bolt) == 50


def test_deliveries_of_the_same_items_and_new_lots_in_any_order_do_not_deadlock():
    keeper = UserFactory()
    items = [ItemFactory(tracking=Tracking.LOT) for _ in range(60)]
    orders = [
        approved_order(*(line(item, 2) for item in (items if number % 2 else reversed(items))))
        for number in range(8)
    ]
    arrivals = [
        [Arrival(line_id=asked.pk, quantity=Decimal(2), lot="L1") for asked in made.lines.all()]
        for made in orders
    ]

    answers = at_once(
        *(
            partial(receiving.receive, made, by=keeper, arrivals=came)
            for made, came in zip(orders, arrivals, strict=True)
        )
    )

    assert refusals(answers, GoodsReceipt) == 8
    assert {on_hand(item) for item in items} == {16}
    assert list(verification.offences()) == []


def test_many_take_up_one_suggestion_and_it_is_ordered_once():
    bolt, buyers = used_item(*[7] * 20, left=0, lead_time_days=10), [UserFactory() for _ in range(4)]
    bought(bolt, took=2)
    today = timezone.localdate()

    answers = at_once(
        *(partial(replenishment.place_draft, [Wanted(item=bolt)], on=today, by=buyer) for buyer in buyers)
    )

    assert refusals(answers, InvalidInput) == 3
    assert PurchaseOrder.objects.filter(status="draft").count() == 1
