"""What to order, how much, from whom and why."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory.models import Item
from inventory.tests.factories import ItemFactory
from ipms import site
from ipms.errors import InvalidInput
from procurement import ordering, reasons, replenishment
from procurement.lead_times import LeadTimeSource
from procurement.models import OrderStatus, PurchaseOrder
from procurement.replenishment import Basis, Wanted
from procurement.tests.factories import approved_order, line, order
from procurement.tests.shelves import bought, used_item
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

STEADY = [7] * 20  # one a day, always


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def look(today):
    """Look at one item: its levels and what should be ordered of it."""

    def at(item):
        (found,) = replenishment.outlook(on=today, items=[item.pk])
        return found

    return at


def set_site(**figures):
    record = site.current()
    for name, value in figures.items():
        setattr(record, name, value)
    record.save()


def test_an_item_is_due_when_it_has_fallen_to_demand_over_its_lead_time(look):
    due = look(used_item(*STEADY, left=10, lead_time_days=10))
    enough = look(used_item(*STEADY, left=11, lead_time_days=10))

    assert (due.demand_per_day, due.safety_stock, due.reorder_point) == (1, 0, 10)
    assert due.quantity == 30  # the demand of thirty days
    assert enough.quantity == 0


def test_what_varies_is_met_by_a_safety_stock(look):
    found = look(used_item(*[4, 10] * 26, left=0, lead_time_days=28))

    # Errors of a week are about three; over four weeks six, times 1.645.
    assert found.forecast.deviation == pytest.approx(3, rel=0.1)
    assert found.safety_stock == pytest.approx(Decimal(10), abs=1)
    assert found.reorder_point == pytest.approx(28 + found.safety_stock, abs=1)


def test_a_higher_service_level_needs_more_stock(look):
    item = used_item(*[4, 10] * 26, left=0, lead_time_days=28)
    usual = look(item)

    set_site(service_level=Decimal(99))

    assert look(item).safety_stock > usual.safety_stock


def test_what_is_to_come_and_what_is_asked_for_count(look, today):
    item = used_item(*STEADY, left=10, lead_time_days=10)
    approved_order(line(item, 3))
    order(line(item, 4))
    order(line(item, 5), submit=False)
    ordering.cancel(given_up := order(line(item, 50)), by=given_up.created_by, reason="Too many")

    found = look(item)

    assert (found.available, found.on_order, found.requested) == (10, 3, 9)
    assert found.quantity == 0


def test_stock_that_is_promised_is_not_available(look):
    item = used_item(*STEADY, left=15, lead_time_days=10)
    item.valuation.reserved = 5
    item.valuation.save()

    assert look(item).quantity > 0


@pytest.mark.parametrize(
    ("left", "fields", "quantity", "basis"),
    [
        pytest.param(8, {}, 32, Basis.COVER, id="what is missing and the demand of thirty days"),
        pytest.param(8, {"reorder_quantity": 5}, 5, Basis.FIXED, id="its reorder quantity"),
        pytest.param(5, {"reorder_quantity": 5}, 10, Basis.FIXED, id="as many as bring it above the level"),
        pytest.param(0, {"reorder_quantity": 25}, 25, Basis.FIXED, id="one large reorder quantity"),
    ],
)
def test_how_much_is_ordered(look, left, fields, quantity, basis):
    found = look(used_item(*STEADY, left=left, lead_time_days=10, **fields))

    assert (found.quantity, found.basis) == (quantity, basis)


def test_an_economic_quantity_is_ordered_where_all_costs_are_known(look):
    item = used_item(*STEADY, left=8, lead_time_days=10)
    set_site(order_cost=Decimal(5), holding_cost_rate=Decimal(25))

    found = look(item)

    # sqrt(2 x 365.25 x 5 / (4 x 0.25)) = 60.4; two are missing.
    assert found.basis == Basis.ECONOMIC
    assert round(found.economic_quantity, 2) == Decimal("60.44")
    assert found.quantity == 63


def test_what_is_used_in_whole_units_is_ordered_in_whole_units(look):
    item = used_item(*[3, 4] * 20, left=0, lead_time_days=10)

    assert look(item).quantity == look(item).quantity.to_integral_value()


def test_other_quantities_are_rounded_up_to_what_the_unit_allows(look):
    item = used_item(*["0.77"] * 20, left=0, unit_id="LTR", lead_time_days=10)

    found = look(item)

    assert found.demand_per_day == Decimal("0.11")
    assert found.quantity == Decimal("4.4")


def test_a_reorder_level_set_by_hand_is_a_floor(look):
    higher = look(used_item(*STEADY, left=24, lead_time_days=10, reorder_level=25))
    lower = look(used_item(*STEADY, left=10, lead_time_days=10, reorder_level=5))

    assert (higher.needed_point, higher.reorder_point, higher.quantity) == (10, 25, 31)
    assert (lower.reorder_point, lower.quantity) == (10, 30)
    assert "The reorder level of 25 set by hand is higher and holds." in reasons.why(higher)
    assert "set by hand" not in reasons.why(lower)


def test_a_safety_stock_set_by_hand_is_a_floor(look):
    found = look(used_item(*STEADY, left=10, lead_time_days=10, safety_stock=6))

    assert (found.computed_safety_stock, found.safety_stock, found.reorder_point) == (0, 6, 16)
    assert "safety stock of 6 set by hand (0 would do" in reasons.why(found)


@pytest.mark.parametrize(
    ("fields", "quantity"),
    [
        pytest.param({}, 0, id="nothing is kept of it"),
        pytest.param({"reorder_level": 4}, 5, id="the level is exceeded by one"),
        pytest.param({"reorder_level": 4, "reorder_quantity": 10}, 10, id="by its reorder quantity"),
    ],
)
def test_an_item_that_nobody_uses_is_ordered_only_by_a_level_set_by_hand(look, fields, quantity):
    assert look(ItemFactory(**fields)).quantity == quantity


def test_nothing_is_kept_of_what_has_not_been_asked_for_in_years(look):
    weeks_with_demand = {0, 7, 9, 20, 26, 39, 41}
    found = look(used_item(*[5 if week in weeks_with_demand else 0 for week in range(104)], left=0))

    assert found.forecast.per_period > 0
    assert (found.demand_per_day, found.quantity) == (0, 0)


def test_inactive_items_are_not_looked_at(today):
    item = used_item(*STEADY, left=0)
    Item.objects.filter(pk=item.pk).update(is_active=False)

    assert replenishment.outlook(on=today) == []


def test_lead_times_are_those_of_the_items_own_receipts(look):
    item = used_item(*STEADY, left=0, lead_time_days=99)
    for took in (10, 12, 14):
        bought(item, took=took)

    found = look(item).lead_time

    assert (found.source, found.receipts) == (LeadTimeSource.ITEM_RECEIPTS, 3)
    assert (found.days.mean, found.days.deviation) == (12, 2)


def test_a_lead_time_that_varies_needs_a_safety_stock(look):
    item = used_item(*STEADY, left=0)
    for took in (10, 12, 14):
        bought(item, took=took)

    assert look(item).safety_stock == 4  # 1.645 x 1 a day x 2 days


@pytest.mark.parametrize(
    ("of_item", "of_supplier", "days", "source"),
    [
        pytest.param(9, 15, 9, LeadTimeSource.ITEM, id="the item's"),
        pytest.param(None, 15, 15, LeadTimeSource.SUPPLIER, id="the supplier's"),
        pytest.param(None, None, 30, LeadTimeSource.SITE, id="the site's"),
    ],
)
def test_without_receipts_a_lead_time_is_what_somebody_said(look, of_item, of_supplier, days, source):
    item = used_item(*STEADY, left=0, lead_time_days=of_item)
    bought(item, supplier=SupplierFactory(lead_time_days=of_supplier), took=3)

    found = look(item).lead_time

    assert (found.days.mean, found.days.deviation, found.source) == (days, 0, source)


def test_the_suppliers_receipts_of_other_items_tell_more_than_what_was_said(look):
    seller = SupplierFactory(lead_time_days=5)
    for took in (20, 20, 26):
        bought(ItemFactory(), supplier=seller, took=took)
    item = used_item(*STEADY, left=0, lead_time_days=7)
    bought(item, supplier=seller)

    found = look(item).lead_time

    assert (found.days.mean, found.source) == (22, LeadTimeSource.SUPPLIER_RECEIPTS)


def test_the_supplier_is_the_last_one_that_can_be_used_at_its_last_price(look):
    item = used_item(*STEADY, left=0)
    good = SupplierFactory()
    bought(item, unit_price="3", days_ago=90, supplier=good)
    bought(item, unit_price="3.25", days_ago=60, supplier=good, currency="EUR", exchange_rate="1.1")
    held, gone = SupplierFactory(), SupplierFactory()
    bought(item, days_ago=30, supplier=held)
    bought(item, days_ago=20, supplier=gone)
    held.on_hold, gone.is_active = True, False
    held.save(), gone.save()
    order(line(item, 1, 9))  # nobody approved it

    found = look(item)

    assert (found.supplier, found.unit_price, found.currency) == (good, Decimal("3.25"), "EUR")


def test_only_what_is_due_is_suggested_the_most_urgent_first(today):
    late = used_item(*STEADY, left=2, lead_time_days=20)
    soon = used_item(*STEADY, left=9, lead_time_days=10)
    used_item(*STEADY, left=90, lead_time_days=10)
    unused = ItemFactory(reorder_level=5)

    found = replenishment.suggestions(on=today)

    assert [due.item for due in found] == [late, soon, unused]


def test_suggestions_of_one_supplier(today):
    bolt, nut = used_item(*STEADY, left=0), used_item(*STEADY, left=0)
    seller = SupplierFactory()
    bought(bolt, supplier=seller)
    bought(nut)

    assert [due.item for due in replenishment.suggestions(on=today, supplier=seller)] == [bolt]


def test_each_suggestion_says_why_with_its_figures(look):
    item = used_item(*[4, 10] * 26, left=20, lead_time_days=28)

    said = reasons.why(look(item))

    assert said.startswith("Available 20 EA, on order 0: no more than the reorder point of 3")
    assert "a day over 28 days and a safety stock of" in said
    assert "for a service level of 95 %" in said
    assert "Demand of 52 weeks is smooth; forecast by" in said
    assert "The lead time of 28 days is the one set for the item." in said
    assert said.endswith("Ordered is what is missing and the demand of 30 days.")


@pytest.mark.parametrize("count", [1, 5])
def test_any_number_of_items_costs_the_same_queries(today, count):
    seller = SupplierFactory()
    for _number in range(count):
        bought(used_item(7, 7, 7, left=0), supplier=seller, took=5)
    site.current()

    with CaptureQueriesContext(connection) as queries:
        found = replenishment.suggestions(on=today)
        said = [reasons.why(due) for due in found]

    assert len(said) == count
    assert len(queries) == 7


def test_a_draft_order_is_made_for_each_supplier(today):
    buyer, seller, other = UserFactory(), SupplierFactory(), SupplierFactory()
    bolt, nut, washer = (used_item(*STEADY, left=0, lead_time_days=days) for days in (10, 20, 5))
    bought(bolt, unit_price="2", supplier=seller)
    bought(nut, unit_price="3", supplier=seller)
    bought(washer, unit_price="4", supplier=other)
    wanted = [Wanted(item=bolt), Wanted(item=washer), Wanted(item=nut, quantity=Decimal(100))]
    # All that was ordered has come or is given up: the shelves are empty.
    PurchaseOrder.objects.update(status=OrderStatus.DELIVERED)

    made = replenishment.place_draft(wanted, on=today, by=buyer)

    assert [(draft.supplier, draft.status, draft.created_by) for draft in made] == [
        (seller, OrderStatus.DRAFT, buyer),
        (other, OrderStatus.DRAFT, buyer),
    ]
    assert [(asked.item, asked.quantity, asked.unit_price) for asked in made[0].lines.all()] == [
        (bolt, 40, 2),
        (nut, 100, 3),
    ]
    assert made[0].expected_date == today + timedelta(days=20)


def test_prices_in_two_currencies_are_two_orders(today):
    seller = SupplierFactory()
    bolt, nut = used_item(*STEADY, left=0), used_item(*STEADY, left=0)
    bought(bolt, supplier=seller, took=2)
    bought(nut, supplier=seller, currency="EUR", exchange_rate="1.1", took=2)

    made = replenishment.place_draft([Wanted(item=bolt), Wanted(item=nut)], on=today, by=UserFactory())

    assert [draft.currency for draft in made] == ["USD", "EUR"]


def test_what_was_asked_for_meanwhile_is_not_asked_for_twice(today):
    item = used_item(*STEADY, left=0)
    bought(item, took=2)
    wanted = [Wanted(item=item, quantity=Decimal(50))]
    replenishment.place_draft(wanted, on=today, by=UserFactory())

    with pytest.raises(InvalidInput) as refusal:
        replenishment.place_draft(wanted, on=today, by=UserFactory())

    assert "need not be ordered" in str(refusal.value)


def test_one_bad_line_stops_the_whole_draft_and_each_is_told(today):
    good, unknown = used_item(*STEADY, left=0), used_item(*STEADY, left=0)
    enough, oil = used_item(*STEADY, left=500), used_item(*STEADY, left=0)
    for item in (good, enough, oil):
        bought(item, took=2)
    wanted = [
        Wanted(item=good),
        Wanted(item=unknown),
        Wanted(item=enough),
        Wanted(item=good),
    ]

    with pytest.raises(InvalidInput) as refusal:
        replenishment.place_draft(wanted, on=today, by=UserFactory())
    with pytest.raises(InvalidInput) as other:
        replenishment.place_draft([Wanted(item=oil, quantity=Decimal("0.00001"))], on=today, by=UserFactory())

    errors = refusal.value.details["items"]
    assert errors[0] == {}
    assert "never ordered from a supplier" in errors[1]["item"][0]
    assert "need not be ordered" in errors[2]["item"][0]
    assert "named twice" in errors[3]["item"][0]
    assert list(other.value.details["items"][0]) == ["quantity"]
    assert not PurchaseOrder.objects.filter(status=OrderStatus.DRAFT).exists()


def test_nothing_chosen_is_refused(today):
    with pytest.raises(InvalidInput):
        replenishment.place_draft([], on=today, by=UserFactory())
