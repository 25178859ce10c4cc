"""What goes wrong in people's hands and on their lines: nothing is posted twice, nobody is left in doubt.

Receiving and approving have such tests in files of their own. What goes wrong does so at any size: each story
is told once, at that of who does it most.
"""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from inventory import count_entry, counting
from inventory.count_entry import Figure
from inventory.count_scope import Scope
from inventory.models import CountStatus, StockMovement
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from procurement.models import GoodsReceipt, OrderStatus, PurchaseOrder
from procurement.tests.factories import approved_order, line
from procurement.tests.factories import order as pending_order
from procurement.tests.shelves import bought, used_item
from suppliers.tests.factories import SupplierFactory
from tests.e2e.conftest import PHONE
from tests.e2e.people import (
    LOST,
    end_session,
    log_in_again,
    lose_the_answer,
    scan,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

ISSUE = "/admin/inventory/issue-and-transfer/?location=SHELF"
REORDER = "/admin/procurement/reorder-suggestions/"


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


@pytest.fixture
def bolt(shelf):
    bolt = ItemFactory(sku="BOLT", name="Bolt")
    stock(bolt, shelf, 10)
    return bolt


@pytest.fixture
def handed_over(shelf, bolt, staff):
    """A count by the storekeeper that waits for somebody to approve it: two are missing."""
    count = counting.create(Scope(location=shelf), by=staff)
    count_entry.enter(count, [Figure(line=count.lines.get(), counted=Decimal(8))], by=staff)
    counting.submit(count, by=staff)
    return count


@pytest.fixture
def due():
    """An item that has to be ordered, and from whom."""
    item = used_item(*[7] * 20, left=0, lead_time_days=10, name="Steel rod")
    bought(item, took=2, supplier=SupplierFactory(name="Kigali Steel"))
    return item


def review(count):
    return f"/admin/inventory/stockcount/{count.pk}/lines/"


def issues():
    return StockMovement.objects.filter(kind="issue").count()


def drafts():
    return PurchaseOrder.objects.filter(status=OrderStatus.DRAFT).count()


def type_issue(page, quantity="4"):
    scan(page, "BOLT")
    expect(page.get_by_text("Bolt · 10 EA available")).to_be_visible()
    page.locator("[name=line-0-quantity]").fill(quantity)


def post(page):
    page.get_by_role("button", name="Post", exact=True).click()


# Issue and transfer


def test_back_after_an_issue_shows_an_empty_form_and_what_was_posted(open_as, staff, bolt):
    page = open_as(staff, ISSUE, PHONE)
    type_issue(page)
    post(page)
    expect(page.get_by_text("Issue: 1 line was posted.")).to_be_visible()

    page.go_back()
    expect(page.locator("[name=line-0-item]")).to_have_value("")
    expect(page.get_by_text("Undo Bolt")).to_be_visible()
    post(page)
    expect(page.get_by_text("Scan or type at least one item.")).to_be_visible()

    assert (on_hand(bolt), issues()) == (6, 1)


def test_an_issue_whose_answer_was_lost_is_posted_once(open_as, staff, bolt):
    page = open_as(staff, ISSUE, PHONE, forgives=LOST)
    type_issue(page)
    lose_the_answer(page, "**/issue-and-transfer/")
    post(page)
    page.wait_for_url("chrome-error://**")

    page.goto(ISSUE)
    expect(page.locator("[name=line-0-quantity]")).to_have_value("4")
    post(page)
    expect(page.get_by_text("The form came twice; it was carried out once.")).to_be_visible()
    expect(page.locator("[name=line-0-item]")).to_have_value("")

    assert (on_hand(bolt), issues()) == (6, 1)


def test_who_changes_what_was_posted_without_an_answer_is_told_of_it(open_as, staff, bolt):
    page = open_as(staff, ISSUE, forgives=LOST)
    type_issue(page)
    lose_the_answer(page, "**/issue-and-transfer/")
    post(page)
    page.wait_for_url("chrome-error://**")
    page.goto(ISSUE)
    expect(page.get_by_text("Bolt · 6 EA available")).to_be_visible()
    page.locator("[name=line-0-quantity]").fill("5")

    post(page)
    expect(page.get_by_text("These lines were posted before, with other values: see below.")).to_be_visible()
    expect(page.locator("[name=line-0-quantity]")).to_have_value("5")
    assert (on_hand(bolt), issues()) == (6, 1)

    post(page)
    expect(page.get_by_text("Issue: 1 line was posted.")).to_be_visible()
    assert (on_hand(bolt), issues()) == (1, 2)


def test_a_transfer_is_posted_once_by_a_double_click(open_as, staff, bolt, shelf):
    bin_ = LocationFactory(code="BIN")
    page = open_as(staff, ISSUE)
    page.locator("#handling").get_by_text("Transfer", exact=True).click()
    page.get_by_label("To place").fill("BIN")
    page.locator("[name=line-0-item]").focus()
    type_issue(page)

    page.get_by_role("button", name="Post", exact=True).dblclick()
    expect(page.get_by_text("Transfer: 1 line was posted.")).to_be_visible()

    assert (on_hand(bolt, shelf), on_hand(bolt, bin_)) == (6, 4)


def test_the_second_of_two_tabs_is_told_what_is_left_of_the_item(open_as, staff, manager, bolt):
    first, second = open_as(manager, ISSUE, PHONE), open_as(staff, ISSUE, PHONE)
    for page in (first, second):
        type_issue(page, "7")

    post(first)
    expect(first.get_by_text("Issue: 1 line was posted.")).to_be_visible()
    post(second)
    expect(second.get_by_text("SHELF can give only 3 EA of BOLT")).to_be_visible()
    expect(second.locator("[name=line-0-quantity]")).to_have_value("7")

    assert (on_hand(bolt), issues()) == (3, 1)


# Receiving


def test_a_receipt_whose_answer_was_lost_is_posted_once(open_as, staff, bolt, shelf):
    order = approved_order(line(bolt, 10), deliver_to=shelf)
    address = f"/admin/procurement/purchaseorder/{order.pk}/do/receive/"
    page = open_as(staff, address, PHONE, forgives=LOST)
    lose_the_answer(page, f"**{address}")
    page.get_by_role("button", name="Post receipt").click()
    page.wait_for_url("chrome-error://**")

    page.goto(address)
    expect(page.get_by_text("there is nothing to receive")).to_be_visible()

    assert (on_hand(bolt), GoodsReceipt.objects.count()) == (20, 1)


# Counting


def test_back_after_a_posted_count_offers_no_second_posting(open_as, manager, handed_over, bolt):
    page = open_as(manager, review(handed_over), PHONE)
    page.get_by_role("button", name="Approve and post").click()
    expect(page.get_by_text("was posted: 1 movement.")).to_be_visible()

    page.go_back()
    expect(page.get_by_text("nothing is left to decide")).to_be_visible()
    expect(page.get_by_role("button", name="Approve and post")).to_have_count(0)

    assert on_hand(bolt) == 8


def test_the_second_of_two_reviewers_is_told_that_it_was_posted(open_as, manager, admin, handed_over, bolt):
    first = open_as(admin, review(handed_over), PHONE)
    second = open_as(manager, review(handed_over), PHONE)

    first.get_by_role("button", name="Approve and post").click()
    expect(first.get_by_text("was posted: 1 movement.")).to_be_visible()
    second.get_by_role("button", name="Approve and post").click()
    expect(second.get_by_role("alert")).to_contain_text("is “Posted”: this cannot be done now.")

    assert on_hand(bolt) == 8


def test_a_review_whose_session_ended_posts_once(open_as, manager, handed_over, bolt):
    page = open_as(manager, review(handed_over), PHONE)
    page.get_by_label("Comment").fill("Two were scrapped in May")
    end_session(page)
    page.get_by_role("button", name="Approve and post").click()
    log_in_again(page, manager)

    expect(page.get_by_role("heading", name=handed_over.number)).to_be_visible()
    assert on_hand(bolt) == 10
    page.get_by_role("button", name="Approve and post").click()
    expect(page.get_by_text("was posted: 1 movement.")).to_be_visible()

    assert on_hand(bolt) == 8


def test_a_review_whose_answer_was_lost_is_posted_once(open_as, manager, handed_over, bolt):
    page = open_as(manager, review(handed_over), PHONE, forgives=LOST)
    lose_the_answer(page, "**/lines/")
    page.get_by_role("button", name="Approve and post").click()
    page.wait_for_url("chrome-error://**")

    page.goto(review(handed_over))
    expect(page.get_by_text("nothing is left to decide")).to_be_visible()
    expect(page.get_by_role("button", name="Approve and post")).to_have_count(0)

    handed_over.refresh_from_db()
    assert (on_hand(bolt), handed_over.status) == (8, CountStatus.POSTED)


def test_a_figure_whose_answer_was_lost_is_saved_by_pressing_again(open_as, staff, shelf, bolt):
    count = counting.create(Scope(location=shelf), by=staff)
    page = open_as(staff, f"/admin/inventory/stockcount/{count.pk}/enter/", PHONE, forgives=LOST)
    scan(page, "BOLT")
    expect(page.get_by_role("heading", name="Bolt")).to_be_visible()
    lose_the_answer(page, "**/enter/")
    scan(page, "8")
    expect(page.get_by_text("Not saved: there is no connection.")).to_be_visible()

    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text("All is counted.")).to_be_visible()

    assert count.lines.get().counted_quantity == 8


