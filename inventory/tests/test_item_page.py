"""The page of an item as its reader sees it, and the pages of its lots and places."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory import count_entry, counting, items, ledger, stock
from inventory.count_entry import Figure
from inventory.count_scope import Scope
from inventory.models import LocationKind, Lot, LotStatus, StockCount, Tracking
from inventory.stock import virtual_location
from inventory.tests.factories import ItemFactory, LocationFactory
from inventory.tests.factories import stock as take_in
from ipms.testing.back_office import count_queries, enter, form, send

pytestmark = pytest.mark.django_db

HANDLING = reverse("admin:inventory_handling")


def page(record, name="change"):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{name}", args=[record.pk])


def text(answer):
    return answer.content.decode()


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


@pytest.fixture
def yeast(shelf):
    item = ItemFactory(sku="YEAST", tracking=Tracking.LOT)
    for lot, days in (("OLD", -3), ("NEAR", 5), ("FRESH", 300)):
        take_in(item, shelf, 10, lot=lot, expires_on=timezone.localdate() + timedelta(days=days))
    return item


def test_a_lot_that_expired_or_is_about_to_is_marked_and_stands_first(staff, yeast, settings):
    settings.EXPIRY_WARNING_DAYS = [30]

    shown = text(enter(staff).get(page(yeast)))

    assert 'badge--bad">Expired ' in shown
    assert ", in 5 days" in shown
    assert shown.count('badge--warn">Expires ') == 1
    assert shown.index(">OLD<") < shown.index(">NEAR<") < shown.index(">FRESH<")


def test_a_lot_in_quarantine_says_so(staff, yeast):
    Lot.objects.filter(number="FRESH").update(status=LotStatus.QUARANTINE)

    assert "Quarantine" in text(enter(staff).get(page(yeast)))


def test_what_stands_leads_to_the_page_that_moves_it_with_all_filled_in(staff, yeast):
    client = enter(staff)
    shown = text(client.get(page(yeast)))
    query = "location=SHELF&amp;item=YEAST&amp;lot=NEAR"
    assert f'href="{HANDLING}?{query}"' in shown

    moving = client.get(f"{HANDLING}?{query.replace('&amp;', '&')}")

    filled = form(moving, action="issue-and-transfer/")
    assert (filled["location"], filled["line-0-item"], filled["line-0-lot"]) == ("SHELF", "YEAST", "NEAR")
    assert yeast.name in text(moving)


def test_what_was_filled_in_from_the_page_is_posted_as_it_stands(staff, yeast, shelf):
    client = enter(staff)
    address = f"{HANDLING}?location=SHELF&item=YEAST&lot=NEAR"

    filled = form(client.get(address), action="issue-and-transfer/")
    answer = client.post(HANDLING, {**filled, "kind": "issue", "line-0-quantity": "4", "post": "1"})

    assert "posted=YEAST" in answer["Location"]
    movement = yeast.movements.first()
    assert (movement.kind, movement.quantity, movement.lot.number) == ("issue", 4, "NEAR")


def test_who_may_not_move_stock_is_not_led_there(yeast):
    reader = UserFactory()
    reader.groups.clear()
    reader.user_permissions.set(Permission.objects.filter(codename__in=["view_item", "view_stockbalance"]))

    shown = text(enter(reader).get(page(yeast)))

    assert "YEAST" in shown
    assert HANDLING not in shown
    assert "Last movements" not in shown


def test_a_month_leads_to_its_movements_in_the_ledger(staff, shelf):
    bolt, now = ItemFactory(), timezone.now()
    take_in(bolt, shelf, 100)
    stock.remove(bolt, quantity=Decimal(30), location=shelf, by=staff)
    client = enter(staff)

    shown = text(client.get(page(bolt)))

    today = timezone.localtime(now)
    ledger_page = reverse("admin:inventory_stockmovement_changelist")
    address = (
        f"{ledger_page}?item__id__exact={bolt.pk}"
        f"&occurred_at__year={today.year}&occurred_at__month={today.month}"
    )
    assert address.replace("&", "&amp;") in shown
    assert len(client.get(address).context["cl"].result_list) == 2


def test_the_ledger_tells_why_and_leads_to_the_document(staff, manager, shelf):
    bolt = ItemFactory()
    take_in(bolt, shelf, 10)
    count = counting.create(Scope(location=shelf), by=staff)
    count_entry.enter(count, [Figure(line=count.lines.get(), counted=Decimal(9))], by=staff)
    counting.submit(count, by=staff)
    counting.approve(count, by=manager)
    client = enter(staff)

    shown = text(client.get(page(bolt)))

    address = reverse("admin:search", query={"q": count.number})
    assert f'href="{address}">{count.number}</a>' in shown
    assert client.get(address).url == page(count)


def test_an_open_count_of_the_item_is_told_and_a_finished_one_is_not(staff, manager, shelf):
    bolt = ItemFactory()
    take_in(bolt, shelf, 10)
    count = counting.create(Scope(location=shelf), by=staff)

    assert "Being counted" in text(enter(staff).get(page(bolt)))
    assert count.number in text(enter(staff).get(page(shelf)))
    counting.cancel(count, by=staff, reason="Not today")
    assert "Being counted" not in text(enter(staff).get(page(bolt)))
    assert "Being counted" not in text(enter(staff).get(page(shelf)))


def test_a_count_is_begun_from_the_item(staff, shelf):
    bolt, nut = ItemFactory(), ItemFactory()
    take_in(bolt, shelf, 10)
    take_in(nut, shelf, 10)
    client = enter(staff)
    address = reverse("admin:inventory_stockcount_add", query={"items": bolt.pk})
    assert address in text(client.get(page(bolt)))

    send(client, address)

    (line,) = StockCount.objects.get().lines.select_related("item")
    assert line.item == bolt


def test_the_page_says_who_changed_what_in_words(admin):
    bolt = ItemFactory(name="Bolt")
    client = enter(admin)
    send(client, page(bolt), name="Hexagon bolt")

    shown = text(client.get(page(bolt)))

    assert f"<strong>{admin}</strong>" in shown
    assert "<del>Bolt</del> → <ins>Hexagon bolt</ins>" in shown
    assert page(bolt, "history") in shown


def test_who_reads_has_no_form_to_fill_in(staff, manager):
    bolt = ItemFactory()

    assert 'href="#edit"' not in text(enter(staff).get(page(bolt)))
    assert 'href="#edit"' in text(enter(manager).get(page(bolt)))


def test_the_form_is_folded_away_until_it_is_refused(manager):
    bolt = ItemFactory()
    client = enter(manager)
    assert '<details class="edit" id="edit">' in text(client.get(page(bolt)))

    refused = send(client, page(bolt), name="")

    assert '<details class="edit" id="edit" open>' in text(refused)


def test_save_and_stay_comes_back_to_the_form(manager):
    bolt = ItemFactory()

    answer = send(enter(manager), page(bolt), name="Hexagon bolt", _continue="1", follow=False)

    assert answer["Location"] == f"{page(bolt)}#edit"


def test_the_pages_cost_the_same_queries_however_much_stands_moved_and_is_counted(staff, manager):
    shelves = [LocationFactory(parent=LocationFactory(kind="site")) for _number in range(6)]
    site = shelves[0].parent
    shelves[1].parent = site
    shelves[1].save()
    yeast = ItemFactory(tracking=Tracking.LOT)
    take_in(yeast, shelves[0], 10, lot="L0")
    counting.create(Scope(location=shelves[0]), by=staff)
    client, lot = enter(staff), Lot.objects.get()
    pages = [page(yeast), page(lot), page(site)]

    def cost():
        for address in pages:
            client.get(address)
        return [count_queries(lambda address=address: client.get(address)) for address in pages]

    few = cost()
    for number, shelf in enumerate(shelves):
        movement = take_in(yeast, shelf, 10, lot=f"L{number % 2}")
        take_in(ItemFactory(), shelf, 10)
        ledger.reverse(movement, by=manager, reason="Slip")
        take_in(yeast, shelf, 5, lot="L0")
        counting.create(Scope(location=shelf), by=staff)
        items.update(yeast, name=f"Yeast {number}")

    assert cost() == few
    assert max(few) <= 40


def test_the_page_of_a_place_shows_what_stands_inside_it_and_what_moved_there(staff):
    site = LocationFactory(kind="site", code="PLANT")
    shelf = LocationFactory(code="SHELF", parent=site)
    elsewhere = LocationFactory()
    bolt, nut = ItemFactory(sku="BOLT"), ItemFactory(sku="NUT")
    take_in(bolt, shelf, 10, unit_cost=Decimal(2))
    take_in(bolt, elsewhere, 10, unit_cost=Decimal(4))
    take_in(nut, elsewhere, 10)

    shown = text(enter(staff).get(page(site)))

    assert "BOLT" in shown
    assert "NUT" not in shown
    assert ">30.00<" in shown  # ten at the average cost of three


def test_outside_the_gate_nothing_stands_but_movements_show(staff, shelf):
    take_in(ItemFactory(sku="BOLT"), shelf, 10)

    shown = text(enter(staff).get(page(virtual_location(LocationKind.SUPPLIER))))

    assert "What stands here" not in shown
    assert "BOLT" in shown


def test_the_page_of_a_lot_tells_whether_it_may_be_used(staff, yeast):
    client = enter(staff)

    assert "it is not issued" in text(client.get(page(Lot.objects.get(number="OLD"))))
    assert "it is not issued" not in text(client.get(page(Lot.objects.get(number="FRESH"))))
