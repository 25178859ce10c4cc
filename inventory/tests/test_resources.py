from decimal import Decimal

import pytest

from inventory import counting
from inventory import stock as stores
from inventory.count_scope import Scope
from inventory.models import Category, Item, Location, LocationKind, StockMovement, UnitOfMeasure
from inventory.resources import (
    BalanceResource,
    CategoryResource,
    CountResource,
    ItemResource,
    LocationResource,
    MovementResource,
    UnitResource,
)
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, on_hand, stock
from ipms.sheets import Csv
from ipms.testing.back_office import count_queries
from ipms.testing.sheets import bring_in

pytestmark = pytest.mark.django_db


def test_items_are_made_and_changed_by_their_sku(manager):
    raw, shelf = CategoryFactory(slug="raw"), LocationFactory(code="W1")
    ItemFactory(sku="NUT", name="Nut", unit_price=1)

    result = bring_in(
        ItemResource,
        ["sku", "name", "category", "location", "unit", "unit_price", "tracking", "is_active"],
        ["BOLT", "Bolt", "RAW", "w1", "kgm", "2.50", "lot", "yes"],
        ["nut", "Wing nut", "", "", "", "1.25", "none", "no"],
        by=manager,
    )

    assert result.counts["new"] == 1
    assert result.counts["changed"] == 1
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
    bring_in(ItemResource, *file, by=manager)
    before = Item.objects.get(sku="BOLT").updated_at

    result = bring_in(ItemResource, *file, by=manager)

    assert result.counts["unchanged"] == 1
    assert Item.objects.get(sku="BOLT").updated_at == before


def test_all_bad_rows_are_told_at_once_and_the_others_come_in(manager):
    result = bring_in(
        ItemResource,
        ["sku", "name", "category", "unit_price", "lead_time_days", "currency"],
        ["BOLT", "Bolt", "", "1", "3", "USD"],
        ["NUT", "", "nowhere", "cheap", "1.5", "XYZ"],
        ["bolt", "Bolt again", "", "1", "", ""],
        ["RIVET", "Rivet", "", "-1", "", ""],
        by=manager,
    )

    assert {number: sorted(names) for number, names in result.problems.items()} == {
        3: ["category", "currency", "lead_time_days", "name", "unit_price"],
        4: ["sku"],
        5: ["unit_price"],
    }
    assert [item.sku for item in Item.objects.all()] == ["BOLT"]


def test_levels_of_known_items_are_changed_without_their_names(manager):
    ItemFactory(sku="BOLT", name="Bolt")

    result = bring_in(ItemResource, ["sku", "reorder_level"], ["BOLT", "5"], ["NUT", "5"], by=manager)

    assert result.problems == {3: {"name": ["This cell is empty: a new record needs it."]}}
    bolt = Item.objects.get()
    assert (bolt.name, bolt.reorder_level) == ("Bolt", 5)


def test_a_unit_that_was_misspelt_is_guessed_and_a_name_will_do(manager):
    result = bring_in(
        ItemResource,
        ["sku", "name", "unit"],
        ["SUGAR", "Sugar", "Kgs"],
        ["SALT", "Salt", "kilogram"],
        by=manager,
    )

    assert result.problems == {2: {"unit": ["There is no unit of measure “Kgs”. Did you mean KGM?"]}}
    assert Item.objects.get().unit_id == "KGM"


def test_new_items_come_with_what_stands_of_them(manager):
    shelf = LocationFactory(code="W1")
    file = [
        ["sku", "name", "location", "unit", "opening_quantity", "opening_unit_cost"],
        ["BOLT", "Bolt", "W1", "EA", "10", "2.50"],
        ["NUT", "Nut", "", "EA", "10", ""],
        ["PIN", "Pin", "W1", "PR", "1.5", ""],
        ["RIVET", "Rivet", "W1", "EA", "", ""],
    ]

    result = bring_in(ItemResource, *file, by=manager)
    again = bring_in(ItemResource, *file, by=manager)

    assert {number: list(names) for number, names in result.problems.items()} == {
        3: ["location"],
        4: ["opening_quantity"],
    }
    bolt = Item.objects.get(sku="BOLT")
    assert (on_hand(bolt, shelf), bolt.valuation.value) == (10, 25)
    assert Item.objects.filter(sku="RIVET").exists()
    assert not Item.objects.filter(sku__in=["NUT", "PIN"]).exists()
    assert again.counts["unchanged"] == 2
    assert StockMovement.objects.count() == 1


