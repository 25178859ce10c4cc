from decimal import Decimal

import pytest

from inventory.models import Category, Item, Location, LocationKind, StockMovement
from inventory.resources import (
    BalanceResource,
    CategoryResource,
    ItemResource,
    LocationResource,
    MovementResource,
)
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, on_hand, stock
from ipms.sheets import Csv, Sheet, Xlsx
from ipms.testing.back_office import count_queries

pytestmark = pytest.mark.django_db


def sheet(*rows):
    return Sheet.of(rows)


def problems(result):
    """What is wrong, by row of the file and column."""
    return {
        row.number: {name: list(texts) for name, texts in row.error_dict.items()}
        for row in result.invalid_rows
    }


def test_items_are_made_and_changed_by_their_sku(manager):
    raw, shelf = CategoryFactory(slug="raw"), LocationFactory(code="W1")
    ItemFactory(sku="NUT", name="Nut", unit_price=1)

    result = ItemResource().import_data(
        sheet(
            ["sku", "name", "category", "location", "unit", "unit_price", "tracking", "is_active"],
            ["BOLT", "Bolt", "RAW", "w1", "kgm", "2.50", "lot", "yes"],
            ["nut", "Wing nut", "", "", "", "1.25", "none", "no"],
        ),
        user=manager,
    )

    assert dict(result.totals)["new"] == 1
    assert dict(result.totals)["update"] == 1
    bolt = Item.objects.get(sku="BOLT")
    assert (bolt.category, bolt.location, bolt.unit_id) == (raw, shelf, "KGM")
    assert (bolt.unit_price, bolt.tracking) == (Decimal("2.5"), "lot")
    nut = Item.objects.get(sku="NUT")
    assert (nut.name, nut.unit_price, nut.unit_id, nut.is_active) == (
        "Wing nut",
        Decimal("1.25"),
        "EA",
        False,
    )


def test_the_same_file_twice_changes_nothing(manager):
    file = [["sku", "name", "reorder_level"], ["BOLT", "Bolt", "5"]]
    ItemResource().import_data(sheet(*file), user=manager)
    before = Item.objects.get(sku="BOLT").updated_at

    result = ItemResource().import_data(sheet(*file), user=manager)

    assert result.totals["skip"] == 1
    assert Item.objects.get(sku="BOLT").updated_at == before


def test_an_export_of_items_can_be_read_back(manager):
    ItemFactory(sku="=1+1", name="@cmd", category=CategoryFactory(), reorder_level=Decimal("2.5"))

    for file in (Csv(), Xlsx()):
        exported = file.export_data(ItemResource().export())
        result = ItemResource().import_data(file.create_dataset(exported), user=manager)

        assert not result.has_validation_errors()
        assert result.totals["skip"] == 1
    assert Item.objects.get().sku == "=1+1"


def test_all_bad_rows_are_told_at_once_and_nothing_is_imported(manager):
    result = ItemResource().import_data(
        sheet(
            ["sku", "name", "category", "unit_price", "lead_time_days", "currency"],
            ["BOLT", "Bolt", "", "1", "3", "USD"],
            ["NUT", "", "nowhere", "cheap", "1.5", "XYZ"],
            [None, None, None, None, None, None],
            ["bolt", "Bolt again", "", "1", "", ""],
            ["RIVET", "Rivet", "", "-1", "", ""],
        ),
        user=manager,
    )

    found = problems(result)
    assert {number: sorted(names) for number, names in found.items()} == {
        3: ["category", "currency", "lead_time_days", "name", "unit_price"],
        5: ["sku"],
        6: ["unit_price"],
    }
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("header", "said"),
    [
        pytest.param(["sku"], "missing: name", id="a needed column is missing"),
        pytest.param(["sku", "name", "colour"], "not known: colour", id="a column nobody knows"),
        pytest.param(["sku", "name", "name"], "twice: name", id="a column that stands twice"),
    ],
)
def test_columns_that_do_not_fit_are_named(manager, header, said):
    result = ItemResource().import_data(sheet(header, ["X"] * len(header)), user=manager)

    assert said in str(result.base_errors[0].error)
    assert not Item.objects.exists()


