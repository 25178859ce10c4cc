"""Who hears of an order: those who may approve it, then its maker."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import Kind, Notification
from accounts.tests.factories import UserFactory
from ipms import outbox
from ipms.models import ExchangeRate, OutgoingMail
from ipms.testing.back_office import count_queries
from procurement import ordering
from procurement.approval import approvers_of
from procurement.models import ApprovalLimit
from procurement.receiving import Arrival, receive
from procurement.tests.factories import approved_order, line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def maker():
    return UserFactory(first_name="Esi", last_name="Owusu")


@pytest.fixture
def bolts():
    return SupplierFactory(name="Bolts Ltd")


def limit(group, amount):
    ApprovalLimit.objects.update_or_create(group=Group.objects.get(name=group), defaults={"amount": amount})


def told(kind, **of):
    """Deliver what waits, and return who was told, as a set."""
    outbox.deliver()
    return {notification.user for notification in Notification.objects.filter(kind=kind, **of)}


def the_one(user, kind):
    return Notification.objects.get(user=user, kind=kind)


class TestWaiting:
    def test_those_who_may_approve_are_told(self, maker, bolts, staff, manager, admin):
        UserFactory(manager=True, is_active=False)
        made = order(line(quantity=10, unit_price=150), by=maker, supplier=bolts)

        assert told(Kind.ORDER_WAITING) == {manager, admin}

        notice = the_one(manager, Kind.ORDER_WAITING)
        assert notice.title == f"Order {made.po_number} waits for your approval"
        assert notice.body == "Esi Owusu wants to buy from Bolts Ltd for 1,500.00\u00a0USD."
        assert notice.url == reverse("admin:procurement_purchaseorder_change", args=[made.pk])

    def test_nobody_is_asked_to_approve_the_own_order(self, manager, admin):
        order(by=manager)

        assert told(Kind.ORDER_WAITING) == {admin}

    @pytest.mark.parametrize(("total", "asked"), [(1000, True), (1001, False)], ids=["within", "above"])
    def test_limit_of_the_approver_decides(self, maker, manager, admin, total, asked):
        limit("manager", Decimal(1000))
        order(line(quantity=1, unit_price=total), by=maker)

        assert told(Kind.ORDER_WAITING) == ({manager, admin} if asked else {admin})

    def test_role_without_a_limit_approves_nothing(self, maker, manager, admin):
        ApprovalLimit.objects.filter(group__name="manager").delete()
        order(by=maker)

        assert told(Kind.ORDER_WAITING) == {admin}

    def test_other_currency_is_told_in_base_currency_too(self, maker, admin):
        ExchangeRate.objects.create(currency="RWF", rate=Decimal("0.0008"), valid_from=date(2020, 1, 1))
        order(line(quantity=10, unit_price=1000), currency="RWF", by=maker)
        outbox.deliver()

        assert "10,000\u00a0RWF, that is 8.00\u00a0USD" in the_one(admin, Kind.ORDER_WAITING).body

    def test_limit_asks_nobody_to_leave_while_no_rate_is_known(self, maker, manager, admin):
        limit("manager", Decimal(1))
        order(currency="RWF", by=maker)

        assert told(Kind.ORDER_WAITING) == {manager, admin}

    def test_draft_waits_for_nobody(self, admin):
        order(submit=False)

        assert told(Kind.ORDER_WAITING) == set()

    def test_order_that_comes_back_is_told_of_again(self, maker, admin):
        made = order(by=maker)
        outbox.deliver()
        ordering.reject(made, by=admin, reason="Too dear.")
        ordering.revise(made, by=maker, lines=[line(unit_price=1)])
        outbox.deliver()

        assert Notification.objects.filter(user=admin, kind=Kind.ORDER_WAITING).count() == 2

    def test_order_that_was_decided_on_before_asks_nobody(self, maker, admin):
        made = order(by=maker)
        ordering.cancel(made, by=maker, reason="Not needed.")

        assert told(Kind.ORDER_WAITING) == set()

    @pytest.mark.parametrize(
        "decide",
        [
            lambda made, admin: ordering.approve(made, by=admin),
            lambda made, admin: ordering.reject(made, by=admin, reason="Too dear."),
            lambda made, admin: ordering.cancel(made, by=admin, reason="Not needed."),
        ],
        ids=["approved", "rejected", "cancelled"],
    )
    def test_decision_takes_it_from_the_others(self, maker, manager, admin, decide):
        made, waiting = order(by=maker), order(by=maker)
        outbox.deliver()

        decide(made, admin)
        outbox.deliver()

        unread = Notification.objects.unread().filter(kind=Kind.ORDER_WAITING)
        assert {one.url.split("/")[-3] for one in unread} == {str(waiting.pk)}
        assert {one.user for one in unread} == {manager, admin}

    def test_who_may_approve_is_one_query(self, maker, manager, admin, django_assert_num_queries):
        made = order(by=maker)

        with django_assert_num_queries(1):
            assert set(approvers_of(made)) == {manager, admin}

    def test_telling_costs_the_same_for_any_number_of_approvers(self, maker):
        UserFactory(manager=True)
        order(by=maker)
        before = count_queries(outbox.deliver)
        UserFactory.create_batch(20, manager=True)
        order(by=maker)

        assert count_queries(outbox.deliver) == before


class TestAnswer:
    def test_maker_is_told_of_the_approval(self, maker, bolts, admin):
        made = order(line(quantity=10, unit_price=2), by=maker, supplier=bolts)
        ordering.approve(made, by=admin)

        assert told(Kind.ORDER_APPROVED) == {maker}
        assert the_one(maker, Kind.ORDER_APPROVED).body == (
            f"{admin} approved your order from Bolts Ltd for 20.00\u00a0USD."
        )

    def test_comment_of_the_approval_is_told(self, maker, admin):
        ordering.approve(order(by=maker), by=admin, comment="Ask for a discount next time.")
        outbox.deliver()

        assert "“Ask for a discount next time.”" in the_one(maker, Kind.ORDER_APPROVED).body

    def test_maker_is_told_why_it_was_rejected(self, maker, admin):
        made = order(by=maker)
        ordering.reject(made, by=admin, reason="Too dear.")
        ordering.revise(made, by=maker, lines=[line(unit_price=1)])  # before anybody was told

        assert told(Kind.ORDER_REJECTED) == {maker}
        assert "“Too dear.”" in the_one(maker, Kind.ORDER_REJECTED).body

    def test_answer_goes_by_mail_unless_one_chose_otherwise(self, maker, admin):
        ordering.approve(order(by=maker), by=admin)
        outbox.deliver()

        assert OutgoingMail.objects.filter(to=maker.email).count() == 1


class TestDelivery:
    def test_maker_is_told_of_each_part_and_of_the_end(self, maker, bolts, staff):
        made = approved_order(line(quantity=10), line(quantity=5), by=maker, supplier=bolts)
        first, _second = made.lines.all()
        receive(made, by=staff, arrivals=[Arrival(line_id=first.pk, quantity=Decimal(4))])
        receive(made, by=staff, arrivals=[Arrival(line_id=first.pk, quantity=Decimal(6))])
        outbox.deliver()
        receive(made, by=staff)
        outbox.deliver()

        titles = Notification.objects.filter(user=maker, kind=Kind.ORDER_DELIVERED).order_by("pk")
        assert [one.title for one in titles] == [
            f"A part of order {made.po_number} came",
            f"A part of order {made.po_number} came",
            f"The goods of order {made.po_number} came",
        ]
        assert titles[1].body == "From Bolts Ltd. Complete lines: 1 of 2."

    def test_overdue_order_is_told_to_its_maker_and_the_managers(self, maker, manager, admin, staff):
        made = approved_order(by=maker, expected_date=date(2031, 2, 3))
        outbox.record("order.overdue", order=made.pk, days_late=1)

        assert told(Kind.ORDER_OVERDUE) == {maker, manager, admin, made.approved_by}
        assert "by 3 Feb 2031. Days late: 1." in the_one(maker, Kind.ORDER_OVERDUE).body

    def test_newest_notice_of_an_overdue_order_counts(self, maker):
        made = approved_order(by=maker, expected_date=date(2031, 2, 3))
        for days_late in (1, 8):
            outbox.record("order.overdue", order=made.pk, days_late=days_late)
            outbox.deliver()

        unread = Notification.objects.unread().get(user=maker, kind=Kind.ORDER_OVERDUE)
        assert "Days late: 8." in unread.body

    def test_goods_that_came_are_no_longer_overdue(self, maker, staff):
        made = approved_order(by=maker, expected_date=date(2031, 2, 3))
        outbox.record("order.overdue", order=made.pk, days_late=1)
        outbox.deliver()

        receive(made, by=staff)
        outbox.deliver()

        assert not Notification.objects.unread().filter(kind=Kind.ORDER_OVERDUE).exists()
        outbox.record("order.overdue", order=made.pk, days_late=2)
        assert len(told(Kind.ORDER_OVERDUE, read_at=None)) == 0


def test_order_that_is_gone_is_told_to_nobody(admin):
    for status in ("pending", "approved", "rejected", "partially_delivered", "delivered", "overdue"):
        outbox.record(f"order.{status}", order=999_999, days_late=1)

    assert outbox.deliver() == 6
    assert not Notification.objects.exists()