def test_changed_items_cost_the_same_queries_for_one_as_for_thirty(manager):
    for number in range(31):
        ItemFactory(sku=f"ITEM-{number}")

    def change(numbers):
        rows = [[f"ITEM-{number}", "7", "lot"] for number in numbers]
        bring_in(ItemResource, ["sku", "reorder_level", "tracking"], *rows, by=manager)

    change([0])
    ItemFactory(sku="ITEM-31")
    one = count_queries(lambda: change([31]))

    assert count_queries(lambda: change(range(1, 31))) == one
    assert Item.objects.get(sku="ITEM-30").reorder_level == 7


def test_the_tracking_of_what_stands_on_a_shelf_is_not_changed(manager):
    bolt = ItemFactory(sku="BOLT")
    stock(bolt, LocationFactory(), 5)
    ItemFactory(sku="NUT")

    result = bring_in(ItemResource, ["sku", "tracking"], ["BOLT", "lot"], ["NUT", "lot"], by=manager)

    assert list(result.problems) == [2]
    assert Item.objects.get(sku="NUT").tracking == "lot"


def test_what_an_import_made_is_deleted_where_nobody_touched_it(manager):
    result = bring_in(
        ItemResource, ["sku", "name"], ["BOLT", "Bolt"], ["NUT", "Nut"], ["PIN", "Pin"], by=manager
    )
    Item.objects.filter(sku="NUT").update(name="Wing nut")
    stock(Item.objects.get(sku="PIN"), LocationFactory(), 1)

    kept = ItemResource().undo(result.traces, by=manager)

    assert sorted((one.row, one.reason) for one in kept) == [
        (3, "It was changed since: name."),
        (4, "PIN has stock movements or orders: deactivate it instead."),
    ]
    assert sorted(item.sku for item in Item.objects.all()) == ["NUT", "PIN"]


def test_what_an_import_changed_is_put_back_where_nobody_changed_it_since(manager):
    raw, spare = CategoryFactory(slug="raw"), CategoryFactory(slug="spare")
    ItemFactory(sku="BOLT", name="Bolt", reorder_level=1, category=raw)
    result = bring_in(
        ItemResource,
        ["sku", "name", "reorder_level", "category"],
        ["BOLT", "Hexagon bolt", "5", "spare"],
        by=manager,
    )
    assert Item.objects.get().category == spare
    Item.objects.update(reorder_level=9)

    kept = ItemResource().undo(result.traces, by=manager)

    bolt = Item.objects.get()
    assert (bolt.name, bolt.reorder_level, bolt.category) == ("Bolt", 9, raw)
    assert [one.reason for one in kept] == ["It was changed since: reorder level."]


def test_opening_balances_are_taken_back_by_reversal(manager):
    bolt, nut, shelf = ItemFactory(sku="BOLT"), ItemFactory(sku="NUT"), LocationFactory(code="W1")
    result = bring_in(
        BalanceResource, ["sku", "location", "quantity"], ["BOLT", "W1", "10"], ["NUT", "W1", "4"], by=manager
    )
    stores.remove(nut, quantity=Decimal(1), location=shelf, by=manager)

    kept = BalanceResource().undo(result.traces, by=manager)

    assert (on_hand(bolt, shelf), on_hand(nut, shelf)) == (0, 3)
    assert [one.row for one in kept] == [3]
    assert StockMovement.objects.filter(kind="reversal").count() == 1


def test_figures_of_a_count_come_from_a_file(manager):
    bolt, shelf = ItemFactory(sku="BOLT"), LocationFactory(code="W1")
    stock(bolt, shelf, 10)
    count = counting.create(Scope(location=shelf), by=manager)

    result = bring_in(
        CountResource,
        ["count", "sku", "counted"],
        [count.number, "BOLT", "9"],
        [count.number, "GHOST", "1"],
        by=manager,
    )

    assert list(result.problems) == [3]
    assert count.lines.get().counted_quantity == 9


