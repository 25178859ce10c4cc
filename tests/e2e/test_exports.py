"""From the list of items to a file that a worker made, in a real browser."""

import csv
from pathlib import Path

import pytest

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory
from ipms import outbox
from tests.e2e.conftest import PHONE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_manager_exports_what_the_list_shows_in_the_background(open_as, settings, tmp_path, viewport):
    settings.EXPORTS_ROOT = tmp_path / "exports"
    manager = UserFactory(manager=True)
    ItemFactory(sku="BOLT", name="Bolt"), ItemFactory(sku="NUT", name="Nut")
    page = open_as(manager, "/admin/inventory/item/?q=bolt", viewport)

    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_role("link", name="Export in the background").click()
    assert page.get_by_label("Search", exact=True).last.input_value() == "bolt"
    page.get_by_label("Format").select_option("csv")
    page.get_by_role("button", name="Export").click()
    page.wait_for_url("**/change/")
    outbox.deliver()

    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download").click()
    with Path(downloading.value.path()).open(encoding="utf-8-sig", newline="") as file:
        assert [row["sku"] for row in csv.DictReader(file)] == ["BOLT"]
    assert downloading.value.suggested_filename.startswith("inventory-")
    page.goto("/admin/reporting/export/")
    assert page.get_by_role("link", name="Download").is_visible()