def test_a_preview_tells_what_would_happen_and_does_nothing(manager):
    result = ItemResource().import_data(sheet(["sku", "name"], ["BOLT", "Bolt"]), user=manager, dry_run=True)

    assert result.totals["new"] == 1
    assert not Item.objects.exists()


def test_new_items_cost_the_same_queries_for_one_as_for_thirty(manager):
    def take(numbers):
        rows = [[f"ITEM-{number}", "Bolt", "EA"] for number in numbers]
        ItemResource().import_data(sheet(["sku", "name", "unit"], *rows), user=manager)

    take([0])
    one = count_queries(lambda: take([1]))

    assert count_queries(lambda: take(range(2, 32))) == one
    assert Item.objects.get(sku="ITEM-31").valuation.quantity == 0


def test_children_may_stand_before_their_parents(manager):
    CategoryResource().import_data(
        sheet(
            ["slug", "name", "parent"],
            ["bolts", "Bolts", "fasteners"],
            ["fasteners", "Fasteners", "hardware"],
            ["hardware", "Hardware", ""],
        ),
        user=manager,
    )

    bolts = Category.objects.get(slug="bolts")
    assert bolts.parent.parent.slug == "hardware"


def test_a_circle_of_parents_is_refused(manager):
    result = CategoryResource().import_data(
        sheet(["slug", "name", "parent"], ["a", "A", "b"], ["b", "B", "a"]), user=manager
    )

    assert problems(result)
    assert not Category.objects.exists()


def test_a_virtual_location_is_not_changed_by_a_file(manager):
    result = LocationResource().import_data(
        sheet(["code", "name", "kind"], ["@scrap", "Junk", "bin"], ["B1", "Bin 1", "bin"]), user=manager
    )

    assert problems(result)[2]["code"]
    assert Location.objects.get(kind=LocationKind.SCRAP).name == "Scrap"
    assert not Location.objects.filter(code="B1").exists()


def test_a_file_of_opening_stock_is_posted_once(manager):
    bolt, shelf = ItemFactory(sku="BOLT"), LocationFactory(code="W1")
    syrup = ItemFactory(sku="SYRUP", tracking="lot", unit_id="LTR")
    file = [
        ["sku", "location", "lot", "expires_on", "quantity", "unit_cost"],
        ["BOLT", "W1", "", "", "10", "2.50"],
        ["SYRUP", "W1", "L1", "2031-07-15", "4.5", "3"],
    ]

    first = BalanceResource().import_data(sheet(*file), user=manager)
    second = BalanceResource().import_data(sheet(*file), user=manager)

    assert first.totals["new"] == 2
    assert second.totals["skip"] == 2
    assert on_hand(bolt, shelf) == 10
    assert on_hand(syrup, shelf) == Decimal("4.5")
    assert StockMovement.objects.count() == 2


def test_bad_rows_of_opening_stock_are_told_at_once_and_nothing_is_posted(manager):
    LocationFactory(code="W1")
    ItemFactory(sku="BOLT")
    ItemFactory(sku="PAIR", unit_id="PR")
    ItemFactory(sku="SYRUP", tracking="lot")

    result = BalanceResource().import_data(
        sheet(
            ["sku", "location", "lot", "quantity"],
            ["BOLT", "W1", "", "10"],
            ["GHOST", "W9", "", "many"],
            ["PAIR", "W1", "", "1.5"],
            ["SYRUP", "W1", "", "5"],
            ["BOLT", "W1", "", "10"],
        ),
        user=manager,
    )

    assert {number: sorted(names) for number, names in problems(result).items()} == {
        3: ["location", "quantity", "sku"],
        4: ["quantity"],
        5: ["lot"],
        6: ["location"],
    }
    assert not StockMovement.objects.exists()


def test_what_an_export_calls_a_formula_no_spreadsheet_runs(manager):
    bolt, shelf = ItemFactory(sku="BOLT", name="=HYPERLINK(1)"), LocationFactory()
    stock(bolt, shelf, 5, reference="+1", reason="-2", by=manager)

    text = Csv().export_data(MovementResource().export(StockMovement.objects.all())).decode("utf-8-sig")

    header, row = text.splitlines()
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    assert cells["name"] == "'=HYPERLINK(1)"
    assert cells["reference"] == "'+1"
    assert cells["reason"] == "'-2"
    assert cells["quantity"] == "5"
