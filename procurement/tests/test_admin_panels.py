"""The first page of purchasing: what waits for a decision, what comes, what is low, what came back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms.models import ExchangeRate
from ipms.testing.back_office import cells_of, enter, first_page
from procurement import ordering, receiving, replenishment
from procurement.models import ApprovalLimit, PurchaseOrder
from procurement.tests.factories import approved_order, line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:procurement_purchaseorder_changelist")


def panel(user, name):
    return first_page(enter(user))[name]


def notes(panel):
    return [str(note.text) for note in panel["notes"]]


def listed(user, url):
    """How many orders the list shows that a link leads to."""
    return enter(user).get(url).context["cl"].result_count


class TestOrdersToApprove:
    def test_a_manager_sees_what_others_ask_for_with_its_amount_and_a_button(self, manager):
        theirs = order(line(quantity=10, unit_price=3))

        shown = panel(manager, "WaitingForApproval")

        ((first, _age, amount, button),) = cells_of(shown)
        assert first.startswith(theirs.po_number)
        assert amount == "30.00 USD"
        assert button.startswith("Decide")
        page = enter(manager).get(_href(shown["rows"][0][3]).split("#")[0]).content.decode()
        assert f'id="order-{theirs.pk}"' in page

    def test_amounts_are_in_base_currency(self, manager):
        ExchangeRate.objects.create(
            currency="UGX", rate=Decimal("0.0003"), valid_from=timezone.localdate(), source="bank"
        )
        order(line(quantity=10, unit_price=10000), currency="UGX")

        ((_first, _age, amount, _button),) = cells_of(panel(manager, "WaitingForApproval"))

        assert amount == "30.00 USD / 100,000 UGX"

    def test_ones_own_and_what_is_above_ones_limit_are_only_counted(self, manager):
        ApprovalLimit.objects.filter(group__name="manager").update(amount=100)
        small = order(line(quantity=10, unit_price=10))
        for _number in range(2):
            order(line(quantity=10, unit_price=11))
        order(by=manager)

        shown = panel(manager, "WaitingForApproval")

        assert [row[0][: len(small.po_number)] for row in cells_of(shown)] == [small.po_number]
        assert notes(shown) == ["1 order, 100.00 USD", "1 is your own", "2 are above your limit"]
        assert enter(manager).get(shown["notes"][1].url).context["count"] == 1

    def test_what_is_shown_can_be_approved_and_what_is_counted_cannot(self, manager):
        ApprovalLimit.objects.filter(group__name="manager").update(amount=100)
        for price in (9, 10, 11):
            order(line(quantity=10, unit_price=price))
        shown = {row[0][:13] for row in cells_of(panel(manager, "WaitingForApproval"))}

        taken = set()
        for pending in PurchaseOrder.objects.all():
            try:
                ordering.approve(pending, by=manager)
            except ordering.ApprovalLimitExceeded:
                continue
            taken.add(pending.po_number)

        assert shown == taken

    def test_who_may_not_approve_sees_none_of_it(self, staff):
        assert "WaitingForApproval" not in first_page(enter(staff))


class TestDeliveries:
    def test_late_ones_come_first_and_each_can_be_received(self, staff):
        today = timezone.localdate()
        soon = approved_order(expected_date=today + timedelta(days=7))
        late = approved_order(line(quantity=10, unit_price=3), expected_date=today - timedelta(days=2))
        now = approved_order(expected_date=today)
        approved_order(expected_date=today + timedelta(days=8))
        approved_order()

        shown = panel(staff, "Deliveries")

        rows = cells_of(shown)
        assert [row[0][:13] for row in rows] == [made.po_number for made in (late, now, soon)]
        assert rows[0][1].startswith("2 days late")
        assert rows[0][2] == "30.00"
        assert enter(staff).get(_href(shown["rows"][0][3])).status_code == 200

    def test_what_came_already_is_not_outstanding(self, staff):
        bolts = line(quantity=10, unit_price=3)
        made = approved_order(bolts, expected_date=timezone.localdate())
        receiving.receive(
            made,
            by=staff,
            arrivals=[receiving.Arrival(line_id=made.lines.get().pk, quantity=Decimal(4))],
        )

        ((*_others, outstanding, _button),) = cells_of(panel(staff, "Deliveries"))

        assert outstanding == "18.00"

    def test_counts_are_those_of_the_lists_they_lead_to(self, staff):
        today = timezone.localdate()
        for days in (-3, -1, 0, 4, 40):
            approved_order(expected_date=today + timedelta(days=days))

        shown = panel(staff, "Deliveries")

        assert notes(shown) == ["2 late", "1 today", "5 to come"]
        assert [listed(staff, note.url) for note in shown["notes"]] == [2, 1, 5]

    def test_who_may_not_receive_has_no_button(self):
        reader = _may("view_purchaseorder")
        approved_order(expected_date=timezone.localdate())

        assert len(panel(reader, "Deliveries")["headings"]) == 3


class TestYourOrders:
    def test_what_came_back_stands_first_with_the_reason(self, staff, manager):
        draft = order(by=staff, submit=False)
        sent_back = order(by=staff)
        ordering.reject(sent_back, by=manager, reason="Ask for two quotations.")
        order(by=staff)
        order()

        shown = panel(staff, "MyOrders")

        rows = cells_of(shown)
        assert [row[0][:13] for row in rows] == [sent_back.po_number, draft.po_number]
        assert rows[0][2] == f"Ask for two quotations. / {manager}"
        assert notes(shown) == ["1 waits for approval"]
        assert listed(staff, shown["notes"][0].url) == 1

    def test_what_was_rejected_long_ago_waits_for_nobody(self, staff, manager):
        sent_back = order(by=staff)
        ordering.reject(sent_back, by=manager, reason="Not this year.")
        PurchaseOrder.objects.filter(pk=sent_back.pk).update(updated_at=timezone.now() - timedelta(days=31))

        assert cells_of(panel(staff, "MyOrders")) == []


class TestLowStock:
    def test_the_most_urgent_item_comes_first(self, staff):
        shelf = LocationFactory()
        low, lower = ItemFactory(sku="LOW", reorder_level=10), ItemFactory(sku="LOWER", reorder_level=100)
        stock(low, shelf, 9)
        stock(lower, shelf, 20)

        rows = cells_of(panel(staff, "LowStock"))

        assert [row[0].split()[0] for row in rows] == ["LOWER", "LOW"]

    def test_it_suggests_what_the_page_of_suggestions_does(self, manager):
        bolt = ItemFactory(sku="BOLT", reorder_level=10, reorder_quantity=25)
        stock(bolt, LocationFactory(), 4)
        approved_order(line(bolt, quantity=3), supplier=SupplierFactory())

        ((*_figures, suggested),) = cells_of(panel(manager, "LowStock"))

        (found,) = replenishment.suggestions(on=timezone.localdate())
        assert found.quantity == 25
        assert suggested == "25 EA / 3 coming"

    def test_who_orders_nothing_is_suggested_nothing(self):
        reader = _may("view_item")
        stock(ItemFactory(reorder_level=10), LocationFactory(), 4)

        shown = panel(reader, "LowStock")

        assert len(shown["headings"]) == 3
        assert notes(shown) == []


def _href(cell):
    return str(cell.text).split('href="')[1].split('"')[0]


def _may(*codenames):
    """Somebody without a role who holds these permissions alone."""
    user = UserFactory()
    user.groups.clear()
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    assert not Group.objects.filter(user=user).exists()
    return user
