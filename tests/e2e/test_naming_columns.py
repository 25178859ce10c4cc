"""A spreadsheet from the button to the list and back, by keyboard and on a phone."""

import pytest
from django.urls import reverse

from inventory.models import Item
from tests.e2e.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)

FILE = "Code article;Désignation;Prix\nBOLT;Boulon;1.250\nNUT;;3\nPIN;Goupille;2\n"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.IMPORTS_ROOT = tmp_path / "spreadsheets"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_file_is_named_checked_imported_and_undone(open_as, manager, tmp_path, viewport):
    file = tmp_path / "articles.csv"
    file.write_text(FILE, encoding="utf-8")
    page = open_as(manager, reverse("admin:inventory_item_import"), viewport)

    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Check the file").press("Enter")
    page.get_by_text("Say what each column of the file is.").wait_for()
    assert page.get_by_label("Code article").input_value() == "sku"
    page.get_by_role("radio", name="1.250,50").press("Space")
    page.get_by_role("button", name="Check the file").press("Enter")
    page.get_by_text("1 row cannot be taken").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Import 2 good rows").press("Enter")
    page.get_by_text("The import is finished.").wait_for()
    assert Item.objects.get(sku="BOLT").unit_price == 1250

    page.get_by_role("link", name="Undo the import").press("Enter")
    page.get_by_role("button", name="Undo the import").press("Enter")
    page.get_by_text("2 rows were undone.").wait_for()
    assert not Item.objects.exists()