def test_units_come_from_a_file(manager):
    result = bring_in(
        UnitResource, ["code", "name", "decimals"], ["BX", "box", "0"], ["XX", "odd", "9"], by=manager
    )

    assert list(result.problems) == [3]
    assert UnitOfMeasure.objects.get(code="BX").name == "box"


def test_a_preview_tells_what_would_happen_and_does_nothing(manager):
    result = bring_in(ItemResource, ["sku", "name"], ["BOLT", "Bolt"], by=manager, dry_run=True)

    assert result.counts["new"] == 1
    assert not Item.objects.exists()


def test_new_items_cost_the_same_queries_for_one_as_for_thirty(manager):
    def take(numbers):
        rows = [[f"ITEM-{number}", "Bolt", "EA"] for number in numbers]
        bring_in(ItemResource, ["sku", "name", "unit"], *rows, by=manager)

    take([0])
    one = count_queries(lambda: take([1]))

    assert count_queries(lambda: take(range(2, 32))) == one
    assert Item.objects.get(sku="ITEM-31").valuation.quantity == 0


def test_children_may_stand_before_their_parents(manager):
    bring_in(
        CategoryResource,
        ["slug", "name", "parent"],
        ["bolts", "Bolts", "fasteners"],
        ["fasteners", "Fasteners", "hardware"],
        ["hardware", "Hardware", ""],
        by=manager,
    )

    bolts = Category.objects.get(slug="bolts")
    assert bolts.parent.parent.slug == "hardware"


def test_a_circle_of_parents_is_refused(manager):
    result = bring_in(
        CategoryResource, ["slug", "name", "parent"], ["a", "A", "b"], ["b", "B", "a"], by=manager
    )

    assert result.problems
    assert not Category.objects.exists()


def test_a_virtual_location_is_not_changed_by_a_file(manager):
    result = bring_in(
        LocationResource,
        ["code", "name", "kind"],
        ["@scrap", "Junk", "bin"],
        ["B1", "Bin 1", "bin"],
        by=manager,
    )

    assert result.problems[2]["code"]
    assert Location.objects.get(kind=LocationKind.SCRAP).name == "Scrap"
    assert Location.objects.filter(code="B1").exists()


def test_a_file_of_opening_stock_is_posted_once(manager):
    bolt, shelf = ItemFactory(sku="BOLT"), LocationFactory(code="W1")
    syrup = ItemFactory(sku="SYRUP", tracking="lot", unit_id="LTR")
    file = [
        ["sku", "location", "lot", "expires_on", "quantity", "unit_cost"],
        ["BOLT", "W1", "", "", "10", "2.50"],
        ["SYRUP", "W1", "L1", "2031-07-15", "4.5", "3"],
    ]

    first = bring_in(BalanceResource, *file, by=manager)
    second = bring_in(BalanceResource, *file, by=manager)

    assert first.counts["new"] == 2
    assert second.counts["unchanged"] == 2
    assert on_hand(bolt, shelf) == 10
    assert on_hand(syrup, shelf) == Decimal("4.5")
    assert StockMovement.objects.count() == 2


def test_bad_rows_of_opening_stock_are_told_at_once_and_the_others_are_posted(manager):
    LocationFactory(code="W1")
    ItemFactory(sku="BOLT")
    ItemFactory(sku="PAIR", unit_id="PR")
    ItemFactory(sku="SYRUP", tracking="lot")

    result = bring_in(
        BalanceResource,
        ["sku", "location", "lot", "quantity"],
        ["BOLT", "W1", "", "10"],
        ["GHOST", "W9", "", "many"],
        ["PAIR", "W1", "", "1.5"],
        ["SYRUP", "W1", "", "5"],
        ["BOLT", "W1", "", "10"],
        by=manager,
    )

    assert {number: sorted(names) for number, names in result.problems.items()} == {
        3: ["location", "quantity", "sku"],
        4: ["quantity"],
        5: ["lot"],
        6: ["sku"],
    }
    assert [movement.item.sku for movement in StockMovement.objects.all()] == ["BOLT"]


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
