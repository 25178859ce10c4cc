"""Orders from draft to decision: who may move one, from where to where, and what it then holds."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEntry
from accounts.tests.factories import UserFactory
from inventory.models import LocationKind
from inventory.stock import virtual_location
from inventory.tests.factories import ItemFactory, LocationFactory
from ipms.errors import InvalidInput, NotAllowed
from ipms.models import OutboxEvent
from ipms.money import MINOR_UNITS
from procurement import drafts, ordering, receiving
from procurement.errors import OrderStateForbids, SelfApproval
from procurement.models import OrderStatus, PurchaseOrder
from procurement.tests.factories import approved_order, line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db


def history(made):
    return [(step.from_status, step.to_status, step.by, step.comment) for step in made.history.all()]


def in_status(status, *, by):
    """An order that `by` made, brought to a status the way people bring it there."""
    manager = UserFactory(manager=True)
    made = order(line(quantity=10), by=by, submit=status != OrderStatus.DRAFT)
    match status:
        case OrderStatus.REJECTED:
            ordering.reject(made, by=manager, reason="Too dear")
        case OrderStatus.CANCELLED:
            ordering.cancel(made, by=by, reason="Not needed")
        case OrderStatus.APPROVED | OrderStatus.PARTIALLY_DELIVERED | OrderStatus.DELIVERED:
            ordering.approve(made, by=manager)
    if status in (OrderStatus.PARTIALLY_DELIVERED, OrderStatus.DELIVERED):
        quantity = Decimal(10 if status == OrderStatus.DELIVERED else 4)
        arrival = receiving.Arrival(line_id=made.lines.get().pk, quantity=quantity)
        receiving.receive(made, by=by, arrivals=[arrival])
    assert made.status == status
    return made


def test_an_order_is_pending_and_priced_when_it_is_made():
    buyer, supplier, bolt = UserFactory(), SupplierFactory(currency="USD"), ItemFactory(name="Bolt M8")

    made = order(line(bolt, 3, "2.50", tax_rate=18), by=buyer, supplier=supplier, reference="REQ-7")

    made.refresh_from_db()
    assert (made.status, made.created_by, made.currency, made.reference) == ("pending", buyer, "USD", "REQ-7")
    assert (made.subtotal, made.tax_amount, made.total_amount) == (
        Decimal("7.50"),
        Decimal("1.35"),
        Decimal("8.85"),
    )
    assert (made.exchange_rate, made.total_base) == (1, Decimal("8.85"))
    assert history(made) == [("", "pending", buyer, "")]
    asked = made.lines.get()
    assert (asked.number, asked.item, asked.description, asked.received_quantity) == (1, bolt, "Bolt M8", 0)
    assert OutboxEvent.objects.get().payload == {"order": made.pk}


def test_a_draft_waits_until_it_is_submitted():
    buyer = UserFactory()
    made = order(by=buyer, submit=False)
    assert made.status == OrderStatus.DRAFT

    ordering.submit(made, by=buyer, comment="Please")

    assert made.status == OrderStatus.PENDING
    assert history(made) == [("", "draft", buyer, ""), ("draft", "pending", buyer, "Please")]


def test_the_currency_is_the_one_named_else_the_suppliers():
    supplier = SupplierFactory(currency="RWF")

    assert order(supplier=supplier).currency == "RWF"
    assert order(supplier=supplier, currency="TND").currency == "TND"


@pytest.mark.parametrize(
    ("currency", "quantity", "unit_price", "tax_rate", "line_total", "tax"),
    [
        pytest.param("RWF", 3, "33.5", 18, "101", "18", id="RWF has no decimals, 100.5 goes up"),
        pytest.param("RWF", 1, "100.49999999", 18, "100", "18", id="RWF just below a half goes down"),
        pytest.param("USD", 3, "0.335", 18, "1.01", "0.18", id="USD has two, 1.005 goes up"),
        pytest.param("USD", "0.0001", "49.99999999", 18, "0.00", "0.00", id="USD less than half a cent"),
        pytest.param("TND", "2.5", "0.0005", 0, "0.001", "0.000", id="TND has three, 0.00125 goes down"),
        pytest.param("TND", "2.5", "0.0006", 19, "0.002", "0.000", id="TND has three, 0.0015 goes up"),
        pytest.param("TND", 7, "1.2345", "19.5", "8.642", "1.685", id="TND with a broken tax rate"),
    ],
)
def test_each_line_is_rounded_half_up_to_the_minor_unit_and_its_tax_from_there(
    currency, quantity, unit_price, tax_rate, line_total, tax
):
    made = order(line(None, quantity, unit_price, tax_rate=tax_rate), currency=currency)

    asked = made.lines.get()
    assert (asked.line_total, asked.tax_amount) == (Decimal(line_total), Decimal(tax))
    assert (made.subtotal, made.tax_amount) == (asked.line_total, asked.tax_amount)


_figures = st.tuples(
    st.decimals("0.0001", "99999.9999", places=4),
    st.decimals("0", "9999.99999999", places=8),
    st.decimals("0", "100", places=2),
)


@given(currency=st.sampled_from(sorted(MINOR_UNITS)), figures=st.lists(_figures, min_size=1, max_size=6))
def test_the_totals_are_the_sums_of_the_rounded_lines(currency, figures):
    made, bolt = PurchaseOrder(currency=currency), ItemFactory.build()

    lines = drafts.priced(made, [line(bolt, q, p, tax_rate=t) for q, p, t in figures])

    cent = Decimal(1).scaleb(-MINOR_UNITS[currency])
    expected = [(q * p).quantize(cent, ROUND_HALF_UP) for q, p, _t in figures]
    taxes = [
        (n * t / 100).quantize(cent, ROUND_HALF_UP) for n, (_q, _p, t) in zip(expected, figures, strict=True)
    ]
    assert [asked.line_total for asked in lines] == expected
    assert [asked.tax_amount for asked in lines] == taxes
    assert (made.subtotal, made.tax_amount, made.total_amount) == (
        sum(expected),
        sum(taxes),
        sum(expected) + sum(taxes),
    )


@pytest.mark.parametrize(
    "state",
    [pytest.param({"is_active": False}, id="inactive"), pytest.param({"on_hold": True}, id="on hold")],
)
@pytest.mark.parametrize("submit", [True, False], ids=["pending", "draft"])
def test_nothing_is_ordered_from_a_supplier_that_cannot_be_used(state, submit):
    with pytest.raises(InvalidInput) as refusal:
        order(supplier=SupplierFactory(**state), submit=submit)

    assert set(refusal.value.details) == {"supplier"}
    assert not PurchaseOrder.objects.exists()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        pytest.param({"quantity": 0}, "quantity", id="no quantity"),
        pytest.param({"quantity": -1}, "quantity", id="a negative quantity"),
        pytest.param({"quantity": "NaN"}, "quantity", id="a quantity that is no number"),
        pytest.param({"quantity": "1e14"}, "quantity", id="a quantity beyond its column"),
        pytest.param({"quantity": "0.00001"}, "quantity", id="a quantity finer than its unit"),
        pytest.param({"unit_price": -1}, "unit_price", id="a negative price"),
        pytest.param({"unit_price": "Infinity"}, "unit_price", id="an infinite price"),
        pytest.param({"unit_price": "1e12"}, "unit_price", id="a price beyond its column"),
        pytest.param({"unit_price": "0.000000001"}, "unit_price", id="a price finer than its column"),
        pytest.param({"tax_rate": -1}, "tax_rate", id="a negative tax rate"),
        pytest.param({"tax_rate": "100.01"}, "tax_rate", id="more tax than price"),
        pytest.param({"tax_rate": "1.00001"}, "tax_rate", id="a tax rate finer than its column"),
        pytest.param({"description": "x" * 301}, "description", id="too long a description"),
    ],
)
def test_a_figure_that_cannot_be_meant_is_marked_on_its_line(asked, field):
    with pytest.raises(InvalidInput) as refusal:
        order(line(), line(**asked))

    first, second = refusal.value.details["lines"]
    assert (first, set(second)) == ({}, {field})


def test_all_that_is_wrong_is_told_at_once():
    glove, gone = ItemFactory(unit_id="PR"), ItemFactory(is_active=False)

    with pytest.raises(InvalidInput) as refusal:
        order(
            line(glove, "1.5"),
            line(),
            line(gone, 0),
            supplier=SupplierFactory(on_hold=True),
            deliver_to=LocationFactory(is_active=False),
            currency="XXX",
            reference="x" * 101,
        )

    details = refusal.value.details
    assert set(details) == {"supplier", "deliver_to", "currency", "reference", "lines"}
    assert [set(errors) for errors in details["lines"]] == [{"quantity"}, set(), {"item", "quantity"}]


def test_goods_are_delivered_inside_the_gate():
    with pytest.raises(InvalidInput) as refusal:
        order(deliver_to=virtual_location(LocationKind.CONSUMPTION))

    assert set(refusal.value.details) == {"deliver_to"}


@pytest.mark.parametrize(
    "count", [0, drafts.MAX_LINES + 1], ids=["no line", "more lines than an order holds"]
)
def test_an_order_has_lines_within_reason(count):
    with pytest.raises(InvalidInput, match="at least one" if not count else "at most 2000"):
        ordering.place(
            drafts.OrderDraft(supplier=SupplierFactory(), lines=[line(ItemFactory())] * count),
            by=UserFactory(),
        )


def test_a_total_beyond_its_column_is_refused():
    with pytest.raises(InvalidInput) as refusal:
        order(line(quantity="99999999999999", unit_price="999999999999"))

    assert set(refusal.value.details) == {"lines"}


def test_revising_replaces_the_lines_whole():
    buyer, bolt, nut = UserFactory(), ItemFactory(), ItemFactory()
    made = order(line(bolt, 10), line(nut, 5), by=buyer)

    ordering.revise(made, by=buyer, lines=[line(nut, 7, 3)], notes="Only nuts")

    made.refresh_from_db()
    assert [(asked.number, asked.item, asked.quantity) for asked in made.lines.all()] == [(1, nut, 7)]
    assert (made.total_amount, made.total_base, made.notes) == (21, 21, "Only nuts")


def test_what_is_not_named_stays():
    buyer, store = UserFactory(), LocationFactory()
    made = order(line(), line(), by=buyer, deliver_to=store, reference="REQ-7")

    ordering.revise(made, by=buyer, expected_date=date(2031, 6, 20))

    made.refresh_from_db()
    assert (made.deliver_to, made.reference, made.lines.count()) == (store, "REQ-7", 2)
    assert made.expected_date == date(2031, 6, 20)


def test_another_currency_rounds_the_lines_that_stand_anew():
    buyer = UserFactory()
    made = order(line(quantity=3, unit_price="33.335"), by=buyer, currency="USD")
    assert made.total_amount == Decimal("100.01")

    ordering.revise(made, by=buyer, currency="RWF")

    made.refresh_from_db()
    assert (made.total_amount, made.lines.get().line_total) == (100, 100)
    assert (made.exchange_rate, made.total_base) == (None, None)


@pytest.mark.parametrize("status", [OrderStatus.DRAFT, OrderStatus.PENDING])
def test_an_open_order_stays_where_it_is_when_it_is_revised(status):
    buyer = UserFactory()
    made = in_status(status, by=buyer)

    ordering.revise(made, by=buyer, notes="By lorry")

    assert made.status == status


def test_a_rejected_order_is_pending_again_when_it_is_revised():
    buyer = UserFactory()
    made = in_status(OrderStatus.REJECTED, by=buyer)
    manager = made.rejected_by

    ordering.revise(made, by=buyer, notes="Cheaper now")

    made.refresh_from_db()
    assert (made.status, made.rejected_by, made.rejection_reason) == ("pending", None, "")
    assert history(made)[1:] == [
        ("pending", "rejected", manager, "Too dear"),
        ("rejected", "pending", buyer, "Revised"),
    ]


def test_a_supplier_put_on_hold_meanwhile_stops_a_new_request_and_not_a_correction():
    buyer, supplier = UserFactory(), SupplierFactory()
    pending, rejected = (order(by=buyer, supplier=supplier) for _ in range(2))
    ordering.reject(rejected, by=UserFactory(manager=True), reason="Why?")
    supplier.on_hold = True
    supplier.save()

    ordering.revise(pending, by=buyer, supplier=supplier, notes="By lorry")
    with pytest.raises(InvalidInput):
        ordering.revise(rejected, by=buyer, notes="Because")
    with pytest.raises(InvalidInput):
        ordering.submit(rejected, by=buyer)


def test_a_revision_that_is_refused_changes_nothing():
    buyer = UserFactory()
    made = order(line(quantity=10), by=buyer, notes="First")

    with pytest.raises(InvalidInput):
        ordering.revise(made, by=buyer, notes="Second", lines=[line(quantity=0)])

    made.refresh_from_db()
    assert (made.notes, made.lines.get().quantity) == ("First", 10)


@pytest.mark.parametrize(
    "status",
    [
        OrderStatus.APPROVED,
        OrderStatus.PARTIALLY_DELIVERED,
        OrderStatus.DELIVERED,
        OrderStatus.CANCELLED,
    ],
)
def test_what_was_decided_is_not_edited(status):
    buyer = UserFactory()
    made = in_status(status, by=buyer)

    with pytest.raises(OrderStateForbids) as refusal:
        ordering.revise(made, by=UserFactory(manager=True), lines=[line()])

    assert refusal.value.details["status"] == status


_MOVES = {
    "submit": lambda made, buyer, manager: ordering.submit(made, by=buyer),
    "approve": lambda made, buyer, manager: ordering.approve(made, by=manager),
    "reject": lambda made, buyer, manager: ordering.reject(made, by=manager, reason="No"),
    "deliver": lambda made, buyer, manager: receiving.receive(made, by=buyer),
    "cancel": lambda made, buyer, manager: ordering.cancel(made, by=manager, reason="No"),
}
_ALLOWED = {
    OrderStatus.DRAFT: {"submit", "cancel"},
    OrderStatus.PENDING: {"approve", "reject", "cancel"},
    OrderStatus.REJECTED: {"submit"},
    OrderStatus.APPROVED: {"deliver", "cancel"},
    OrderStatus.PARTIALLY_DELIVERED: {"deliver"},
    OrderStatus.DELIVERED: set(),
    OrderStatus.CANCELLED: set(),
}


@pytest.mark.parametrize("move", _MOVES)
@pytest.mark.parametrize("status", _ALLOWED)
def test_an_order_moves_only_where_it_may(status, move):
    buyer, manager = UserFactory(), UserFactory(manager=True)
    made = in_status(status, by=buyer)
    steps = made.history.count()

    if move in _ALLOWED[status]:
        _MOVES[move](made, buyer, manager)
        assert made.history.count() == steps + 1
    else:
        with pytest.raises(OrderStateForbids) as refusal:
            _MOVES[move](made, buyer, manager)
        made.refresh_from_db()
        assert (refusal.value.details["status"], made.status) == (status, status)
        assert made.history.count() == steps


@pytest.mark.parametrize("role", ["staff", "manager"])
@pytest.mark.parametrize("move", ["revise", "submit", "cancel"])
def test_only_its_maker_or_a_manager_touches_an_order(move, role):
    somebody = UserFactory(role=role)
    made = order(by=UserFactory(), submit=move != "submit")
    moves = {
        "revise": lambda: ordering.revise(made, by=somebody, notes="Mine"),
        "submit": lambda: ordering.submit(made, by=somebody),
        "cancel": lambda: ordering.cancel(made, by=somebody, reason="Mine"),
    }

    if role == "manager":
        moves[move]()
    else:
        with pytest.raises(NotAllowed):
            moves[move]()


def test_staff_cancels_an_own_order_until_it_is_approved():
    buyer = UserFactory()
    pending, approved = order(by=buyer), approved_order(by=buyer)

    ordering.cancel(pending, by=buyer, reason="Found some in the store")
    with pytest.raises(NotAllowed):
        ordering.cancel(approved, by=buyer, reason="Found some in the store")
    ordering.cancel(approved, by=UserFactory(manager=True), reason="The buyer asks for it")

    assert (pending.status, approved.status) == ("cancelled", "cancelled")


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_rejecting_and_cancelling_say_why(reason):
    buyer, made = UserFactory(), order()

    with pytest.raises(InvalidInput) as rejected:
        ordering.reject(made, by=UserFactory(manager=True), reason=reason)
    with pytest.raises(InvalidInput) as cancelled:
        ordering.cancel(order(by=buyer), by=buyer, reason=reason)

    assert (set(rejected.value.details), set(cancelled.value.details)) == ({"reason"}, {"reason"})
    assert made.history.count() == 1


def test_nobody_rejects_an_own_order():
    manager = UserFactory(manager=True)
    made = order(by=manager)

    with pytest.raises(SelfApproval):
        ordering.reject(made, by=manager, reason="No")


def test_each_door_leaves_its_trace_in_the_audit_trail():
    buyer = UserFactory()
    made = order(line(), line(), by=buyer)
    ordering.revise(made, by=buyer, lines=[line()], notes="One")

    entries = AuditEntry.objects.order_by("pk").values_list("content_type__model", "action")

    create, update, delete = AuditEntry.Action.CREATE, AuditEntry.Action.UPDATE, AuditEntry.Action.DELETE
    orders = [action for model, action in entries if model == "purchaseorder"]
    lines = [action for model, action in entries if model == "purchaseorderline"]
    assert orders == [create, update]
    assert lines == [create, create, delete, delete, create]


def test_making_and_revising_cost_the_same_queries_for_one_line_as_for_fifty(
    django_assert_max_num_queries, django_assert_num_queries
):
    buyer, supplier, store = UserFactory(), SupplierFactory(), LocationFactory()
    units = ItemFactory().unit
    items = ItemFactory.create_batch(50)
    for item in items:
        item.unit = units
    order(line(items[0]), by=buyer, supplier=supplier, deliver_to=store)

    with django_assert_max_num_queries(15) as for_one:
        made = order(line(items[0]), by=buyer, supplier=supplier, deliver_to=store)
    with django_assert_num_queries(len(for_one)):
        order(*(line(item) for item in items), by=buyer, supplier=supplier, deliver_to=store)
    with django_assert_max_num_queries(25) as to_revise:
        ordering.revise(made, by=buyer, lines=[line(items[0])])
    ordering.revise(made, by=buyer, lines=[line(item) for item in items])
    with django_assert_num_queries(len(to_revise)):
        ordering.revise(made, by=buyer, lines=[line(item) for item in items])