def test_who_counts_what_another_has_counted_is_told_and_may_insist(open_as, staff, manager, shelf, bolt):
    count = counting.create(Scope(location=shelf), by=staff)
    address = f"/admin/inventory/stockcount/{count.pk}/enter/"
    first, second = open_as(manager, address, PHONE), open_as(staff, address, PHONE)
    for page in (first, second):
        scan(page, "BOLT")
        expect(page.get_by_role("heading", name="Bolt")).to_be_visible()

    scan(first, "8")
    expect(first.get_by_text("All is counted.")).to_be_visible()
    scan(second, "9")
    expect(second.get_by_text(f"Meanwhile {manager} counted 8.")).to_be_visible()
    assert count.lines.get().counted_quantity == 8
    second.get_by_role("button", name="Save and next").click()
    expect(second.get_by_role("heading", name="Bolt")).to_have_count(0)

    assert count.lines.get().counted_quantity == 9


# Approving


def test_an_approval_whose_answer_was_lost_is_given_once(open_as, manager):
    pending = pending_order()
    page = open_as(manager, "/admin/procurement/approve/", forgives=LOST)
    lose_the_answer(page, "**/procurement/approve/")
    page.get_by_role("button", name=f"Approve {pending}").click()
    page.wait_for_url("chrome-error://**")

    page.goto("/admin/procurement/approve/")
    expect(page.get_by_role("button", name=f"Approve {pending}")).to_have_count(0)

    assert pending.history.filter(to_status=OrderStatus.APPROVED).count() == 1


