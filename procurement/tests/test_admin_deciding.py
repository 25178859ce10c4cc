from decimal import Decimal

import pytest

from ipms.models import ExchangeRate
from ipms.testing.back_office import enter, form, messages, press, send
from procurement.models import OrderStatus
from procurement.tests.back_office import action, bulk, buttons, page, status
from procurement.tests.factories import approved_order, line, order

pytestmark = pytest.mark.django_db


def test_a_manager_approves_with_a_comment(manager):
    pending = order()

    send(enter(manager), action(pending, "approve"), comment="Within the budget")

    assert status(pending) == OrderStatus.APPROVED
    assert pending.approved_by == manager
    assert pending.history.last().comment == "Within the budget"


def test_nobody_is_offered_to_decide_on_the_own_order(manager):
    mine = order(by=manager)
    client = enter(manager)

    assert buttons(client, mine) == ["cancel"]
    answer = client.post(action(mine, "approve"), {}, follow=True)

    assert "not possible now" in messages(answer)[0]
    assert status(mine) == OrderStatus.PENDING


def test_above_the_limit_the_refusal_stands_in_the_form(manager):
    dear = order(line(quantity=1, unit_price=1_000_001))

    answer = send(enter(manager), action(dear, "approve"), comment="Please")

    assert "you may approve up to 1000000.00" in answer.context["form"].non_field_errors()[0]
    assert status(dear) == OrderStatus.PENDING


def test_the_rate_is_asked_for_where_the_order_is_not_in_base_currency(manager):
    foreign = order(line(quantity=10, unit_price=2), currency="EUR")
    client = enter(manager)

    answer = send(client, action(foreign, "approve"))
    assert answer.context["form"].errors["exchange_rate"]

    send(client, action(foreign, "approve"), exchange_rate="1.25")
    foreign.refresh_from_db()
    assert (foreign.exchange_rate, foreign.total_base) == (Decimal("1.25"), Decimal(25))


def test_a_stored_rate_is_taken_when_none_is_entered(manager):
    ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.10"), valid_from="2020-01-01")
    foreign = order(line(quantity=10, unit_price=2), currency="EUR")

    send(enter(manager), action(foreign, "approve"))

    foreign.refresh_from_db()
    assert foreign.total_base == Decimal(22)


def test_rejecting_takes_a_reason(manager):
    pending = order()
    client = enter(manager)

    answer = send(client, action(pending, "reject"), reason="")
    assert answer.context["form"].errors["reason"]

    send(client, action(pending, "reject"), reason="Too dear")
    assert status(pending) == OrderStatus.REJECTED
    assert pending.rejection_reason == "Too dear"


def test_a_second_click_on_approve_approves_once(manager):
    pending = order()
    client = enter(manager)
    filled = form(client.get(action(pending, "approve")))

    client.post(action(pending, "approve"), filled)
    answer = client.post(action(pending, "approve"), filled, follow=True)

    assert "carried out once" in messages(answer)[-1]
    assert pending.history.filter(to_status=OrderStatus.APPROVED).count() == 1


def test_one_refused_order_does_not_stop_the_others(manager):
    mine, theirs = order(by=manager), order()

    answer = bulk(enter(manager), "approve_selected", mine, theirs)

    assert status(theirs) == OrderStatus.APPROVED
    assert status(mine) == OrderStatus.PENDING
    said = messages(answer)
    assert any(mine.po_number in sentence and "You made" in sentence for sentence in said)


def test_several_orders_are_rejected_for_one_reason(manager):
    first, second = order(), order()

    bulk(enter(manager), "reject_selected", first, second, reason="Next year")

    assert status(first) == status(second) == OrderStatus.REJECTED


def test_a_draft_is_submitted_by_a_click(staff):
    draft = order(by=staff, submit=False)

    press(enter(staff), page(draft), "/do/submit/")

    assert status(draft) == OrderStatus.PENDING


@pytest.mark.parametrize(
    ("who", "may"),
    [pytest.param("staff", False, id="staff"), pytest.param("manager", True, id="manager")],
)
def test_only_a_manager_cancels_an_approved_order(request, who, may):
    user = request.getfixturevalue(who)
    approved = approved_order(by=user)

    assert ("cancel" in buttons(enter(user), approved)) is may


def test_its_maker_cancels_a_pending_order_with_a_reason(staff):
    mine = order(by=staff)

    send(enter(staff), action(mine, "cancel"), reason="Not needed")

    assert status(mine) == OrderStatus.CANCELLED
