from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from inventory.models import StockMovement
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand
from ipms.models import ExchangeRate
from ipms.testing.back_office import count_queries, enter, form, messages, press, send
from procurement import ordering
from procurement.models import GoodsReceipt, OrderStatus, PurchaseOrder
from procurement.tests.factories import approved_order, line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

ORDERS = reverse("admin:procurement_purchaseorder_changelist")
NEW = reverse("admin:procurement_purchaseorder_add")


def page(order):
    return reverse("admin:procurement_purchaseorder_change", args=[order.pk])


def action(order, name):
    return reverse("admin:procurement_purchaseorder_action", args=[order.pk, name])


def buttons(client, order):
    return [entry["action"].name for entry in client.get(page(order)).context["object_action_buttons"]]


def status(order):
    order.refresh_from_db()
    return order.status


def bulk(client, name, *orders, **values):
    """Choose an action of the list for some orders, and answer the page it asks with."""
    listed = form(client.get(ORDERS), action="")
    chosen = {"action": name, "_selected_action": [order.pk for order in orders]}
    asked = client.post(ORDERS, {**listed, **chosen})
    return client.post(ORDERS, {**form(asked), **chosen, "_apply": "1", **values}, follow=True)


class TestMaking:
    def test_an_order_is_placed_with_its_lines_by_whoever_fills_in_the_page(self, staff):
        bolt, nut, supplier = ItemFactory(), ItemFactory(), SupplierFactory(currency="KES")

        send(
            enter(staff),
            NEW,
            **{
                "supplier": supplier.pk,
                "reference": "Q-1",
                "lines-0-item": bolt.pk,
                "lines-0-quantity": "10",
                "lines-0-unit_price": "2.50",
                "lines-0-tax_rate": "18",
                "lines-2-item": nut.pk,
                "lines-2-quantity": "3",
                "lines-2-unit_price": "1",
            },
        )

        made = PurchaseOrder.objects.get()
        assert (made.status, made.created_by, made.currency) == (OrderStatus.PENDING, staff, "KES")
        assert [line.item for line in made.lines.order_by("number")] == [bolt, nut]
        assert (made.subtotal, made.tax_amount) == (Decimal("28.00"), Decimal("4.50"))

    def test_an_order_may_stay_a_draft(self, staff):
        send(
            enter(staff),
            NEW,
            **{
                "supplier": SupplierFactory().pk,
                "submit": None,
                "lines-0-item": ItemFactory().pk,
                "lines-0-quantity": "10",
                "lines-0-unit_price": "2",
            },
        )

        assert PurchaseOrder.objects.get().status == OrderStatus.DRAFT

    def test_what_the_domain_refuses_stands_beside_its_field_and_line_and_nothing_typed_is_lost(self, staff):
        held, whole = SupplierFactory(on_hold=True), ItemFactory(unit_id="PR")

        answer = send(
            enter(staff),
            NEW,
            **{
                "supplier": held.pk,
                "notes": "By truck",
                "lines-1-item": whole.pk,
                "lines-1-quantity": "1.5",
                "lines-1-unit_price": "2",
            },
        )

        assert not PurchaseOrder.objects.exists()
        assert answer.context["adminform"].form.errors["supplier"]
        assert form(answer)["notes"] == "By truck"
        assert form(answer)["lines-1-quantity"] == "1.5"

        answer = send(
            enter(staff),
            NEW,
            **{
                "supplier": SupplierFactory().pk,
                "lines-1-item": whole.pk,
                "lines-1-quantity": "1.5",
                "lines-1-unit_price": "2",
            },
        )

        (lines, *_others) = answer.context["inline_admin_formsets"]
        assert [form.errors for form in lines.formset.forms][1] == {
            "quantity": ["This item is ordered in whole units."]
        }

    def test_an_order_without_lines_is_refused(self, staff):
        answer = send(enter(staff), NEW, supplier=SupplierFactory().pk)

        assert not PurchaseOrder.objects.exists()
        assert "at least one line" in answer.content.decode()

    def test_the_same_form_sent_twice_makes_one_order(self, staff):
        client = enter(staff)
        filled = {
            **form(client.get(NEW)),
            "supplier": SupplierFactory().pk,
            "lines-0-item": ItemFactory().pk,
            "lines-0-quantity": "10",
            "lines-0-unit_price": "2",
        }

        client.post(NEW, filled)
        client.post(NEW, filled)

        assert PurchaseOrder.objects.count() == 1


