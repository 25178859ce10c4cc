"""The page of reorder suggestions: who sees it, what one click makes, and what it refuses."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from ipms.testing.back_office import count_queries, enter, form, messages
from procurement.models import OrderStatus, PurchaseOrder
from procurement.tests.shelves import bought, used_item
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/procurement/reorder-suggestions/"


def due(name="Bolt", seller=None, **fields):
    item = used_item(*[7] * 20, left=0, lead_time_days=10, name=name, **fields)
    bought(item, took=2, **({"supplier": seller} if seller else {}))
    return item


def drafts():
    return PurchaseOrder.objects.filter(status=OrderStatus.DRAFT).order_by("pk")


@pytest.fixture
def buyer(staff):
    return enter(staff)


def test_suggestions_stand_under_their_supplier_with_their_reasons(buyer):
    seller = SupplierFactory(name="Kigali Steel")
    due("Steel rod", seller)

    page = buyer.get(PAGE).content.decode()

    assert page.index("Kigali Steel") < page.index("Steel rod") < page.index("no more than the reorder point")
    assert "Make draft order" in page


def test_one_click_makes_a_draft_for_each_supplier_and_leads_to_them(buyer, staff):
    due("Bolt"), due("Nut")
    sent = form(buyer.get(PAGE))

    answer = buyer.post(PAGE, sent, follow=True)

    made = [*drafts()]
    assert [order.created_by for order in made] == [staff, staff]
    for order in made:
        assert reverse("admin:procurement_purchaseorder_change", args=[order.pk]) in messages(answer)[0]
    assert "Nothing has to be ordered now." in answer.content.decode()


def test_the_button_of_a_supplier_orders_from_it_alone(buyer):
    seller = SupplierFactory()
    due("Bolt", seller), due("Nut")
    sent = form(buyer.get(PAGE))

    buyer.post(PAGE, {**sent, "supplier": str(seller.pk)})

    assert [order.supplier for order in drafts()] == [seller]


def test_only_what_is_ticked_is_ordered_in_the_quantity_that_was_typed(buyer):
    seller = SupplierFactory()
    bolt, nut = due("Bolt", seller), due("Nut", seller)
    sent = form(buyer.get(PAGE))

    buyer.post(PAGE, {**sent, f"item-{seller.pk}": [bolt.pk], f"quantity-{bolt.pk}": "12"})

    (order,) = drafts()
    assert [(line.item, line.quantity) for line in order.lines.all()] == [(bolt, 12)]
    assert nut.order_lines.filter(order=order).count() == 0


def test_a_double_click_makes_one_draft(buyer):
    due()
    sent = form(buyer.get(PAGE))

    buyer.post(PAGE, sent)
    answer = buyer.post(PAGE, sent, follow=True)

    assert drafts().count() == 1
    assert "The form came twice; it was carried out once." in messages(answer)


@pytest.mark.parametrize("typed", ["", "many", "-3", "0"])
def test_a_quantity_that_cannot_be_is_marked_and_nothing_is_ordered(buyer, typed):
    bolt = due()
    due("Nut")
    sent = form(buyer.get(PAGE))

    answer = buyer.post(PAGE, {**sent, f"quantity-{bolt.pk}": typed})

    assert "suggestion--refused" in answer.content.decode()
    assert "Nothing was ordered" in answer.content.decode()
    assert not drafts().exists()


def test_what_somebody_else_asked_for_meanwhile_is_refused(buyer, manager):
    due()
    sent, other = form(buyer.get(PAGE)), enter(manager)
    other.post(PAGE, form(other.get(PAGE)))

    answer = buyer.post(PAGE, sent)

    assert "need not be ordered" in messages(answer)[0]
    assert drafts().count() == 1


def test_nothing_ticked_is_told(buyer):
    due()

    answer = buyer.post(PAGE, {"csrfmiddlewaretoken": "x"})

    assert "Choose at least one item." in messages(answer)[0]


def test_what_was_never_ordered_stands_apart_without_a_tick(buyer):
    item = used_item(*[7] * 20, left=0, name="Gasket")

    page = buyer.get(PAGE).content.decode()

    assert "No supplier known" in page
    assert f"quantity-{item.pk}" not in page


@pytest.mark.parametrize("missing", ["add_purchaseorder", "view_item"])
def test_the_page_is_for_those_who_order_and_see_items(buyer, staff, missing):
    for group in staff.groups.all():
        group.permissions.remove(*Permission.objects.filter(codename=missing))

    assert buyer.get(PAGE).status_code == 403
    assert buyer.post(PAGE, {}).status_code == 403


def test_any_number_of_suggestions_costs_the_same_queries(buyer):
    due()
    one = count_queries(lambda: buyer.get(PAGE))
    for name in ("Nut", "Washer", "Screw"):
        due(name)

    assert count_queries(lambda: buyer.get(PAGE)) == one


def test_the_sidebar_leads_to_the_page(buyer):
    assert f'href="{PAGE}"' in buyer.get("/admin/").content.decode()


def test_the_page_of_an_item_says_when_it_is_ordered_again(buyer):
    bolt = due()

    page = buyer.get(reverse("admin:inventory_item_change", args=[bolt.pk])).content.decode()

    assert "Expected demand a week" in page
    assert f'href="{PAGE}"' in page[page.index("To order now") - 300 :]
