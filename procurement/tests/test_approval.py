"""Who commits the company: never the maker, never above the limit, at a rate that stays."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.tests.factories import UserFactory
from ipms.errors import InvalidInput
from ipms.models import ExchangeRate, SiteSettings
from procurement import approval, ordering
from procurement.errors import ApprovalLimitExceeded, ChangedMeanwhile, OrderStateForbids, SelfApproval
from procurement.models import ApprovalLimit, OrderStatus
from procurement.tests.factories import approved_order, line, order

pytestmark = pytest.mark.django_db


def limit(role, amount):
    group = Group.objects.get(name=role)
    ApprovalLimit.objects.update_or_create(
        group=group, defaults={"amount": None if amount is None else Decimal(amount)}
    )


def rate(currency, figure, *, days_ago=0, source=""):
    day = timezone.localdate() - timedelta(days_ago)
    return ExchangeRate.objects.create(currency=currency, rate=Decimal(figure), valid_from=day, source=source)


def test_approving_commits_the_company_and_says_who_did_it():
    manager, made = UserFactory(manager=True), order(line(quantity=3, unit_price="2.50"))
    before = timezone.now()

    ordering.approve(made, by=manager, comment="Within budget")

    made.refresh_from_db()
    assert (made.status, made.approved_by, made.exchange_rate, made.total_base) == (
        "approved",
        manager,
        1,
        Decimal("7.50"),
    )
    assert before <= made.approved_at <= timezone.now()
    step = made.history.last()
    assert (step.from_status, step.to_status, step.by, step.comment) == (
        "pending",
        "approved",
        manager,
        "Within budget",
    )


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_nobody_approves_an_own_order(role):
    maker = UserFactory(role=role)
    made = order(by=maker)

    with pytest.raises(SelfApproval):
        ordering.approve(made, by=maker)

    made.refresh_from_db()
    assert made.status == "pending"


def test_nobody_approves_above_the_limit_of_the_role():
    manager, made = UserFactory(manager=True), order(line(quantity=100, unit_price="10.01"))
    limit("manager", 1000)

    with pytest.raises(ApprovalLimitExceeded) as refusal:
        ordering.approve(made, by=manager)

    assert refusal.value.details == {"total": "1001.00", "limit": "1000.00", "currency": "USD"}
    ordering.approve(order(line(quantity=100, unit_price="10.00")), by=manager)
    limit("admin", None)
    ordering.approve(made, by=UserFactory(admin=True))
    assert made.status == "approved"


def test_the_limit_counts_in_base_currency():
    manager = UserFactory(manager=True)
    limit("manager", 1000)
    rate("RWF", "0.00075")
    cheap = order(line(quantity=1, unit_price=1_333_333), currency="RWF")
    dear = order(line(quantity=1, unit_price=1_333_341), currency="RWF")

    ordering.approve(cheap, by=manager)
    with pytest.raises(ApprovalLimitExceeded):
        ordering.approve(dear, by=manager)

    assert cheap.total_base == Decimal("1000.00")


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        pytest.param({}, 0, id="no role has one"),
        pytest.param({"staff": 50}, 50, id="one role has one"),
        pytest.param({"staff": 50, "manager": 70}, 70, id="the higher of two"),
        pytest.param({"staff": 50, "manager": None}, None, id="one without a limit"),
    ],
)
def test_the_highest_limit_of_a_persons_roles_counts(amounts, expected):
    person = UserFactory()
    person.groups.add(Group.objects.get(name="manager"))
    ApprovalLimit.objects.all().delete()
    for role, amount in amounts.items():
        limit(role, amount)

    assert approval.limit_of(person) == expected


def test_a_role_without_a_limit_of_its_own_approves_nothing():
    ApprovalLimit.objects.all().delete()

    with pytest.raises(ApprovalLimitExceeded):
        approved_order()


def test_an_order_is_approved_once():
    made = approved_order()

    with pytest.raises(OrderStateForbids) as refusal:
        ordering.approve(made, by=UserFactory(manager=True))

    assert refusal.value.details == {
        "status": "approved",
        "allowed": ["partially_delivered", "delivered", "cancelled"],
    }


def test_the_maker_hears_of_being_the_maker_before_the_status():
    maker = UserFactory(manager=True)
    made = approved_order(by=maker)

    with pytest.raises(SelfApproval):
        ordering.approve(made, by=maker, exchange_rate=Decimal(-1))


def test_without_any_rate_the_total_is_unknown_and_approval_asks_for_one():
    made = order(line(quantity=2, unit_price=100), currency="EUR")
    assert (made.exchange_rate, made.total_base) == (None, None)

    with pytest.raises(InvalidInput) as refusal:
        ordering.approve(made, by=UserFactory(manager=True))

    assert set(refusal.value.details) == {"exchange_rate"}
    ordering.approve(made, by=UserFactory(manager=True), exchange_rate=Decimal("1.0823"))
    assert (made.total_base, made.exchange_rate_source) == (Decimal("216.46"), "entered at approval")


def test_the_newest_stored_rate_that_holds_is_taken():
    rate("EUR", "1.05", days_ago=30)
    rate("EUR", "1.08", days_ago=1, source="Central bank")
    rate("EUR", "9.99", days_ago=-1)

    made = approved_order(line(quantity=2, unit_price=100), currency="EUR")

    assert (made.exchange_rate, made.total_base) == (Decimal("1.08"), 216)
    assert made.exchange_rate_source == f"Central bank, {timezone.localdate() - timedelta(1)}"


def test_a_rate_that_is_given_goes_before_the_stored_one():
    rate("EUR", "1.08")

    made = approved_order(line(quantity=2, unit_price=100), currency="EUR", exchange_rate="1.10")

    assert (made.exchange_rate, made.total_base) == (Decimal("1.10"), 220)


def test_a_later_rate_changes_nothing_that_was_approved():
    rate("EUR", "1.08", days_ago=1)
    made = approved_order(line(quantity=2, unit_price=100), currency="EUR")

    rate("EUR", "1.50")

    made.refresh_from_db()
    assert (made.exchange_rate, made.total_base) == (Decimal("1.08"), 216)


def test_the_estimate_of_an_open_order_gives_way_to_the_rate_of_its_approval():
    rate("EUR", "1.08", days_ago=1)
    made = order(line(quantity=2, unit_price=100), currency="EUR")
    assert made.total_base == 216
    rate("EUR", "1.20")

    ordering.approve(made, by=UserFactory(manager=True))

    assert made.total_base == 240


def test_the_total_in_base_currency_is_rounded_to_its_minor_unit():
    SiteSettings.objects.update_or_create(pk=1, defaults={"base_currency": "RWF"})

    made = approved_order(line(quantity=1, unit_price="10.01"), currency="USD", exchange_rate="1350.05")

    assert made.total_base == 13514


@pytest.mark.parametrize(
    "figure",
    ["0", "-1", "NaN", "Infinity", "10000000000", "0.00000000001"],
    ids=["zero", "negative", "no number", "infinite", "beyond its column", "finer than its column"],
)
def test_a_rate_that_cannot_be_is_refused(figure):
    with pytest.raises(InvalidInput) as refusal:
        approved_order(currency="EUR", exchange_rate=figure)

    assert set(refusal.value.details) == {"exchange_rate"}


def test_the_rate_of_the_base_currency_is_one():
    with pytest.raises(InvalidInput):
        approved_order(currency="USD", exchange_rate="1.01")

    assert approved_order(currency="USD", exchange_rate="1").exchange_rate_source == "base currency"


def test_a_total_beyond_its_column_is_the_fault_of_the_rate():
    with pytest.raises(InvalidInput) as refusal:
        approved_order(
            line(quantity="100000", unit_price="999999999999"), currency="EUR", exchange_rate="9999999999"
        )

    assert set(refusal.value.details) == {"exchange_rate"}


def test_one_order_that_is_refused_lets_none_of_many_through():
    manager = UserFactory(manager=True)
    fine, own = order(), order(by=manager)

    with pytest.raises(SelfApproval):
        ordering.approve_many([fine, own], by=manager)

    fine.refresh_from_db()
    assert (fine.status, fine.approved_by) == ("pending", None)


def test_one_rate_is_not_taken_for_two_currencies():
    orders = [order(currency="EUR"), order(currency="GBP")]

    with pytest.raises(InvalidInput) as refusal:
        ordering.approve_many(orders, by=UserFactory(manager=True), exchange_rate=Decimal("1.1"))

    assert set(refusal.value.details) == {"exchange_rate"}


def test_approving_costs_the_same_queries_for_two_orders_as_for_twenty(
    django_assert_num_queries, django_assert_max_num_queries
):
    manager = UserFactory(manager=True)
    first, two, twenty = ([order() for _ in range(count)] for count in (2, 2, 20))
    ordering.approve_many(first, by=manager)  # what is asked once and remembered

    with django_assert_max_num_queries(15) as for_two:
        ordering.approve_many(two, by=manager)
    with django_assert_num_queries(len(for_two)):
        ordering.approve_many(twenty, by=manager)


def test_what_was_changed_after_it_was_looked_at_is_not_approved():
    maker, manager = UserFactory(), UserFactory(manager=True)
    made = order(line(quantity=1), by=maker)
    seen = made.updated_at
    ordering.revise(made, by=maker, lines=[line(quantity=1000)])

    with pytest.raises(ChangedMeanwhile) as refusal:
        ordering.approve(made, by=manager, as_seen=seen)
    ordering.approve(made, by=manager, as_seen=made.updated_at)

    assert "was changed after you had opened it" in str(refusal.value)
    assert made.status == OrderStatus.APPROVED