class TestChanging:
    def test_its_maker_changes_an_order_until_it_is_approved(self, staff):
        mine = order(line(quantity=10, unit_price=2), by=staff)
        client = enter(staff)

        send(client, page(mine), **{"notes": "Urgent", "lines-0-quantity": "12"})

        mine.refresh_from_db()
        assert (mine.notes, mine.total_amount) == ("Urgent", Decimal(24))
        ordering.approve(mine, by=UserFactory(admin=True))
        assert client.post(page(mine), {"notes": "Too late"}).status_code == 403

    def test_staff_may_not_change_somebody_elses_order(self, staff):
        theirs = order(by=UserFactory())

        assert enter(staff).post(page(theirs), {"notes": "Mine now"}).status_code == 403

    def test_a_manager_changes_anybodys_order(self, manager):
        theirs = order(by=UserFactory())

        send(enter(manager), page(theirs), notes="Checked")

        theirs.refresh_from_db()
        assert theirs.notes == "Checked"

    def test_a_line_can_be_taken_out(self, staff):
        bolt, nut = ItemFactory(), ItemFactory()
        mine = order(line(bolt), line(nut), by=staff)

        send(enter(staff), page(mine), **{"lines-0-DELETE": "on"})

        assert [line.item for line in mine.lines.all()] == [nut]

    def test_a_rejected_order_that_is_changed_asks_for_approval_again(self, staff, manager):
        mine = order(by=staff)
        ordering.reject(mine, by=manager, reason="Too dear")

        send(enter(staff), page(mine), **{"lines-0-unit_price": "1"})

        assert status(mine) == OrderStatus.PENDING

    def test_nobody_deletes_an_order(self, admin):
        theirs = order()

        answer = enter(admin).post(
            reverse("admin:procurement_purchaseorder_delete", args=[theirs.pk]), {"post": "yes"}
        )

        assert answer.status_code == 403


class TestDeciding:
    def test_a_manager_approves_with_a_comment(self, manager):
        pending = order()

        send(enter(manager), action(pending, "approve"), comment="Within the budget")

        assert status(pending) == OrderStatus.APPROVED
        assert pending.approved_by == manager
        assert pending.history.last().comment == "Within the budget"

    def test_nobody_is_offered_to_decide_on_the_own_order(self, manager):
        mine = order(by=manager)
        client = enter(manager)

        assert buttons(client, mine) == ["cancel"]
        answer = client.post(action(mine, "approve"), {}, follow=True)

        assert "not possible now" in messages(answer)[0]
        assert status(mine) == OrderStatus.PENDING

    def test_above_the_limit_the_refusal_stands_in_the_form(self, manager):
        dear = order(line(quantity=1, unit_price=1_000_001))

        answer = send(enter(manager), action(dear, "approve"), comment="Please")

        assert "you may approve up to 1000000.00" in answer.context["form"].non_field_errors()[0]
        assert status(dear) == OrderStatus.PENDING

    def test_the_rate_is_asked_for_where_the_order_is_not_in_base_currency(self, manager):
        foreign = order(line(quantity=10, unit_price=2), currency="EUR")
        client = enter(manager)

        answer = send(client, action(foreign, "approve"))
        assert answer.context["form"].errors["exchange_rate"]

        send(client, action(foreign, "approve"), exchange_rate="1.25")
        foreign.refresh_from_db()
        assert (foreign.exchange_rate, foreign.total_base) == (Decimal("1.25"), Decimal(25))

    def test_a_stored_rate_is_taken_when_none_is_entered(self, manager):
        ExchangeRate.objects.create(currency="EUR", rate=Decimal("1.10"), valid_from="2020-01-01")
        foreign = order(line(quantity=10, unit_price=2), currency="EUR")

        send(enter(manager), action(foreign, "approve"))

        foreign.refresh_from_db()
        assert foreign.total_base == Decimal(22)

    def test_rejecting_takes_a_reason(self, manager):
        pending = order()
        client = enter(manager)

        answer = send(client, action(pending, "reject"), reason="")
        assert answer.context["form"].errors["reason"]

        send(client, action(pending, "reject"), reason="Too dear")
        assert status(pending) == OrderStatus.REJECTED
        assert pending.rejection_reason == "Too dear"

    def test_a_second_click_on_approve_approves_once(self, manager):
        pending = order()
        client = enter(manager)
        filled = form(client.get(action(pending, "approve")))

        client.post(action(pending, "approve"), filled)
        answer = client.post(action(pending, "approve"), filled, follow=True)

        assert "carried out once" in messages(answer)[-1]
        assert pending.history.filter(to_status=OrderStatus.APPROVED).count() == 1

    def test_one_refused_order_does_not_stop_the_others(self, manager):
        mine, theirs = order(by=manager), order()

        answer = bulk(enter(manager), "approve_selected", mine, theirs)

        assert status(theirs) == OrderStatus.APPROVED
        assert status(mine) == OrderStatus.PENDING
        said = messages(answer)
        assert any(mine.po_number in sentence and "You made" in sentence for sentence in said)

    def test_several_orders_are_rejected_for_one_reason(self, manager):
        first, second = order(), order()

        bulk(enter(manager), "reject_selected", first, second, reason="Next year")

        assert status(first) == status(second) == OrderStatus.REJECTED

    def test_a_draft_is_submitted_by_a_click(self, staff):
        draft = order(by=staff, submit=False)

        press(enter(staff), page(draft), "/do/submit/")

        assert status(draft) == OrderStatus.PENDING

    @pytest.mark.parametrize(
        ("who", "may"),
        [pytest.param("staff", False, id="staff"), pytest.param("manager", True, id="manager")],
    )
    def test_only_a_manager_cancels_an_approved_order(self, request, who, may):
        user = request.getfixturevalue(who)
        approved = approved_order(by=user)

        assert ("cancel" in buttons(enter(user), approved)) is may

    def test_its_maker_cancels_a_pending_order_with_a_reason(self, staff):
        mine = order(by=staff)

        send(enter(staff), action(mine, "cancel"), reason="Not needed")

        assert status(mine) == OrderStatus.CANCELLED


