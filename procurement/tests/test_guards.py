"""What the database itself refuses, whoever writes: plain SQL stands for every door that was forgotten."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.tests.factories import UserFactory
from procurement import ordering
from procurement.models import OrderHistory, PurchaseOrder
from procurement.tests.factories import approved_order, line, order

pytestmark = pytest.mark.django_db


def refused(statement, *values, by):
    """Assert that the database refuses a statement, by the constraint or trigger that is named."""
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    assert error.value.__cause__.diag.constraint_name == by


def update(made, assignments, *values, by):
    statement = f"UPDATE procurement_purchaseorder SET {assignments} WHERE id = %s"  # noqa: S608 - our own words
    refused(statement, *values, made.pk, by=by)


_APPROVE = (
    "status = 'approved', approved_by_id = %s, approved_at = now(), exchange_rate = 1, "
    "total_base = total_amount"
)


def test_the_maker_is_never_the_approver():
    made = order()

    update(made, _APPROVE, made.created_by_id, by="order_not_approved_by_its_maker")


def test_nobody_becomes_another_maker_to_approve_an_own_order():
    made = order()

    update(made, "created_by_id = %s", UserFactory().pk, by="order_keeps_number_and_maker")


@pytest.mark.parametrize("missing", ["approved_by_id", "approved_at", "exchange_rate", "total_base"])
@pytest.mark.parametrize("status", ["approved", "partially_delivered", "delivered"])
def test_a_committed_order_has_an_approver_and_a_rate(status, missing):
    made, manager = order(), UserFactory(manager=True)
    assignments = _APPROVE.replace("'approved'", f"'{status}'") + f", {missing} = NULL"
    wanted = [
        part for part in assignments.split(", ") if not (part.startswith(missing) and "NULL" not in part)
    ]
    values = [] if missing == "approved_by_id" else [manager.pk]

    update(made, ", ".join(wanted), *values, by="committed_order_has_approver_and_rate")


def test_no_total_is_above_the_limit_it_was_approved_under():
    made, manager = order(line(quantity=100, unit_price=10)), UserFactory(manager=True)

    update(
        made,
        f"{_APPROVE}, approved_limit = 999.99",
        manager.pk,
        by="order_within_the_limit_of_its_approver",
    )


def test_a_rejected_order_has_a_reason_and_somebody_who_gave_it():
    made, manager = order(), UserFactory(manager=True)

    update(made, "status = 'rejected', rejection_reason = 'No'", by="rejected_order_has_a_reason")
    update(made, "status = 'rejected', rejected_by_id = %s", manager.pk, by="rejected_order_has_a_reason")


def test_the_total_is_its_parts():
    update(order(), "total_amount = total_amount + 1", by="order_total_is_its_parts")


@pytest.mark.parametrize(
    "assignment",
    [
        "supplier_id = supplier_id + 1",
        "currency = 'EUR'",
        "exchange_rate = 2",
        "subtotal = subtotal + 1, total_amount = total_amount + 1",
        "total_base = total_base - 1",
        "approved_by_id = (SELECT max(id) FROM accounts_user)",
        "approved_at = approved_at - interval '1 day'",
        "approved_limit = total_base",
        "status = 'pending'",
        "status = 'draft', approved_by_id = NULL",
    ],
)
def test_what_was_approved_stands(assignment):
    made = approved_order()
    UserFactory()

    update(made, assignment, by="committed_order_stands")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE procurement_purchaseorderline SET quantity = quantity + 1 WHERE order_id = %s",
        "UPDATE procurement_purchaseorderline SET unit_price = 0 WHERE order_id = %s",
        "UPDATE procurement_purchaseorderline SET item_id = item_id + 1 WHERE order_id = %s",
        "UPDATE procurement_purchaseorderline SET line_total = 0 WHERE order_id = %s",
        "DELETE FROM procurement_purchaseorderline WHERE order_id = %s",
        "INSERT INTO procurement_purchaseorderline (order_id, number, item_id, description, quantity, "
        "unit_price, tax_rate, line_total, tax_amount, received_quantity) "
        "SELECT order_id, 99, item_id, '', 1, 1, 0, 1, 0, 0 FROM procurement_purchaseorderline "
        "WHERE order_id = %s",
    ],
    ids=["quantity", "price", "item", "amount", "a line less", "a line more"],
)
def test_the_lines_of_an_approved_order_stand(statement):
    made = approved_order()

    refused(statement, made.pk, by="line_of_committed_order_stands")


def test_a_line_does_not_wander_into_an_approved_order():
    approved, pending = approved_order(), order()

    refused(
        "UPDATE procurement_purchaseorderline SET order_id = %s, number = 9 WHERE order_id = %s",
        approved.pk,
        pending.pk,
        by="line_of_committed_order_stands",
    )


def test_nothing_is_received_beyond_what_was_ordered():
    made = approved_order(line(quantity=10))

    refused(
        "UPDATE procurement_purchaseorderline SET received_quantity = 10.0001 WHERE order_id = %s",
        made.pk,
        by="order_line_received_within_ordered",
    )


@pytest.mark.parametrize(
    "statement", ["UPDATE procurement_orderhistory SET comment = 'x'", "DELETE FROM procurement_orderhistory"]
)
def test_the_history_cannot_be_rewritten(statement):
    order()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert OrderHistory.objects.get().comment == ""


def delete_by_sql(made):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procurement_purchaseorderline WHERE order_id = %s", [made.pk])
        cursor.execute("DELETE FROM procurement_purchaseorder WHERE id = %s", [made.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_order_cannot_be_deleted_and_leaves_no_gap():
    made = order()

    with pytest.raises(IntegrityError, match="procurement_orderhistory"), transaction.atomic():
        delete_by_sql(made)

    assert PurchaseOrder.objects.filter(pk=made.pk).exists()


def test_an_open_order_may_still_change_in_every_way():
    buyer = UserFactory()
    made = order(line(), line(), by=buyer)

    ordering.revise(made, by=buyer, lines=[line()], currency="EUR")
    ordering.reject(made, by=UserFactory(manager=True), reason="No")
    ordering.revise(made, by=buyer, lines=[line(), line(), line()])

    assert made.lines.count() == 3
