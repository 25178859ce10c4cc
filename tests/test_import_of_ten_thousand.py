"""The proof: ten thousand rows with two hundred wrong ones, all told at once, the rest imported."""

import csv
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from inventory.models import Item
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory
from ipms.importing import files, registry, runs, writing
from ipms.models import ImportStatus

pytestmark = pytest.mark.django_db

ROWS, WRONG = 10_000, 200
HEADINGS = [
    "SKU *",
    "Name *",
    "Category",
    "Default location",
    "Unit of measure",
    "Barcode",
    "Unit price",
    "Currency",
    "Reorder level",
    "Lead time in days",
    "Tracking",
    "Active",
]
PLACE = {heading: place for place, heading in enumerate(HEADINGS)}
#: Each kind of fault: the column, what stands there, what is said of it, and what is right.
FAULTS = [
    ("Name *", "", "This cell is empty: a new record needs it.", "Bolt"),
    ("Category", "hardwear", "There is no category “hardwear”. Did you mean hardware?", "hardware"),
    ("Default location", "ELSEWHERE", "There is no location “ELSEWHERE”.", "MAIN"),
    ("Unit of measure", "Kgs", "There is no unit of measure “Kgs”. Did you mean KGM?", "KGM"),
    (
        "Barcode",
        "5,90123E+12",
        "A spreadsheet shortened this number: enter it in full, as text.",
        "5901234123457",
    ),
    ("Unit price", "cheap", "Enter a number such as 1.250,50.", "12,5"),
    ("Unit price", "-1", "Enter 0 or more.", "1"),
    ("Unit price", "12.50", "This is written as 1,250.50, the numbers of this file as 1.250,50.", "12,50"),
    ("Currency", "EURO", "“EURO” is not an ISO 4217 currency code.", "EUR"),
    ("Lead time in days", "2,5", "Enter a whole number.", "3"),
    ("Tracking", "by batch", "Enter one of: none, lot, serial.", "lot"),
    ("Active", "perhaps", "Enter yes or no.", "yes"),
    ("SKU *", "KNOWN TWICE", "This stands in row 2 already.", None),
]


def sound(number):
    return [
        f"ITEM-{number:05}",
        f"Hexagon bolt {number}",
        "hardware",
        "MAIN",
        "EA",
        f"00{number:011}",
        f"{number % 900},25",
        "USD",
        "1.250,5" if number % 10 == 0 else "5",
        "14",
        "none",
        "yes",
    ]


def written(rows):
    text = StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([HEADINGS, *rows])
    return SimpleUploadedFile("items.csv", text.getvalue().encode("utf-8-sig"))


@pytest.fixture
def _masters(settings, tmp_path):
    settings.IMPORTS_ROOT = tmp_path
    CategoryFactory(slug="hardware")
    LocationFactory(code="MAIN", name="Main store")
    LocationFactory(code="ANNEX", name="Annex")
    ItemFactory(sku="UNTOUCHED")


@pytest.mark.usefixtures("_masters")
def test_two_hundred_wrong_rows_are_told_at_once_and_the_others_come_in(
    manager, django_capture_on_commit_callbacks
):
    rows = [sound(number) for number in range(ROWS)]
    rows[0][0] = "KNOWN TWICE"
    wrong = {}
    for place in range(WRONG):
        number = 25 + place * 49
        column, value, sentence, right = FAULTS[place % len(FAULTS)]
        rows[number][PLACE[column]] = value
        wrong[number + 2] = (column.removesuffix(" *"), value, sentence, right)
    assert len({fault[2] for fault in wrong.values()}) >= 8

    with django_capture_on_commit_callbacks(execute=True):
        run = runs.upload("inventory.item", written(rows), by=manager)
        # Numbers of both kinds stand in it: a person says which is meant.
        columns = {int(place): name for place, name in run.mapping.items()}
        runs.name_columns(run, columns, numbers=",", days="", by=manager)
    run.refresh_from_db()

    # All of them, each with its row and its reason; alike ones are one line.
    resource = registry.find("inventory.item").resource()
    told = {number: writing.in_sentences(resource, found) for number, found in files.problems(run)}
    assert told == {number: f"{column}: {why}" for number, (column, _value, why, _right) in wrong.items()}
    assert (run.status, run.new_count, run.bad_count) == (ImportStatus.CHECKED, ROWS - WRONG, WRONG)
    assert len(run.findings["groups"]) == len(FAULTS)
    assert sum(group["count"] for group in run.findings["groups"]) == WRONG
    assert Item.objects.count() == 1

    with django_capture_on_commit_callbacks(execute=True):
        runs.start(run, by=manager)
    run.refresh_from_db()

    assert (run.status, run.new_count, run.bad_count) == (ImportStatus.DONE, ROWS - WRONG, WRONG)
    assert Item.objects.count() == 1 + ROWS - WRONG
    assert Item.objects.get(sku="ITEM-00010").reorder_level == 1250.5
    assert Item.objects.get(sku="ITEM-00001").barcode == "0000000000001"

    # What was downloaded and corrected comes in too.
    text = writing.bad_rows(run, resource, format="csv").read().decode("utf-8-sig")
    headings, *bad = csv.reader(StringIO(text))
    assert (len(bad), headings[-1]) == (WRONG, "Result of the check")
    for place, row in enumerate(bad):
        column, _value, _why, right = list(wrong.values())[place]
        row[next(place for place, name in enumerate(headings) if name.startswith(column))] = (
            right if right is not None else f"NEW-{place}"
        )
    corrected = StringIO(newline="")
    csv.writer(corrected).writerows([headings, *bad])
    again = runs.upload(
        "inventory.item", SimpleUploadedFile("corrected.csv", corrected.getvalue().encode()), by=manager
    )
    runs.start(again, by=manager)

    assert (again.status, again.new_count, again.bad_count) == (ImportStatus.DONE, WRONG, 0)
    assert Item.objects.count() == 1 + ROWS
