"""A spreadsheet of items on its way in, by those who may; with what goes wrong on the way."""

import pytest
from playwright.sync_api import expect

from inventory.models import Item
from inventory.tests.factories import ItemFactory
from ipms.models import ImportChunk, ImportRun
from tests.e2e.people import (
    LOST,
    REFUSED,
    as_each,
    both_sizes,
    end_session,
    fits,
    log_in_again,
    lose_the_answer,
    person,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PAGE = "/admin/inventory/item/import/"
SHEET = "sku,name,unit_price\nBOLT,Bolt,2.50\nNUT,Nut,1\nRIVET,,3\nPIN,Pin,cheap\n"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.IMPORTS_ROOT = tmp_path / "spreadsheets"


def upload(page, text=SHEET):
    file = {"name": "items.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("main input[type=file]").set_input_files(file)
    page.locator("main form[enctype] button[type=submit]").first.click()
    expect(page.get_by_text("Nothing is imported yet.")).to_be_visible()


def good_rows(page):
    return page.get_by_role("button", name="Import 2 good rows")


def skus():
    return sorted(Item.objects.values_list("sku", flat=True))


@both_sizes
@as_each("manager", "administrator")
def test_a_sheet_is_looked_through_imported_and_undone(open_as, role, viewport):
    ItemFactory(sku="WASHER")
    page = open_as(person(role), "/admin/inventory/item/", viewport)

    page.get_by_role("link", name="Import", exact=True).first.click()
    upload(page)
    expect(page.get_by_role("heading", name="2 rows cannot be taken")).to_be_visible()
    assert fits(page)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Bad rows as CSV").click()
    assert "RIVET" in taken.value.path().read_text(encoding="utf-8-sig")
    good_rows(page).click()
    expect(page.get_by_text("The import is finished.")).to_be_visible()
    assert skus() == ["BOLT", "NUT", "WASHER"]
    page.get_by_role("link", name="Undo the import").click()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("2 rows were undone.")).to_be_visible()
    assert fits(page)

    assert skus() == ["WASHER"]


def test_a_double_click_imports_once_and_back_shows_that_it_is_done(open_as, manager):
    page = open_as(manager, PAGE)
    upload(page)

    good_rows(page).dblclick()
    expect(page.get_by_text("The import is finished.")).to_be_visible()
    page.go_back()
    expect(
        page.get_by_text("The import is finished.").or_(page.locator("main input[type=file]"))
    ).to_be_visible()
    expect(good_rows(page)).to_have_count(0)

    assert (skus(), ImportChunk.objects.count()) == (["BOLT", "NUT"], 1)


def test_the_second_of_two_tabs_is_told_that_it_is_done(open_as, manager):
    first = open_as(manager, PAGE)
    upload(first)
    second = first.context.new_page()
    second.goto(first.url)
    good_rows(second).wait_for()

    good_rows(first).click()
    expect(first.get_by_text("The import is finished.")).to_be_visible()
    good_rows(second).click()
    expect(second.locator(".messagelist .warning")).to_be_visible()
    expect(second.get_by_text("The import is finished.")).to_be_visible()

    assert ImportChunk.objects.count() == 1


def test_an_import_whose_session_ended_happens_once(open_as, manager):
    page = open_as(manager, PAGE)
    upload(page)
    end_session(page)

    good_rows(page).click()
    log_in_again(page, manager)
    expect(page.get_by_text("Nothing is imported yet.")).to_be_visible()
    assert skus() == []
    good_rows(page).click()
    expect(page.get_by_text("The import is finished.")).to_be_visible()

    assert (skus(), ImportChunk.objects.count()) == (["BOLT", "NUT"], 1)


def test_an_import_whose_answer_was_lost_happens_once(open_as, manager):
    page = open_as(manager, PAGE, forgives=LOST)
    upload(page)
    address = page.url
    lose_the_answer(page, "**/act/start/")

    good_rows(page).click()
    page.wait_for_url("chrome-error://**")
    page.goto(address)
    expect(page.get_by_text("The import is finished.")).to_be_visible()

    assert (skus(), ImportChunk.objects.count()) == (["BOLT", "NUT"], 1)


def test_a_storekeeper_imports_no_items(open_as, staff, manager):
    run_page = open_as(manager, PAGE)
    upload(run_page)
    page = open_as(staff, "/admin/inventory/item/", forgives=REFUSED)

    expect(page.get_by_role("heading", name="Items", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Import", exact=True)).to_have_count(0)
    assert page.goto(PAGE).status == 403
    assert page.goto(f"/admin/ipms/importrun/{ImportRun.objects.get().pk}/change/").status == 403
