from decimal import Decimal

import pytest
from django.urls import reverse

from inventory.models import Item, MovementKind, StockMovement
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, on_hand, stock
from ipms.testing.back_office import count_queries, enter, form, messages, send

pytestmark = pytest.mark.django_db

ITEMS = reverse("admin:inventory_item_changelist")


def page(item):
    return reverse("admin:inventory_item_change", args=[item.pk])


def action(item, name):
    return reverse("admin:inventory_item_action", args=[item.pk, name])


def test_an_item_is_made_with_what_stands_of_it_already(manager):
    shelf = LocationFactory()

    send(
        enter(manager),
        reverse("admin:inventory_item_add"),
        sku="BOLT",
        name="Bolt",
        location=shelf.pk,
        unit_price="2",
        quantity="10",
        unit_cost="1.50",
    )

    bolt = Item.objects.get(sku="BOLT")
    assert bolt.currency == "USD"
    assert on_hand(bolt, shelf) == 10
    movement = StockMovement.objects.get()
    assert (movement.kind, movement.unit_cost, movement.actor) == ("opening", Decimal("1.5"), manager)


def test_an_opening_balance_without_a_location_is_refused_beside_the_field(manager):
    answer = send(enter(manager), reverse("admin:inventory_item_add"), sku="BOLT", name="Bolt", quantity="10")

    assert answer.context["adminform"].form.errors["location"]
    assert not Item.objects.exists()


def test_tracking_cannot_change_while_stock_stands(manager):
    bolt = ItemFactory()
    stock(bolt, LocationFactory(), 5)

    answer = send(enter(manager), page(bolt), tracking="lot")

    assert answer.context["adminform"].form.errors["tracking"]
    bolt.refresh_from_db()
    assert bolt.tracking == "none"


def test_adding_stock_posts_a_receipt_by_whoever_added_it(staff):
    bolt, shelf = ItemFactory(), LocationFactory()

    answer = send(enter(staff), action(bolt, "add-stock"), quantity="12.5", location=shelf.pk, unit_cost="3")

    assert on_hand(bolt, shelf) == Decimal("12.5")
    assert StockMovement.objects.get().actor == staff
    assert "12.5 EA" in messages(answer)[0]


def test_removing_more_than_stands_is_refused_in_the_form_with_what_was_typed(staff):
    bolt, shelf = ItemFactory(), LocationFactory()
    stock(bolt, shelf, 5)

    answer = send(enter(staff), action(bolt, "remove-stock"), quantity="6", reason="Line 3")

    assert answer.context["form"].non_field_errors()
    assert form(answer)["reason"] == "Line 3"
    assert on_hand(bolt, shelf) == 5


def test_scrap_is_told_from_use(staff):
    bolt, shelf = ItemFactory(), LocationFactory()
    stock(bolt, shelf, 5)

    send(enter(staff), action(bolt, "remove-stock"), quantity="2", kind="scrap")

    assert StockMovement.objects.first().kind == MovementKind.SCRAP


def test_a_transfer_moves_stock_between_two_locations(staff):
    bolt, shelf, cellar = ItemFactory(), LocationFactory(), LocationFactory()
    stock(bolt, shelf, 5)

    send(enter(staff), action(bolt, "transfer-stock"), quantity="2", to_location=cellar.pk)

    assert on_hand(bolt, shelf) == 3
    assert on_hand(bolt, cellar) == 2


def test_a_count_that_agrees_posts_nothing(manager):
    bolt, shelf = ItemFactory(), LocationFactory()
    stock(bolt, shelf, 5)

    answer = send(
        enter(manager), action(bolt, "adjust-stock"), counted="5", location=shelf.pk, reason="Monthly count"
    )

    assert "nothing was posted" in messages(answer)[0]
    assert StockMovement.objects.count() == 1


def test_a_second_click_on_add_adds_once(staff):
    bolt, shelf = ItemFactory(), LocationFactory()
    client = enter(staff)
    filled = {**form(client.get(action(bolt, "add-stock"))), "quantity": "5", "location": shelf.pk}

    client.post(action(bolt, "add-stock"), filled)
    answer = client.post(action(bolt, "add-stock"), filled, follow=True)

    assert on_hand(bolt) == 5
    assert "carried out once" in messages(answer)[-1]


