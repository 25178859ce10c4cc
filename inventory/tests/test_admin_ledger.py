from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inventory.models import Location, StockBalance, StockMovement
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, on_hand, stock
from ipms.testing.back_office import count_queries, enter, form, messages, press, send

pytestmark = pytest.mark.django_db

MOVEMENTS = reverse("admin:inventory_stockmovement_changelist")
BALANCES = reverse("admin:inventory_stockbalance_changelist")


def found(answer):
    return list(answer.context["cl"].result_list)


def test_a_movement_is_reversed_with_a_reason(manager):
    bolt = ItemFactory()
    receipt = stock(bolt, LocationFactory(), 5)

    send(
        enter(manager),
        reverse("admin:inventory_stockmovement_action", args=[receipt.pk, "reverse"]),
        reason="Counted twice",
    )

    reversal = StockMovement.objects.get(reverses=receipt)
    assert (reversal.reason, reversal.actor) == ("Counted twice", manager)
    assert on_hand(bolt) == 0


def test_a_reversed_movement_cannot_be_reversed_again(manager):
    receipt = stock(ItemFactory(), LocationFactory(), 5)
    client, url = (
        enter(manager),
        reverse("admin:inventory_stockmovement_action", args=[receipt.pk, "reverse"]),
    )
    send(client, url, reason="Counted twice")

    answer = client.get(url, follow=True)

    assert "not possible now" in messages(answer)[0]
    assert StockMovement.objects.count() == 2


def test_the_ledger_can_be_read_and_not_written(admin):
    receipt = stock(ItemFactory(), LocationFactory(), 5)
    client = enter(admin)

    assert client.get(reverse("admin:inventory_stockmovement_add")).status_code == 403
    assert client.post(reverse("admin:inventory_stockmovement_change", args=[receipt.pk])).status_code == 403
    assert client.get(reverse("admin:inventory_stockmovement_delete", args=[receipt.pk])).status_code == 403


def test_movements_are_found_by_paper_and_by_item(staff):
    bolt, shelf = ItemFactory(name="Hexagon bolt"), LocationFactory()
    with_note = stock(bolt, shelf, 5, reference="DN-4711")
    other = stock(ItemFactory(), shelf, 5)
    client = enter(staff)

    assert found(client.get(MOVEMENTS, {"q": "DN-4711"})) == [with_note]
    assert found(client.get(MOVEMENTS, {"q": "hexagon"})) == [with_note]
    assert found(client.get(MOVEMENTS, {"q": other.item.sku})) == [other]


def test_movements_are_filtered_by_a_location_and_what_is_inside(staff):
    site = LocationFactory(kind="site")
    inside = stock(ItemFactory(), LocationFactory(kind="bin", parent=site), 5)
    stock(ItemFactory(), LocationFactory(), 5)

    assert found(enter(staff).get(MOVEMENTS, {"location": site.pk})) == [inside]


def test_balances_show_what_stands_and_what_is_gone_on_demand(staff):
    bolt, shelf = ItemFactory(), LocationFactory()
    stock(bolt, shelf, 5)
    StockBalance.objects.create(item=ItemFactory(), location=shelf)
    client = enter(staff)

    assert [balance.item for balance in found(client.get(BALANCES))] == [bolt]
    assert len(found(client.get(BALANCES, {"stock": "all"}))) == 2
    assert len(found(client.get(BALANCES, {"stock": "none"}))) == 1


@pytest.mark.parametrize(
    "name", ["stockmovement", "stockbalance", "itemvaluation", "lot", "location", "category", "unitofmeasure"]
)
def test_each_list_costs_the_same_queries_for_one_row_as_for_ten(staff, name):
    client = enter(staff)
    url = reverse(f"admin:inventory_{name}_changelist")

    def more():
        parent = LocationFactory()
        syrup = ItemFactory(tracking="lot")
        stock(syrup, LocationFactory(parent=parent), 5, lot="L1")

    more()
    client.get(url)
    one = count_queries(lambda: client.get(url))
    for _number in range(9):
        more()

    assert count_queries(lambda: client.get(url)) == one


def test_a_file_of_opening_stock_is_previewed_and_posted(manager):
    bolt, shelf = ItemFactory(sku="BOLT"), LocationFactory(code="W1")
    client = enter(manager)
    file = SimpleUploadedFile("opening.csv", b"sku;location;quantity;unit_cost\nBOLT;W1;10;2,5\nNUT;W1;1;1\n")

    preview = client.post(f"{BALANCES}import/", {"file": file}, follow=True)
    assert "There is no item “NUT”." in preview.content.decode()
    assert not StockMovement.objects.exists()
    press(client, preview.redirect_chain[-1][0], "/act/start/")

    assert on_hand(bolt, shelf) == 10
    assert StockMovement.objects.get().value == Decimal(25)


def test_who_may_not_adjust_stock_imports_none(staff):
    assert enter(staff).get(f"{BALANCES}import/").status_code == 403


@pytest.mark.parametrize("name", ["item", "stockmovement", "stockbalance", "lot", "location", "category"])
def test_lists_are_exported_by_managers_and_not_by_staff(staff, manager, name):
    stock(ItemFactory(tracking="lot"), LocationFactory(), 5, lot="L1")
    url = reverse(f"admin:inventory_{name}_export")
    client = enter(manager)

    answer = client.post(url, {**form(client.get(url)), "format": "1"})

    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"].endswith('.csv"')
    assert enter(staff).get(url).status_code == 403


@pytest.mark.parametrize(
    "name", ["item", "stockmovement", "stockbalance", "itemvaluation", "lot", "location", "category"]
)
def test_an_export_costs_the_same_queries_for_one_row_as_for_ten(manager, name):
    client = enter(manager)
    url = reverse(f"admin:inventory_{name}_export")
    filled = {**form(client.get(url)), "format": "1"}

    def more():
        site, category = LocationFactory(), CategoryFactory(parent=CategoryFactory())
        shelf = LocationFactory(parent=site)
        syrup = ItemFactory(tracking="lot", category=category, location=shelf)
        stock(syrup, shelf, 5, lot="L1")

    more()
    one = count_queries(lambda: client.post(url, filled))
    for _number in range(9):
        more()

    assert count_queries(lambda: client.post(url, filled)) == one


def test_a_location_outside_the_gate_cannot_be_changed(admin):
    scrap = Location.objects.get(kind="scrap")

    answer = enter(admin).post(
        reverse("admin:inventory_location_change", args=[scrap.pk]), {"code": "x", "name": "x"}
    )

    assert answer.status_code == 403


def test_only_locations_that_hold_stock_are_offered_where_one_is_chosen(staff, manager):
    LocationFactory(code="W1", is_active=False)
    shelf = LocationFactory(code="W2")
    url = reverse("admin:autocomplete")
    which = {"app_label": "inventory", "model_name": "item", "field_name": "location"}

    answer = enter(manager).get(url, {**which, "term": ""}).json()

    assert [row["text"] for row in answer["results"]] == [str(shelf)]
