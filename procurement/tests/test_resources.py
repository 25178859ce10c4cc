from decimal import Decimal

import pytest

from inventory.tests.factories import ItemFactory, LocationFactory
from ipms.sheets import Csv
from ipms.testing.back_office import count_queries
from ipms.testing.sheets import bring_in
from procurement import ordering
from procurement.models import OrderStatus, PurchaseOrder
from procurement.resources import OrderResource
from procurement.tests.factories import line, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

HEADER = ["supplier", "reference", "item", "quantity", "unit_price", "tax_rate", "deliver_to"]


@pytest.fixture
def _masters():
    SupplierFactory(code="STEEL")
    ItemFactory(sku="BOLT")
    ItemFactory(sku="NUT")
    LocationFactory(code="W1")


def take(user, *rows, header=HEADER, **how):
    return bring_in(OrderResource, header, *rows, by=user, **how)


def problems(result):
    return {number: sorted(found) for number, found in result.problems.items()}


@pytest.mark.usefixtures("_masters")
def test_rows_of_one_reference_are_one_order(staff):
    take(
        staff,
        ["steel", "Q-1", "bolt", "10", "2.50", "18", "W1"],
        ["steel", "Q-2", "NUT", "5", "1", "", ""],
        ["steel", "Q-1", "NUT", "3", "1", "", "W1"],
    )

    first, second = PurchaseOrder.objects.order_by("id")
    assert (first.reference, first.status, first.created_by) == ("Q-1", OrderStatus.PENDING, staff)
    assert (first.total_amount, first.lines.count()) == (Decimal("32.50"), 2)
    assert (second.reference, second.total_amount) == ("Q-2", Decimal(5))


@pytest.mark.usefixtures("_masters")
def test_a_file_that_comes_twice_makes_no_order_twice(staff):
    rows = [["STEEL", "Q-1", "BOLT", "10", "2.50", "", ""], ["STEEL", "Q-1", "NUT", "3", "1", "", ""]]
    take(staff, *rows)

    result = take(staff, *rows)

    assert result.counts["unchanged"] == 2
    assert PurchaseOrder.objects.count() == 1


@pytest.mark.usefixtures("_masters")
def test_a_known_reference_with_other_lines_is_refused(staff):
    take(staff, ["STEEL", "Q-1", "BOLT", "10", "2.50", "", ""])

    result = take(staff, ["STEEL", "Q-1", "BOLT", "12", "2.50", "", ""])

    assert problems(result) == {2: ["reference"]}
    assert PurchaseOrder.objects.get().total_amount == 25


@pytest.mark.usefixtures("_masters")
def test_the_reference_of_a_cancelled_order_is_free_again(staff):
    row = ["STEEL", "Q-1", "BOLT", "10", "2.50", "", ""]
    take(staff, row)
    ordering.cancel(PurchaseOrder.objects.get(), by=staff, reason="Wrong file")

    take(staff, row)

    assert PurchaseOrder.objects.count() == 2


@pytest.mark.usefixtures("_masters")
def test_bad_rows_of_all_orders_are_told_at_once_and_sound_orders_are_placed(staff):
    SupplierFactory(code="HELD", on_hold=True)
    ItemFactory(sku="PAIR", unit_id="PR")

    result = take(
        staff,
        ["STEEL", "Q-1", "BOLT", "10", "2.50", "", "W1"],
        ["STEEL", "Q-1", "NUT", "3", "1", "", ""],
        ["HELD", "Q-2", "BOLT", "1", "1", "", ""],
        ["STEEL", "Q-3", "PAIR", "1.5", "-1", "120", ""],
        ["GHOST", "", "NONE", "x", "", "", "W9"],
        ["STEEL", "Q-4", "BOLT", "1", "1", "", ""],
        ["STEEL", "Q-5", "BOLT", "1", "1", "", ""],
        ["STEEL", "Q-5", "NUT", "many", "1", "", ""],
    )

    assert problems(result) == {
        2: [""],
        3: ["deliver_to"],
        4: ["supplier"],
        5: ["quantity", "tax_rate", "unit_price"],
        6: ["deliver_to", "item", "quantity", "reference", "supplier", "unit_price"],
        8: [""],
        9: ["quantity"],
    }
    assert [order.reference for order in PurchaseOrder.objects.all()] == ["Q-4"]


@pytest.mark.usefixtures("_masters")
def test_orders_of_a_file_are_cancelled_where_it_is_undone(staff):
    result = take(
        staff, ["STEEL", "Q-1", "BOLT", "10", "2.50", "", ""], ["STEEL", "Q-1", "NUT", "1", "1", "", ""]
    )

    kept = OrderResource().undo(result.traces, by=staff)

    assert kept == []
    assert PurchaseOrder.objects.get().status == OrderStatus.CANCELLED


@pytest.mark.usefixtures("_masters")
def test_a_preview_takes_no_number(staff):
    take(staff, ["STEEL", "Q-1", "BOLT", "10", "2.50", "", ""], dry_run=True)

    assert not PurchaseOrder.objects.exists()
    assert order().po_number.endswith("-00001")


@pytest.mark.usefixtures("_masters")
def test_an_import_costs_the_same_queries_for_one_order_as_for_thirty(staff):
    def rows(numbers):
        return [["STEEL", f"Q-{number}", "BOLT", "10", "2.50", "", "W1"] for number in numbers]

    take(staff, *rows([0]))
    one = count_queries(lambda: take(staff, *rows([1])))

    assert count_queries(lambda: take(staff, *rows(range(2, 32)))) == one


def test_an_export_has_a_row_for_each_line():
    made = order(line(ItemFactory(sku="BOLT"), quantity="2.5"), line(), reference="@Q-1")

    content = Csv().export_data(OrderResource().export(PurchaseOrder.objects.all())).decode("utf-8-sig")

    header, first, second = [row.split(",") for row in content.splitlines()]
    cells = dict(zip(header, first, strict=True))
    assert (cells["po_number"], cells["reference"], cells["item"]) == (made.po_number, "'@Q-1", "BOLT")
    assert (cells["quantity"], cells["line_total"], cells["outstanding"]) == ("2.5", "5", "2.5")
    assert len(second) == len(header)