# Reordering


def test_a_double_click_makes_one_draft_and_back_offers_no_second(open_as, staff, due):
    page = open_as(staff, REORDER)

    page.get_by_role("button", name="Make draft order").dblclick()
    expect(page.get_by_text("Draft orders made:")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Reorder suggestions")).to_be_visible()
    expect(page.get_by_role("button", name="Make draft order")).to_have_count(0)

    assert drafts() == 1


def test_the_second_of_two_buyers_is_told_of_the_draft_of_the_first(open_as, staff, manager, due):
    first, second = open_as(manager, REORDER), open_as(staff, REORDER)

    for page in (first, second):
        page.get_by_role("button", name="Make draft order").click()
    expect(first.get_by_text("Draft orders made:")).to_be_visible()
    expect(second.get_by_text("Nothing has to be ordered now.")).to_be_visible()
    expect(second.locator(".messagelist .error")).to_contain_text(due.sku)

    assert drafts() == 1


def test_a_draft_whose_session_ended_is_made_once(open_as, staff, due):
    page = open_as(staff, REORDER)
    page.get_by_label(f"Quantity of {due}").fill("77")
    end_session(page)
    page.get_by_role("button", name="Make draft order").click()
    log_in_again(page, staff)

    expect(page.get_by_role("heading", name="Reorder suggestions")).to_be_visible()
    assert drafts() == 0
    page.get_by_role("button", name="Make draft order").click()
    expect(page.get_by_text("Draft orders made:")).to_be_visible()

    assert drafts() == 1


def test_a_draft_whose_answer_was_lost_is_made_once(open_as, staff, due):
    page = open_as(staff, REORDER, forgives=LOST)
    lose_the_answer(page, "**/reorder-suggestions/")
    page.get_by_role("button", name="Make draft order").click()
    page.wait_for_url("chrome-error://**")

    page.goto(REORDER)
    expect(page.get_by_text("Nothing has to be ordered now.")).to_be_visible()

    assert drafts() == 1
