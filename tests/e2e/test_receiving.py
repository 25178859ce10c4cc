"""Receiving in a real browser, with a scanner for a keyboard, on a desk and on a phone."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.tests.factories import UserFactory
from inventory.models import Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand
from procurement.models import GoodsReceipt
from procurement.tests.factories import approved_order, line
from tests.e2e.conftest import DESKTOP, PASSWORD, PHONE

pytestmark = pytest.mark.django_db(transaction=True)

both_sizes = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
#: A first load of the page, all files together, as the server sends them uncompressed.
_MOST_BYTES = 165_000


@pytest.fixture
def store():
    return LocationFactory(code="STORE")


@pytest.fixture
def goods():
    names = ("Bolt", "Nut", "Washer", "Pipe", "Valve")
    return [ItemFactory(sku=name.upper(), name=name) for name in names]


@pytest.fixture
def due(goods, store):
    lines = (line(item, 10) for item in goods)
    return approved_order(*lines, deliver_to=store, expected_date=timezone.localdate())


def where(order):
    return f"/admin/procurement/purchaseorder/{order.pk}/do/receive/"


def scan(page, text):
    page.get_by_label("Scan", exact=True).fill(text)
    page.get_by_label("Scan", exact=True).press("Enter")


def quantity(page, item, order):
    return page.locator(f"[name=line-{order.lines.get(item=item).pk}-quantity]")


@both_sizes
def test_all_that_came_as_ordered_is_two_clicks_from_the_first_page(open_as, goods, due, viewport):
    page = open_as(UserFactory(), "/admin/", viewport)

    page.get_by_role("link", name=f"Receive {due}").click()
    page.get_by_role("button", name="Post receipt").dblclick()
    expect(page.get_by_text("Nothing stays open.")).to_be_visible()

    assert [on_hand(item) for item in goods] == [10] * 5
    assert GoodsReceipt.objects.count() == 1
    expect(page.get_by_role("link", name="Print goods receipt").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@both_sizes
def test_a_label_brings_lot_and_expiry_and_a_second_lot_is_a_row_more(open_as, store, viewport):
    milk = ItemFactory(sku="MILK", name="Milk", barcode="5901234123457", tracking=Tracking.LOT)
    due = approved_order(line(quantity=5), line(milk, 10), deliver_to=store)
    page = open_as(UserFactory(), where(due), viewport)
    name = f"line-{due.lines.get(item=milk).pk}"

    scan(page, "(01)05901234123457(17)310630(10)L-7")
    expect(page.locator(f"[name={name}-lot]")).to_have_value("L-7")
    expect(page.locator(f"[name={name}-quantity]")).to_be_focused()
    page.keyboard.type("6")
    expect(page.get_by_text("4 stay open")).to_be_visible()
    scan(page, "(01)05901234123457(17)310731(10)L-8")
    expect(page.locator(f"[name={name}-2-lot]")).to_have_value("L-8")
    expect(page.locator(f"[name={name}-2-quantity]")).to_have_value("4")
    page.get_by_role("button", name="Post receipt").click()
    expect(page.get_by_text("Nothing stays open.")).to_be_visible()

    assert {
        balance.lot.number: (balance.on_hand, str(balance.lot.expires_on)) for balance in milk.balances.all()
    } == {
        "L-7": (6, "2031-06-30"),
        "L-8": (4, "2031-07-31"),
    }


def test_pieces_are_scanned_one_after_the_other(open_as, store):
    pump = ItemFactory(sku="PUMP", name="Pump", barcode="5901234123457", tracking=Tracking.SERIAL)
    due = approved_order(line(pump, 3), deliver_to=store)
    page = open_as(UserFactory(), where(due), PHONE)

    for number in ("S-1", "S-2", "S-2", "S-3"):
        scan(page, f"(01)05901234123457(21){number}")
        expect(page.get_by_label("Scan", exact=True)).to_have_value("")
        expect(page.get_by_label("Serial numbers")).to_have_value(
            "\n".join(f"S-{count}" for count in range(1, int(number[-1]) + 1))
        )
    page.get_by_role("button", name="Post receipt").click()
    expect(page.get_by_text("Nothing stays open.")).to_be_visible()

    assert on_hand(pump) == 3


@both_sizes
def test_too_much_is_said_while_typing_and_refused_beside_its_field(open_as, goods, due, viewport):
    page = open_as(UserFactory(), where(due), viewport)
    bolts = quantity(page, goods[0], due)

    page.get_by_label("Delivery note").fill("DN-8")
    bolts.fill("12")
    expect(page.get_by_text("2 too many")).to_be_visible()
    page.get_by_role("button", name="Post receipt").click()
    expect(page.get_by_text("2 EA more than the 10 outstanding.")).to_be_visible()
    expect(bolts).to_be_focused()
    expect(page.get_by_label("Delivery note")).to_have_value("DN-8")
    bolts.fill("9")
    page.get_by_role("button", name="Post receipt").click()
    expect(page.get_by_text("Still to come: 1 EA Bolt.")).to_be_visible()

    assert on_hand(goods[0]) == 9


@both_sizes
def test_the_back_button_shows_what_is_outstanding_now(open_as, goods, due, viewport):
    page = open_as(UserFactory(), where(due), viewport)
    page.get_by_role("button", name="Clear all").click()
    quantity(page, goods[0], due).fill("4")
    page.get_by_role("button", name="Post receipt").click()
    expect(page.get_by_text("Still to come: 6 EA Bolt")).to_be_visible()

    page.go_back()
    row = page.locator(".arrival").first
    expect(row.get_by_role("definition").nth(1)).to_have_text("4")
    expect(quantity(page, goods[0], due)).to_have_value("6")
    page.go_forward()

    assert on_hand(goods[0]) == 4
    assert GoodsReceipt.objects.count() == 1


@both_sizes
def test_the_second_of_two_tabs_is_told_of_the_first_and_keeps_what_was_typed(open_as, goods, due, viewport):
    first = open_as(UserFactory(first_name="Amina", last_name="Hassan"), where(due), viewport)
    second = open_as(UserFactory(), where(due), viewport)
    for page, amount in ((first, "4"), (second, "5")):
        page.get_by_role("button", name="Clear all").click()
        quantity(page, goods[0], due).fill(amount)

    first.get_by_role("button", name="Post receipt").click()
    expect(first.get_by_text("Still to come: 6 EA Bolt")).to_be_visible()
    second.get_by_role("button", name="Post receipt").click()
    expect(second.get_by_text("Meanwhile Amina Hassan received")).to_be_visible()
    expect(quantity(second, goods[0], due)).to_have_value("5")
    assert on_hand(goods[0]) == 4

    second.get_by_role("button", name="Post receipt").click()
    expect(second.get_by_text("Still to come: 1 EA Bolt")).to_be_visible()
    assert on_hand(goods[0]) == 9


@both_sizes
def test_what_was_typed_outlives_a_session_that_ended_and_is_posted_once(open_as, store, viewport):
    keeper, milk = UserFactory(), ItemFactory(sku="MILK", name="Milk", tracking=Tracking.LOT)
    due = approved_order(line(milk, 10), deliver_to=store)
    page = open_as(keeper, where(due), viewport)
    name = f"line-{due.lines.get().pk}"
    page.locator(f"[name={name}-quantity]").fill("6")
    page.locator(f"[name={name}-lot]").fill("L-1")
    page.get_by_role("button", name="Another lot").click()
    page.locator(f"[name={name}-2-lot]").fill("L-2")

    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Post receipt").click()
    page.get_by_label("Email").fill(keeper.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(f"[name={name}-2-lot]")).to_have_value("L-2")
    assert not GoodsReceipt.objects.exists()
    page.get_by_role("button", name="Post receipt").dblclick()
    expect(page.get_by_text("Nothing stays open.")).to_be_visible()

    assert {balance.lot.number: balance.on_hand for balance in milk.balances.all()} == {"L-1": 6, "L-2": 4}
    assert GoodsReceipt.objects.count() == 1


def test_it_works_without_the_script(browser, live_server, store):
    keeper, milk = UserFactory(), ItemFactory(sku="MILK", tracking=Tracking.LOT)
    due = approved_order(line(milk, 10), deliver_to=store)
    name = f"line-{due.lines.get().pk}"
    context = browser.new_context(viewport=PHONE, base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/admin/login/")
    page.get_by_label("Email").fill(keeper.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.goto(where(due))

    page.locator(f"[name={name}-quantity]").fill("6")
    page.locator(f"[name={name}-lot]").fill("L-1")
    page.get_by_role("button", name="Another lot").click()
    page.locator(f"[name={name}-2-lot]").fill("L-2")
    page.get_by_role("button", name="Post receipt").click()
    expect(page.get_by_text("Nothing stays open.")).to_be_visible()

    context.close()
    assert {balance.lot.number: balance.on_hand for balance in milk.balances.all()} == {"L-1": 6, "L-2": 4}


def test_the_page_is_light(open_as, due):
    page = open_as(UserFactory(), "/admin/", PHONE)
    sizes = []
    page.on("response", lambda answer: sizes.append(len(answer.body())))

    page.goto(where(due))
    page.wait_for_load_state("networkidle")

    assert sum(sizes) < _MOST_BYTES, sum(sizes)