class TestReceiving:
    def test_all_is_received_in_one_click(self, staff):
        bolt, store = ItemFactory(), LocationFactory()
        due = approved_order(line(bolt, quantity=10), deliver_to=store)

        answer = press(enter(staff), page(due), "/do/receive-all/")

        assert status(due) == OrderStatus.DELIVERED
        assert on_hand(bolt, store) == 10
        assert GoodsReceipt.objects.get().number in messages(answer)[0]

    def test_a_double_click_receives_once(self, staff):
        bolt = ItemFactory()
        due = approved_order(line(bolt, quantity=10))
        client = enter(staff)
        filled = form(client.get(page(due)), action="/do/receive-all/")

        client.post(action(due, "receive-all"), filled)
        client.post(action(due, "receive-all"), filled)

        assert on_hand(bolt) == 10
        assert GoodsReceipt.objects.count() == 1

    def test_the_page_proposes_all_that_is_outstanding_at_its_location(self, staff):
        store = LocationFactory()
        due = approved_order(line(quantity=10), deliver_to=store)
        (only,) = due.lines.all()

        proposed = form(enter(staff).get(action(due, "receive")))

        assert proposed[f"line-{only.pk}-quantity"] == "10"
        assert proposed[f"line-{only.pk}-location"] == str(store.pk)

    def test_a_part_is_received_by_line_with_its_lot(self, staff):
        syrup, bolt, shelf = ItemFactory(tracking="lot"), ItemFactory(), LocationFactory()
        due = approved_order(line(syrup, quantity=10), line(bolt, quantity=5))
        first, second = due.lines.order_by("number")

        send(
            enter(staff),
            action(due, "receive"),
            **{
                "reference": "DN-1",
                f"line-{first.pk}-quantity": "4",
                f"line-{first.pk}-lot": "L1",
                f"line-{first.pk}-expires_on": "2031-07-15",
                f"line-{first.pk}-location": shelf.pk,
                f"line-{second.pk}-quantity": "",
            },
        )

        assert status(due) == OrderStatus.PARTIALLY_DELIVERED
        assert on_hand(syrup, shelf) == 4
        assert on_hand(bolt) == 0
        assert syrup.lots.get().expires_on.isoformat() == "2031-07-15"
        assert GoodsReceipt.objects.get().reference == "DN-1"

    def test_a_missing_lot_is_asked_for_at_its_line(self, staff):
        bolt, syrup = ItemFactory(), ItemFactory(tracking="lot")
        due = approved_order(line(bolt, quantity=5), line(syrup, quantity=10))

        answer = send(enter(staff), action(due, "receive"))

        problems = [line_form.errors for line_form in answer.context["form"].line_forms]
        assert problems == [{}, {"lot": ["Name the lot: this item is tracked."]}]
        assert not StockMovement.objects.exists()

    def test_more_than_outstanding_is_refused(self, staff):
        due = approved_order(line(quantity=10))
        (only,) = due.lines.all()

        answer = send(enter(staff), action(due, "receive"), **{f"line-{only.pk}-quantity": "11"})

        assert "only 10 are outstanding" in answer.context["form"].non_field_errors()[0]

    def test_several_orders_are_received_in_full(self, staff):
        first, second, pending = approved_order(), approved_order(), order()

        answer = bulk(enter(staff), "receive_selected", first, second, pending)

        assert status(first) == status(second) == OrderStatus.DELIVERED
        assert any(pending.po_number in sentence for sentence in messages(answer))


