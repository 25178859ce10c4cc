from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory
from ipms.testing.back_office import enter, form, send
from procurement import ordering
from procurement.models import OrderStatus, PurchaseOrder
from procurement.tests.back_office import NEW, page, status
from procurement.tests.factories import line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db


def test_an_order_is_placed_with_its_lines_by_whoever_fills_in_the_page(staff):
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


def test_an_order_may_stay_a_draft(staff):
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


def test_what_the_domain_refuses_stands_beside_its_field_and_line_and_nothing_typed_is_lost(staff):
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


def test_an_order_without_lines_is_refused(staff):
    answer = send(enter(staff), NEW, supplier=SupplierFactory().pk)

    assert not PurchaseOrder.objects.exists()
    assert "at least one line" in answer.content.decode()


def test_the_same_form_sent_twice_makes_one_order(staff):
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


def test_its_maker_changes_an_order_until_it_is_approved(staff):
    mine = order(line(quantity=10, unit_price=2), by=staff)
    client = enter(staff)

    send(client, page(mine), **{"notes": "Urgent", "lines-0-quantity": "12"})

    mine.refresh_from_db()
    assert (mine.notes, mine.total_amount) == ("Urgent", Decimal(24))
    ordering.approve(mine, by=UserFactory(admin=True))
    assert client.post(page(mine), {"notes": "Too late"}).status_code == 403


def test_staff_may_not_change_somebody_elses_order(staff):
    theirs = order(by=UserFactory())

    assert enter(staff).post(page(theirs), {"notes": "Mine now"}).status_code == 403


def test_a_manager_changes_anybodys_order(manager):
    theirs = order(by=UserFactory())

    send(enter(manager), page(theirs), notes="Checked")

    theirs.refresh_from_db()
    assert theirs.notes == "Checked"


def test_a_line_can_be_taken_out(staff):
    bolt, nut = ItemFactory(), ItemFactory()
    mine = order(line(bolt), line(nut), by=staff)

    send(enter(staff), page(mine), **{"lines-0-DELETE": "on"})

    assert [line.item for line in mine.lines.all()] == [nut]


def test_a_rejected_order_that_is_changed_asks_for_approval_again(staff, manager):
    mine = order(by=staff)
    ordering.reject(mine, by=manager, reason="Too dear")

    send(enter(staff), page(mine), **{"lines-0-unit_price": "1"})

    assert status(mine) == OrderStatus.PENDING


def test_nobody_deletes_an_order(admin):
    theirs = order()

    answer = enter(admin).post(
        reverse("admin:procurement_purchaseorder_delete", args=[theirs.pk]), {"post": "yes"}
    )

    assert answer.status_code == 403
