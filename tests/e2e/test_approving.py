"""Deciding on orders in a real browser, on a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory
from procurement import ordering
from procurement.models import OrderStatus
from procurement.tests.factories import line, order
from procurement.tests.shelves import bought
from tests.e2e.conftest import DESKTOP, PASSWORD, PHONE

pytestmark = pytest.mark.django_db(transaction=True)

both_sizes = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
LIST = "/admin/procurement/approve/"
#: A first load of the page, all files together, as the server sends them uncompressed.
_MOST_BYTES = 165_000


@pytest.fixture
def manager():
    return UserFactory(manager=True)


def statuses(*orders):
    for made in orders:
        made.refresh_from_db()
    return [made.status for made in orders]


def approvals(made):
    return made.history.filter(to_status=OrderStatus.APPROVED).count()


@both_sizes
def test_ten_are_approved_by_two_clicks_and_a_double_click_approves_once(open_as, manager, viewport):
    orders = [order() for _number in range(10)]
    page = open_as(manager, LIST, viewport)

    page.get_by_label("All on this page that you may approve").check()
    page.get_by_role("button", name="Approve all ticked").dblclick()
    expect(page.get_by_text("10 orders were approved")).to_be_visible()

    assert statuses(*orders) == [OrderStatus.APPROVED] * 10
    assert [approvals(made) for made in orders] == [1] * 10
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@both_sizes
def test_one_is_rejected_where_its_lines_are_read(open_as, manager, viewport):
    bolt = ItemFactory(name="Bolt")
    bought(bolt, unit_price=2)
    dear, other = order(line(bolt, unit_price=3)), order()
    page = open_as(manager, LIST, viewport)

    page.get_by_text("+50 % against last paid: Bolt").click()
    card = page.locator(f"#order-{dear.pk}")
    card.get_by_role("button", name="Reject").click()
    expect(card.get_by_text("Say why.")).to_be_visible()
    card.get_by_label("Reason of the rejection").fill("Ask another supplier")
    card.get_by_role("button", name="Reject").click()
    expect(page.get_by_text(f"1 order was rejected: {dear}.")).to_be_visible()

    assert statuses(dear, other) == [OrderStatus.REJECTED, OrderStatus.PENDING]
    assert dear.rejection_reason == "Ask another supplier"


@both_sizes
def test_an_order_is_opened_and_left_without_losing_the_list(open_as, manager, viewport):
    maker = UserFactory(first_name="Amina")
    orders = [order(by=maker) for _number in range(12)]
    order()
    page = open_as(manager, f"{LIST}?maker={maker.pk}", viewport)

    page.get_by_role("link", name=orders[10].po_number).click()
    page.get_by_role("link", name="Back to the orders to approve").click()
    page.wait_for_url(f"**{LIST}?maker={maker.pk}#order-{orders[10].pk}")
    expect(page.get_by_role("link", name=orders[10].po_number)).to_be_in_viewport()

    page.get_by_role("link", name=orders[10].po_number).click()
    page.go_back()
    expect(page.get_by_role("link", name=orders[10].po_number)).to_be_in_viewport()

    page.get_by_role("link", name=orders[10].po_number).click()
    page.get_by_role("link", name="Approve", exact=True).click()
    page.get_by_role("button", name="Approve", exact=True).click()
    page.wait_for_url(f"**{LIST}?maker={maker.pk}")
    expect(page.get_by_text(f"{orders[10]} was approved.")).to_be_visible()
    expect(page.locator(".decision")).to_have_count(11)


@both_sizes
def test_the_second_of_two_tabs_is_told_that_it_was_decided(open_as, manager, viewport):
    pending, other = order(), order()
    first, second = open_as(UserFactory(admin=True), LIST, viewport), open_as(manager, LIST, viewport)

    first.locator(f"#order-{pending.pk}").get_by_role("button", name="Approve").click()
    expect(first.get_by_text("1 order was approved")).to_be_visible()
    second.get_by_label("All on this page that you may approve").check()
    second.get_by_role("button", name="Approve all ticked").click()
    expect(second.get_by_text(f"{pending} is approved: this cannot be done now.")).to_be_visible()
    expect(second.get_by_text(f"1 order was approved: {other}.")).to_be_visible()

    assert [approvals(pending), approvals(other)] == [1, 1]


@both_sizes
def test_the_back_button_decides_nothing_again(open_as, manager, viewport):
    pending, other = order(), order()
    page = open_as(manager, LIST, viewport)
    page.locator(f"#order-{pending.pk}").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("1 order was approved")).to_be_visible()

    page.go_back()
    page.goto(LIST)

    expect(page.locator(".decision")).to_have_count(1)
    assert (statuses(other), approvals(pending)) == ([OrderStatus.PENDING], 1)


def test_what_was_changed_meanwhile_is_looked_at_again(open_as, manager):
    maker = UserFactory()
    pending = order(by=maker)
    page = open_as(manager, LIST)
    ordering.revise(pending, by=maker, lines=[line(quantity=400)])

    page.get_by_role("button", name="Approve", exact=False).first.click()
    expect(page.get_by_text("was changed after you had opened it")).to_be_visible()
    expect(page.get_by_text("800.00", exact=True)).to_be_visible()
    page.locator(f"#order-{pending.pk}").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("1 order was approved")).to_be_visible()

    assert statuses(pending) == [OrderStatus.APPROVED]


@both_sizes
def test_a_session_that_ended_decides_nothing_twice(open_as, manager, viewport):
    pending = order()
    page = open_as(manager, LIST, viewport)
    page.context.clear_cookies(name="sessionid")

    page.locator(f"#order-{pending.pk}").get_by_role("button", name="Approve").click()
    page.get_by_label("Email").fill(manager.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.goto(LIST)
    waiting = page.locator(f"#order-{pending.pk}")
    if waiting.count():
        waiting.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("1 order was approved")).to_be_visible()

    assert approvals(pending) == 1


def test_the_page_is_light(open_as, manager):
    for _number in range(50):
        order()
    page = open_as(manager, "/admin/", PHONE)
    sizes = []
    page.on("response", lambda answer: sizes.append((len(answer.body()), answer.url)))

    page.goto(LIST)
    page.wait_for_load_state("networkidle")

    assert sum(size for size, url in sizes if LIST not in url) < _MOST_BYTES, sizes