class TestLists:
    def test_orders_are_found_by_number_supplier_and_item(self, staff):
        found = order(line(ItemFactory(name="Hexagon bolt")), supplier=SupplierFactory(name="Kigali Steel"))
        order()
        client = enter(staff)

        for typed in (found.po_number, "steel kigali", "hexagon"):
            assert list(client.get(ORDERS, {"q": typed}).context["cl"].result_list) == [found]

    @pytest.mark.parametrize(
        "which", ["status__exact=approved", "due=overdue", "supplier__id__exact={supplier}"]
    )
    def test_orders_are_filtered(self, staff, which):
        late = approved_order(expected_date="2020-01-01")
        order()

        answer = enter(staff).get(f"{ORDERS}?{which.format(supplier=late.supplier_id)}")

        assert list(answer.context["cl"].result_list) == [late]

    @pytest.mark.parametrize("name", ["purchaseorder", "purchaseorderline", "orderhistory", "goodsreceipt"])
    def test_each_list_costs_the_same_queries_for_one_row_as_for_ten(self, staff, name):
        client = enter(staff)
        url = reverse(f"admin:procurement_{name}_changelist")

        def more():
            press(client, page(approved_order()), "/do/receive-all/")

        more()
        client.get(url)
        one = count_queries(lambda: client.get(url))
        for _number in range(9):
            more()

        assert count_queries(lambda: client.get(url)) == one

    @pytest.mark.parametrize(
        "name", ["purchaseorder", "purchaseorderline", "orderhistory", "goodsreceipt", "goodsreceiptline"]
    )
    def test_an_export_costs_the_same_queries_for_one_row_as_for_ten(self, manager, name):
        client = enter(manager)
        url = reverse(f"admin:procurement_{name}_export")
        filled = {**form(client.get(url)), "format": "1"}

        def more():
            press(client, page(approved_order()), "/do/receive-all/")

        more()
        one = count_queries(lambda: client.post(url, filled))
        for _number in range(9):
            more()

        assert count_queries(lambda: client.post(url, filled)) == one

    def test_the_page_of_an_order_costs_the_same_queries_for_two_lines_as_for_twenty(self, staff):
        client = enter(staff)
        small = approved_order(*[line() for _number in range(2)])
        large = approved_order(*[line() for _number in range(20)])
        client.get(page(small))

        few = count_queries(lambda: client.get(page(small)))

        assert count_queries(lambda: client.get(page(large))) == few

    def test_a_receipt_shows_its_lines(self, staff):
        bolt = ItemFactory(name="Hexagon bolt")
        due = approved_order(line(bolt, quantity=10))
        client = enter(staff)
        press(client, page(due), "/do/receive-all/")

        shown = client.get(
            reverse("admin:procurement_goodsreceipt_change", args=[GoodsReceipt.objects.get().pk])
        )

        assert "Hexagon bolt" in shown.content.decode()