def test_only_a_tracked_item_is_asked_for_its_lot(staff):
    bolt, syrup, shelf = ItemFactory(), ItemFactory(tracking="lot"), LocationFactory()
    client = enter(staff)

    assert "lot" not in form(client.get(action(bolt, "add-stock")))
    send(
        client,
        action(syrup, "add-stock"),
        quantity="5",
        location=shelf.pk,
        lot="L1",
        expires_on="2031-07-15",
    )

    assert syrup.lots.get().number == "L1"


def test_an_item_that_moved_is_not_deleted(admin):
    bolt = ItemFactory()
    stock(bolt, LocationFactory(), 5)

    enter(admin).post(reverse("admin:inventory_item_delete", args=[bolt.pk]), {"post": "yes"})

    assert Item.objects.filter(pk=bolt.pk).exists()


def test_items_are_found_by_words_in_any_order_with_a_slip(staff):
    ItemFactory(name="Hexagon bolt M8")
    ItemFactory(name="Washer")

    answer = enter(staff).get(ITEMS, {"q": "bolt hexagn"})

    assert [item.name for item in answer.context["cl"].result_list] == ["Hexagon bolt M8"]


@pytest.mark.parametrize("typed", ["bolt-8", "8712345678906"])
def test_what_is_scanned_leads_straight_to_the_item(staff, typed):
    bolt = ItemFactory(sku="BOLT-8", barcode="8712345678906")

    answer = enter(staff).get(reverse("admin:inventory_item_find"), {"q": typed})

    assert answer.url == page(bolt)


def test_what_is_not_one_item_leads_to_the_list(staff):
    answer = enter(staff).get(reverse("admin:inventory_item_find"), {"q": "bolt & nut"})

    assert answer.url == f"{ITEMS}?q=bolt+%26+nut"


@pytest.mark.parametrize("status", ["in-stock", "low-stock", "out-of-stock", "inactive"])
def test_the_list_is_filtered_by_status(staff, status):
    shelf = LocationFactory()
    full, low = ItemFactory(sku="in-stock"), ItemFactory(sku="low-stock", reorder_level=5)
    ItemFactory(sku="out-of-stock")
    ItemFactory(sku="inactive", is_active=False)
    stock(full, shelf, 10)
    stock(low, shelf, 5)

    answer = enter(staff).get(ITEMS, {"status": status})

    assert [item.sku for item in answer.context["cl"].result_list] == [status]


def test_a_category_brings_what_is_below_it(staff):
    hardware = CategoryFactory()
    bolts = CategoryFactory(parent=hardware)
    bolt = ItemFactory(category=bolts)
    ItemFactory()

    answer = enter(staff).get(ITEMS, {"category": hardware.pk})

    assert list(answer.context["cl"].result_list) == [bolt]


def test_a_location_brings_what_stands_inside_it(staff):
    site = LocationFactory(kind="site")
    shelf = LocationFactory(kind="bin", parent=site)
    bolt, nut = ItemFactory(), ItemFactory()
    stock(bolt, shelf, 5)
    stock(nut, LocationFactory(), 5)

    answer = enter(staff).get(ITEMS, {"location": site.pk})

    assert list(answer.context["cl"].result_list) == [bolt]


def test_the_page_of_an_item_tells_where_it_stands(staff):
    bolt, shelf = ItemFactory(), LocationFactory(code="W-77")
    stock(bolt, shelf, 1250, unit_cost=Decimal(2))

    answer = enter(staff).get(page(bolt)).content.decode()

    assert "W-77" in answer
    assert "1,250" in answer
    assert "2,500.00" in answer


def test_the_list_costs_the_same_queries_for_one_item_as_for_twenty(staff):
    client = enter(staff)
    shelf = LocationFactory()
    stock(ItemFactory(category=CategoryFactory()), shelf, 5)
    client.get(ITEMS)
    one = count_queries(lambda: client.get(ITEMS))

    for _number in range(19):
        stock(ItemFactory(category=CategoryFactory()), shelf, 5)

    assert count_queries(lambda: client.get(ITEMS)) == one
